"""What a trainee's words do beside asking: signals, signs of distress, attacks. Pure patterns.

The lists are plain regular expressions over normal text (`engine.words.normal`), so that an
instructor can be told exactly why a signal counted.
"""

import re
from collections.abc import Callable, Mapping

from engine.words import STOP, asks, normal, parts, says, sentences, stretches

_OPEN = (
    r"^(?:so |and |but |ok |okay |well |right )*(?:what|how|why|tell me|describe|"
    r"help me understand|"
    r"walk me through|talk me through|could you (?:tell|describe|explain|say)|can you (?:tell|"
    r"describe|"
    r"explain|say)|would you (?:tell|describe|mind telling)|in what way|say more)\b"
)
_CLOSED = (
    r"^(?:so |and |but |ok |okay |well |right )*(?:do|does|did|is|are|was|were|have|has|had|can|"
    r"could|will|"
    r"would|any|when|where|who|which|how (?:many|much|long|often|old))\b"
)

_SO = r"^(?:so |and |but |ok |okay |well |right |yes |yeah |oh |hm |mm |i see )*"
_HEAVY = (
    r"(?:hard|tough|difficult|scary|frightening|frustrating|worrying|painful|exhausting|stressful|"
    r"upsetting|lonely|overwhelming|awful|terrible|rough|heavy|long|tiring|bad|sad|horrible|a lot)"
)

