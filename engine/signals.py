"""What a trainee's words do beside asking: signals, signs of distress, attacks. Pure patterns.

The lists are plain regular expressions over normal text (`engine.words.normal`), so that an
instructor can be told exactly why a signal counted.
"""

import re
from collections.abc import Mapping

from engine.words import asks, normal, parts, says, sentences

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

_PATTERNS: Mapping[str, str] = {
    "greeting": r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)|welcome|nice to meet)\b",
    "introduction": r"\b(?:my name is|i am (?:dr|doctor|nurse|sister|one of the|a (?:student|"
    r"social worker|"
    r"nurse|doctor|medical|trainee)|the (?:doctor|nurse|social worker|scheduler))|i am \w+ "
    r"(?:from|and i am|one of)|i work (?:for|with|as)|you are speaking (?:with|to)|"
    r"this is \w+ from)\b",
    "thanks": r"\b(?:thank you|thanks|i appreciate)\b",
    "farewell": r"\b(?:goodbye|good bye|bye|take care|see you (?:soon|then|later|next|tomorrow)|"
    r"have a (?:good|nice))\b",
    "empathy": r"\b(?:(?:sounds|must be|must have been|must feel|seems|i can imagine|"
    r"i imagine)\b.*\b(?:hard|"
    r"tough|difficult|scary|frightening|frustrating|worrying|painful|exhausting|stressful|"
    r"upsetting|lonely|"
    r"overwhelming|awful|terrible|a lot|worried|scared|frustrated)|i (?:can )?(?:see|hear|"
    r"understand|"
    r"realise|realize) (?:that )?(?:this|it|you|how|why)\b.*|i am (?:so |really |"
    r"very )?sorry (?:to hear|"
    r"that|you are|you have|about|this)|that (?:is|sounds|must) (?:really |very |so )?(?:hard|"
    r"tough|"
    r"difficult|scary|frightening|frustrating|upsetting))",
    "reflection": r"^(?:so |it )?(?:sounds like|you feel|you are (?:feeling|worried|saying|"
    r"afraid)|you (?:said|"
    r"mentioned|told me)|it seems (?:like|that|to me)|what i am hearing|if i (?:hear|"
    r"understand) you|"
    r"i hear (?:that )?you|so you|you have been feeling|part of you|on the one hand)\b",
    "validation": r"\b(?:it makes sense|that makes sense|anyone would|many people|lots of people|"
    r"understandable|it is (?:normal|natural|ok|okay|good|brave) (?:to|that)|"
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
    r"(?:the|this|that)|sorry for (?:the|this|that|keeping))\b",
    "advice": r"\b(?:you (?:should|must|need to|have to|ought to)|why do not you|if i were you|"
    r"you had better|i would advise|my advice)\b",
    "judgement": r"\b(?:why did not you|how could you|you should not have|you should have|"
    r"that (?:is|was) "
    r"(?:stupid|silly|wrong|irresponsible|your own fault|your fault|ridiculous)|you are (?:lying|"
    r"overreacting|"
    r"being (?:difficult|silly|dramatic))|what is wrong with you|bad (?:mother|father|parent))\b",
    "dismissal": r"\b(?:calm down|it is nothing|nothing to worry about|do not worry about it|"
    r"you are fine|"
    r"you will be fine|get over it|not a big deal|others have it worse|just relax|whatever)\b",
    "pressure": r"\b(?:(?:just )?tell me (?:everything|all of it|the truth|what you are hiding)|"
    r"you have to tell "
    r"me|answer (?:me|the question)|stop (?:lying|hiding)|i know you are (?:hiding|lying)|"
    r"hurry up|i do not have (?:all day|time))\b",
    "confidentiality": r"\b(?:confidential|confidentiality|between us|stays? (?:here|private|"
    r"between)|privacy|"
    r"who (?:i|we) (?:share|tell)|keep (?:this|it|that|what you say) private)\b",
    "safety_net": r"\b(?:if (?:it|things|the \w+|you|anything|this|that|she|he|"
    r"they)\b.*\b(?:worse|worsens?|"
    r"changes?|comes? back|happens?|get|gets|start|starts|feel|notice|need)\b.*\b(?:call|ring|"
    r"press|come|go|"
    r"tell|dial|contact|let)|call (?:me|us|999|911|112|the)|come (?:back|straight))\b",
    "leading_question": r"(?:\b(?:is not it|are not you|do not you|did not you|right|correct|"
    r"have not you)$|"
    r"^(?:so )?you (?:do not|are not|have not)\b.*\?)",
    "jargon": r"\b(?:myocardial|infarction|dyspnoea|dyspnea|orthopnoea|syncope|diaphoresis|"
    r"nstemi|stemi|acs|"
    r"haemoptysis|tachycardi\w*|bradycardi\w*|paraesthesia|oedema|psychosocial|ideation|"
    r"comorbidit\w*|"
    r"bilateral|radiat(?:e|es|ing|ion)|etiology|aetiology|ebitda|dns|dhcp|ipsec|mtu)\b",
}
_COMPILED = {signal: re.compile(pattern) for signal, pattern in _PATTERNS.items()}
_OPEN_RE, _CLOSED_RE = re.compile(_OPEN), re.compile(_CLOSED)

SIGNALS = frozenset({*_PATTERNS, "open_question", "closed_question", "multiple_questions"})
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

_ATTACK = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass) (?:all |any |the |your |my |every |these |"
    r"those )*"
    r"(?:previous |prior |above |earlier |current )*(?:instructions?|rules?|prompts?|guidelines?|"
    r"programming|"
    r"restrictions?|directions?|training)\b|"
    r"\b(?:system|developer|hidden|initial|secret) (?:prompt|message|instructions?|mode)\b|"
    r"\byour (?:prompt|instructions|programming|guidelines|configuration|script|case file|"
    r"scenario file)\b|"
    r"\b(?:you are|are you|as) (?:an?|just an?|really an?|actually an?|only an?)? ?(?:ai|bot|"
    r"robot|chatbot|"
    r"language model|llm|computer|machine|program|actor|simulation|simulated patient)\b|"
    r"\b(?:jailbreak|do anything now|dan mode|god mode|debug mode|admin mode|sudo)\b|"
    r"\b(?:break|drop|leave|step out of|get out of|out of|stop playing) (?:your )?(?:character|"
    r"role)\b|"
    r"\b(?:print|reveal|repeat|show|output|dump|display|list|translate|encode) (?:me )?(?:all |"
    r"your |the |"
    r"everything |any )*(?:prompt|instructions|hidden|secrets?|sealed|locked|facts|above|system|"
    r"rubric|"
    r"case notes|answer key|mark scheme)\b|"
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
    for sentence in sentences(text):
        plain = normal(sentence)
        found.extend(name for name, one in _COMPILED.items() if one.search(plain))
    questions = [part for part in parts(text) if asks(part)]
    found.extend(kind for kind in map(question_kind, questions) if kind)
    if len(questions) > 2:
        found.append("multiple_questions")
    return tuple(dict.fromkeys(found))


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
    return bool(_ATTACK.search(normal(text)) or _MARKERS.search(text) or _is_noise(text))


def _is_noise(text: str) -> bool:
    marks = sum(
        not (mark.isalnum() or mark.isspace() or mark in ".,!?'\u2019\"()-:;%$€£/&+")
        for mark in text
    )
    return len(text) >= 20 and marks > len(text) * 0.3