_PATTERNS: Mapping[str, str] = {
    "greeting": r"^(?:hi|hiya|hello|hullo|hey|good (?:morning|afternoon|evening|day)|welcome|"
    r"(?:it is )?(?:nice|good|lovely) to (?:meet|see)|(?:morning|afternoon|evening)"
    r"(?:$| (?:to you|all|everyone|everybody|there|mr|mrs|ms|miss|dr|doctor|sir|madam)\b))\b",
    "introduction": r"\b(?:my name(?: is)? \w+|i am (?:dr|doctor|nurse|sister|one of the|a "
    r"(?:student|"
    r"social worker|"
    r"nurse|doctor|medical|trainee)|the (?:doctor|nurse|social worker|scheduler))|i am \w+ "
    r"(?:from|and i am|one of)|i work (?:for|with|as)|you are (?:speaking|through) "
    r"(?:with|to)|this is \w+(?: \w+)? from)\b",
    "thanks": r"\b(?:thank you|thanks|i appreciate)\b",
    "farewell": r"\b(?:goodbye|good bye|bye|cheerio|good night|all the best|speak soon|take care|"
    r"see you (?:soon|then|later|next|tomorrow)|"
    r"have a (?:good|nice))\b",
    "empathy": r"\b(?:(?:sounds|must be|must have been|must feel|seems|i can imagine|"
    r"i imagine)\b.*\b(?:hard|"
    r"tough|difficult|scary|frightening|frustrating|worrying|painful|exhausting|stressful|"
    r"uncomfortable|unpleasant|annoying|disappointing|unsettling|shocking|horrible|rough|tiring|"
    r"upsetting|lonely|"
    r"overwhelming|awful|terrible|a lot|worried|scared|frustrated)|i (?:can )?(?:see|hear|"
    r"understand|"
    r"realise|realize) (?:that )?(?:this|it|you|how|why)\b.*|i am (?:so |really |"
    r"very )?sorry (?:to hear|"
    r"that|you are|you have|about|this)|that (?:is|sounds|must) (?:really |very |so )?(?:hard|"
    r"tough|"
    r"difficult|scary|frightening|frustrating|upsetting))",
    "reflection": _SO
    + r"(?:(?:it |that |this )?(?:sounds|seems|feels|looks) (?:to me )?(?:like|as)|"
    r"you feel|you are (?:feeling|worried|saying|"
    r"afraid)|you (?:said|"
    r"mentioned|told me)|it seems (?:that|to me)|what i am hearing|if i (?:hear|"
    r"understand) you|"
    r"i hear (?:that )?you|you have been feeling|part of you|on (?:the )?one hand)\b|"
    r"^(?:and |but |ok |okay |well |right )*so you\b"
    r"(?! (?:should|must|need to|have to|ought|can|could)\b)",
    "validation": r"\b(?:it makes sense|that makes sense|"
    r"(?:anyone|anybody|everyone|everybody) would(?:$| (?:not )?(?:be|feel|find|want|worry|"
    r"struggle|"
    r"have|do|react|say|think|get|need)\b)|understandable|it is (?:normal|natural|ok|okay|good|"
    r"brave) (?:to|that)|"
    r"you did the right thing|"
    r"i am glad you (?:told|came|called|said|shared)|not (?:your fault|silly|stupid)|"
    r"that took courage)\b",
    "summary": r"\b(?:let me (?:summari[sz]e|recap|check i|repeat|see if i|read (?:that|"
    r"it) back)|to summari[sz]e|"
    r"in summary|to recap|just to recap|so far (?:you|we|i)|what i have so far|have i (?:got|"
    r"understood) "
    r"(?:that|it|this|you)|did i get (?:that|it) right|to sum up|my recommendation)\b",
    "permission": r"\b(?:is it (?:ok|okay|all right|alright) if|may i|would it be (?:ok|okay|"
    r"all right|alright)|"
    r"would you mind if|do you mind if|are you happy for me|is that (?:ok|okay|all right|alright)|"
    r"can i ask you)\b",
    "apology": r"\b(?:i apologi[sz]e|my apologies|i am sorry for (?:the|this|that|keeping|any)|"
    r"sorry about "
    r"(?:the|this|that)|sorry for (?:the|this|that|keeping)|sorry (?:that was|i (?:was|said|"
    r"should|did|kept)))\b",
    "advice": r"\b(?:you (?:should|must|need to|have to|ought to)|why do not you|if i were you|"
    r"you had better|i would advise|my advice)\b",
    "judgement": r"\b(?:why did not you|how could you|you should not have|you should have|"
    r"that (?:is|was) "
    r"(?:stupid|silly|wrong|irresponsible|your own fault|your fault|ridiculous)|you are (?:lying|"
    r"overreacting|"
    r"being (?:difficult|silly|dramatic))|what is wrong with you|bad (?:mother|father|parent))\b",
    "dismissal": r"\b(?:calm down|it is nothing|nothing to worry about|do not worry about it|"
    r"you are fine|"
    r"you will be fine|get over it|not a big deal|others have it worse|just relax)\b|"
    r"^(?:(?:oh|well|yeah|yes|ok|okay|fine|right|so) )*whatever(?: you (?:say|think))?$|"
    r"\bor whatever$",
    "pressure": r"\b(?:(?:just )?tell me (?:everything|all of it|the truth|what you are hiding)|"
    r"you have to tell "
    r"me|answer (?:me|the question)|stop (?:lying|hiding)|i know you are (?:hiding|lying)|"
    r"hurry up|i do not have (?:all day|time))\b",
    "confidentiality": r"\b(?:confidential(?:ity|ly)?|in confidence|between (?:us|you and me|"
    r"the two of us|ourselves)|stays? (?:here|private|secret|between|"
    r"(?:in|within|inside) (?:this|these|the|our) (?:\w+ )?(?:room|walls|team|bay))|privacy|"
    r"(?:nobody|no one|not anybody|not anyone)(?: else)? (?:will|has to|needs to|is going to|gets "
    r"to|would) (?:hear|know|find out|be told|learn)|goes no further|"
    r"(?:does|will|is) not (?:leave|go(?:ing)? (?:beyond|outside|any further)|get(?:ting)? out)"
    r"(?: (?:of )?(?:this|these|the) (?:room|walls|team|bay))?|"
    r"(?:will|would|do) not (?:tell|pass it on to|share (?:it|this|that) with) (?:anybody|anyone|"
    r"your \w+|the police)|"
    r"who (?:i|we) (?:share|tell)|keep (?:this|it|that|what you (?:say|tell me)) (?:private|"
    r"to (?:myself|ourselves)|between us))\b",
    "safety_net": r"\b(?:if (?:it|things|the \w+|you|anything|this|that|she|he|"
    r"they)\b.*\b(?:worse|worsens?|"
    r"changes?|comes? back|happens?|get|gets|start|starts|feel|notice|need)\b.*\b(?:call|ring|"
    r"press|come|go|"
    r"tell|dial|contact|let)|call (?:me|us|999|911|112|the)|come (?:back|straight))\b",
    "jargon": r"\b(?:myocardial|infarction|dyspnoea|dyspnea|orthopnoea|syncope|diaphoresis|"
    r"nstemi|stemi|acs|"
    r"haemoptysis|tachycardi\w*|bradycardi\w*|paraesthesia|oedema|psychosocial|ideation|"
    r"comorbidit\w*|"
    r"bilateral|radiat(?:e|es|ing|ion)|etiology|aetiology|ebitda|dns|dhcp|ipsec|mtu)\b",
}
_COMPILED = {signal: re.compile(pattern) for signal, pattern in _PATTERNS.items()}
_OPEN_RE, _CLOSED_RE = re.compile(_OPEN), re.compile(_CLOSED)

_NAME = r"(?:[A-Z][\w'\u2019-]+\.? ?){1,4}"
_ROLE = (
    r"(?:doctor|nurse|midwife|student|registrar|consultant|surgeon|intern|physician|social worker|"
    r"support worker|case ?worker|scheduler|operator|trainee|therapist|pharmacist|engineer|"
    r"technician|agent|adviser|advisor|consultant|manager|colleague)s?"
)
_NAMED = re.compile(
    r"(?:^|[,.!;]\s*|\b(?i:hi|hiya|hello|hey|morning|afternoon|evening|so|well|okay|ok) )"
    rf"(?:I am|I['\u2019]m|[Mm]y name['\u2019]s|[Tt]his is) (?!(?:OK|Okay|Sorry|Not)\b){_NAME}"
    r"(?=$|[,.;!]|and\b|from\b|with\b|here\b|your\b|one of\b|the\b)|"
    r"(?<!that )\b(?i:i am|i['\u2019]m) (?!(?i:sorry|afraid|sure|glad|not|here)\b)\w+(?: "
    r"\w+){0,2},? "
    rf"(?i:the|an?|your|one of (?:the|our|your)) (?:\w+ ){{0,3}}?(?i:{_ROLE})\b"
)
"""Somebody says who they are. Reads the text as written: a name is told by its capital."""
_GREETED = re.compile(
    r"^(?:[Mm]orning|[Aa]fternoon|[Ee]vening)(?: [A-Z]|,(?! ?(?:or|and|not|then|please)\b)|[.!])"
)
_ABOUT_THEM = re.compile(
    _SO
    + r"you (?:(?:are|were|have been|still feel|felt) (?:(?:so|very|really|just|still|also|both|"
    r"quite|"
    r"pretty|clearly|a bit|a little|all|completely) )*"
    r"(?:\w+(?:ed|n) (?:of|by|about|with|at|up|out|apart)|tired|sick of|exhausted|worn out|scared|"
    r"frightened|anxious|nervous|angry|cross|sad|upset|lonely|alone|ashamed|embarrassed|guilty|"
    r"shocked|stunned|devastated|terrified|furious|annoyed|disappointed|heartbroken|grieving|"
    r"trapped|"
    r"drained|afraid|worried|fed up|on your own|frustrated|confused|lost|stuck|torn|hurt|unsure|"
    r"not sure|hopeful|relieved|proud|keen|"
    r"desperate|overwhelmed|stressed|struggling|trying|hoping|wondering|missing|carrying|coping|"
    r"managing|dreading|doing your best|doing (?:all|everything)|in (?:pain|two minds|the middle)|"
    r"under (?:a lot|so much|pressure)|at (?:the|your) (?:end|limit|wits))\b|"
    r"have (?:really |just |all |both )*(?:had (?:(?:an?|such an?|some|so many|quite an?) "
    r")*(?:\w+ )?"
    rf"(?:{_HEAVY}|enough|so much|nobody|no one|no help|no sleep)\b|been (?:through|"
    r"(?!taking|given|told|booked|seen|referred)\w+ing)\b|lost\b|tried\b|come a long way|"
    r"(?:got )?(?:so much|a lot|too much) (?:on|to carry|to deal|going on)|given up|carried\b|"
    r"put up with)|"
    r"(?:really |just |also |do |only |still )*(?:feel|want|wanted|wish|wished|hope|hoped|miss|"
    r"love|"
    r"loved|hate|fear|worry|worried|care|wonder|dread|struggle|would like|would rather|long for|"
    r"can not (?:see|face|sleep|go on|imagine|let)|do not (?:want|feel|see|trust|like|believe)|"
    r"find (?:it|that|this))\b)|"
    + _SO
    + r"(?:it|that|this|things|these \w+) (?:is|are|has|have|was|were|must have|must)"
    r"(?: been| be)? (?:(?:an?|so|very|really|such|quite|just) )*"
    rf"(?:{_HEAVY})\b.*\b(?:for|on|to) (?:you|both of you|all of you)\b"
)
"""A statement that says back how somebody feels, what they went through or what they want."""
_OTHERS_FEEL = re.compile(
    r"^(?!(?:(?:so|and|but|ok|well) )*(?:how|do|does|did|are|were|is|have|has|can|would|if)\b).*"
    r"\b(?:many|most|a lot of|lots of|plenty of|other|some|so many) (?:other )?"
    r"(?:people|patients|parents|families|men|women|mothers|fathers|carers|others|of us|customers)"
    r"\b(?: \w+){0,4} (?:feel|find|struggle|worry|say|think|tell|have (?:the same|those|these|"
    r"that)|"
    r"go through|would|(?:are|get|be) (?:afraid|scared|worried|anxious|nervous|frightened|upset|"
    r"frustrated|confused|tired))\b"
)
_LEADS = re.compile(
    r"(?<=\w )(?:is|are|was|were|do|does|did|have|has|had|can|could|would|will|should) not "
    r"(?:it|you|he|she|they|that|there)$|"
    r"\b(?:not|never|no)\b.* (?:is|are|was|were|do|does|did|have|has|had|can|will|would) "
    r"(?:it|you|he|she|they|there)$|"
    r"^(?:so |and |but )*(?:do|would) not you (?:think|agree|feel|find)\b"
)
_CHECKS_BACK = re.compile(
    r"\b(?:(?:have|had|did|do|am|was) i|is (?:that|this|it|all that|everything)|are (?:these|"
    r"those)|"
    r"i (?:have )?(?:got|get|understood|understand|heard|hear)|all|is|are|the|on) (?:\w+ ){0,3}?"
    r"(?:right|correct)$|^(?:right|correct|all right)$"
)
_NOT_SAID = re.compile(r"^(?:so |and |but )*you (?:do not|are not|have not|did not|never)\b")

SIGNALS = frozenset(
    {*_PATTERNS, "leading_question", "open_question", "closed_question", "multiple_questions"}
)
"""The signals recognised in any scenario; others need words of their own."""

_DISTRESS = re.compile(
    r"\bi (?:really |just |honestly )*(?:(?:want|am going|wish|need|plan|would like|feel like|"
    r"am thinking (?:of|about)|keep thinking (?:of|about)) (?:to )?(?:i (?:was|were) dead|"
    r"be dead|die|dying|"
    r"(?:kill|hurt|harm|cut)(?:ing)? myself|end(?:ing)? (?:it all|my life))|"
    r"(?:might|could|will) (?:kill|hurt|harm) myself|do not want to (?:live|be alive|"
    r"be here anymore|"
    r"wake up)|am (?:having a panic attack|not safe|really not ok(?:ay)? for real))\b|"
    r"\bthis is (?:too (?:much|real|close) for me|bringing (?:back|up) (?:my|bad|something)|"
    r"triggering|"
    r"not (?:a )?role ?play)\b|\bi need (?:to stop|real help|help for real)(?: for real| now|"
    r" please)?$|"
    r"\bi can not (?:do this|go on|carry on)(?: role ?play)? (?:any ?more|for real)\b|"
    r"\bi can not cope(?: with (?:this|it|life))?(?: any ?more)?$|"
    r"\bi (?:am |have been |have |keep |still )+(?:having |getting |had )?(?:suicidal\b|"
    r"thoughts (?:of|about) (?:suicide|(?:killing|hurting|harming) myself|ending))|"
    r"\bi (?:am|have been|keep) (?:thinking|feeling)(?: a lot)? (?:about|of|like) (?:suicide|"
    r"(?:killing|hurting|harming|cutting) myself|ending (?:it|my life))\b"
)
_OF_ONESELF = re.compile(r"(?:(?:sorry|honestly|please|look|ok|okay|but|and) )*i\b")
_QUOTED = re.compile(
    r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u2018[^\u2019]{12,}\u2019|(?<!\w)'[^']{12,}'(?!\w)"
)

_OF_THE_MACHINE = (
    r"(?:the |your |this |a |an |my )*(?:role ?play|role|character|chat|conversation|session|"
    r"scenario|"
    r"simulation|game|task|prompt|system|developers?|creators?|trainers?|above|beginning|start|"
    r"context|bot|model|ai)\b"
)
_ORDERED = (
    rf"instructions?\b(?! (?:for|on|after|before|from) (?!{_OF_THE_MACHINE})|"
    r" (?:that |which )?(?:(?:the|your) (?:doctor|nurse|gp|pharmacist|chemist|hospital|clinic|ward|"
    r"surgeon|consultant|midwife|leaflet|box|manager|boss|engineer|technician|shop|agent)|"
    r"(?:he|she|they) (?:gave|left|sent|wrote|told))\b| to (?:take|use)\b)"
)
"""Instructions that are not those of a doctor or a leaflet: "your instructions for taking it"."""
_ASKED_ABOUT = re.compile(
    r"\b(?:do|does|did|have|has|had) (?:you|he|she|it|they|people|anyone|the \w+)"
    r"(?: (?:ever|often|sometimes|just|always|usually))* "
    r"(?:ignore|disregard|forget|override|bypass|pretend|act)\b"
)
"""Asks whether somebody ever did so: "does it act as a filter?" orders nothing."""

_ATTACK = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass) (?:all |any |the |your |my |every |these |"
    r"those )*"
    rf"(?:previous |prior |above |earlier |current )*(?:{_ORDERED}|(?:rules?|prompts?|guidelines?|"
    r"programming|"
    r"restrictions?|directions?|training)\b)|"
    r"\b(?:system|developer|hidden|initial|secret) (?:prompt|message|instructions?|mode)\b|"
    r"\byour (?:prompt|programming|case file|scenario file)\b|"
    rf"\byour (?:guidelines|{_ORDERED})|"
    r"\b(?:show|tell|give|read|send|print|what is|reveal|paste)\b(?: \w+){0,3} your (?:own "
    r")?script\b|"
    r"\b(?:show|tell|give|read|print|reveal|paste|dump)\b(?: \w+){0,3} (?:your own|the) "
    r"configuration$|"
    r"\b(?:you are|are you|as) (?:an?|just an?|really an?|actually an?|only an?)? ?(?:ai|bot|"
    r"robot|chatbot|"
    r"language model|llm|computer|machine|program|actor|simulation|simulated patient)\b|"
    r"\b(?:jailbreak|do anything now|dan mode|god mode|debug mode|admin mode|sudo)\b|"
    r"\b(?:break|drop|leave|step out of|get out of|out of|stop playing) (?:your )?(?:character|"
    r"role)\b|"
    r"\b(?:print|reveal|repeat|show|output|dump|display|list|translate|encode) (?:me )?(?:all |"
    r"your |the |"
    rf"everything |any )*(?:{_ORDERED}|(?:prompt|hidden|secrets?|sealed|locked|facts|above|system|"
    r"rubric|"
    r"case notes|answer key|mark scheme)\b)|"
    r"\b(?:rubric|answer key|mark scheme|marking scheme|grading criteria|sealed facts?|"
    r"reference answer)\b|"
    r"\bpretend (?:that )?(?:you are|to be|i am|this is)\b|\bact as (?:a|an|my|if)\b|"
    r"\brole ?play as\b|"
    r"\bfrom now on (?:you|answer|respond|act)\b"
)
_MARKERS = re.compile(
    r"(?:^|\n)\s*(?:system|assistant|developer)\s*:|<\|[^|]*\|>|\[/?inst\]|<<sys>>|```|"
    r"\{\{.*?\}\}|#{3,}",
    re.IGNORECASE,
)


def signals_in(text: str) -> tuple[str, ...]:
    """The shared signals that a message shows, each once, in order of first sight."""
    found: list[str] = []
    for sentence in (piece for one in sentences(text) for piece in stretches(one)):
        plain = normal(sentence)
        shown = [name for name, one in _COMPILED.items() if one.search(plain)]
        if "confidentiality" in shown and "dismissal" in shown:
            shown.remove("dismissal")  # "nothing to worry about, it stays between us"
        found.extend(shown)
        found.extend(name for name, shows in _SHOWN.items() if shows(sentence, plain))
    questions = [part for part in parts(text) if asks(part)]
    found.extend(kind for kind in map(question_kind, questions) if kind)
    if len(questions) > 2:
        found.append("multiple_questions")
    return tuple(dict.fromkeys(found))


def _greets(sentence: str, plain: str) -> bool:
    first, *others = plain.split() or [""]
    alone = first in {"morning", "afternoon", "evening"} and len(others) == 1
    return bool(_GREETED.match(sentence)) or (
        alone and others[0] not in STOP and not sentence.rstrip().endswith("?")
    )


def _reflects(sentence: str, plain: str) -> bool:
    if sentence.rstrip().endswith("?") or _LEADS.search(plain):
        return False
    return bool(_ABOUT_THEM.match(plain))


def _leads(sentence: str, plain: str) -> bool:
    """Whether a sentence puts the answer into the other's mouth; to check back is no such thing."""
    if _LEADS.search(plain):
        return not plain.startswith("why ")
    asked = sentence.rstrip().endswith("?")
    if re.search(r"\b(?:right|correct)$", plain):
        marked = asked or re.search(r",\s*(?:right|correct)\W*$", sentence.lower())
        return bool(marked) and not _CHECKS_BACK.search(plain)
    return asked and bool(_NOT_SAID.match(plain))


_SHOWN: Mapping[str, Callable[[str, str], bool]] = {
    "greeting": _greets,
    "introduction": lambda sentence, _plain: bool(_NAMED.search(sentence)),
    "reflection": _reflects,
    "validation": lambda _sentence, plain: bool(_OTHERS_FEEL.match(plain)),
    "leading_question": _leads,
}
"""Signals that take more than a pattern: (the sentence as written, its normal form)."""


def question_kind(part: str) -> str:
    """`open_question`, `closed_question`, or nothing for what is neither."""
    plain = normal(part)
    if _CLOSED_RE.match(plain) and not _OPEN_RE.match(plain):
        return "closed_question"
    if re.match(r"^(?:so |and |but )*how (?:many|much|long|often|old)\b", plain):
        return "closed_question"
    return "open_question" if _OPEN_RE.match(plain) else ""


def is_distress(text: str, further: tuple[str, ...] = ()) -> bool:
    """Whether the writer, not somebody they quote or ask about, shows real distress."""
    own = _QUOTED.sub(" ", text)
    return any(
        (_DISTRESS.search(normal(sentence)) and not _asks_somebody(sentence))
        or any(says(sentence, sign) for sign in further)
        for sentence in sentences(own)
    )


def _asks_somebody(sentence: str) -> bool:
    """Whether a sentence puts such words to another: "Did you ever think: I want to die?"."""
    return sentence.rstrip().endswith("?") and not _OF_ONESELF.match(normal(sentence))


def is_stop(text: str, stop_word: str) -> bool:
    """Whether a message is the stop word: alone, as a part of its own, or with a few words."""
    plain, wanted = normal(text), normal(stop_word)
    pieces = {normal(piece).replace(" ", "") for piece in re.split(r"[,.;:!?\n]+", text)}
    if wanted.replace(" ", "") in pieces or not plain.replace(wanted, "").strip():
        return bool(plain)
    return says(text, stop_word) and len(plain.split()) <= len(wanted.split()) + 4


def is_attack(text: str) -> bool:
    """Whether a message tries to talk to the machine behind the character."""
    plain = _ASKED_ABOUT.sub(" ", normal(text))
    return bool(_ATTACK.search(plain) or _MARKERS.search(text) or _is_noise(text))


def _is_noise(text: str) -> bool:
    marks = sum(
        not (mark.isalnum() or mark.isspace() or mark in ".,!?'\u2019\"()-:;%$€£/&+")
        for mark in text
    )
    return len(text) >= 20 and marks > len(text) * 0.3
