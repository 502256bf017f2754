"""What a character says: the asked facts in order, and authored lines for the rest. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.llm.embedded import defaults
from engine.llm.embedded.wording import Voice, finished, joined, lowered, spoken_sentences
from engine.prompting import ASKABLE_LIMIT, Prompt, PromptFact
from engine.words import asks, content_stems, normal, parts

OFFERS = 3

_LEAD = r"^(?:so |and |but |ok |okay |right |well |now |then |also |um |er |sorry )*"
_POLAR = re.compile(
    _LEAD + r"(?:do|does|did|is|are|was|were|have|has|had|any)\b(?! (?:you|we|i) "
    r"(?:not|know|mind|understand|agree|remember|think|want|ok|okay|well|fine|all right|alright|"
    r"ready|comfortable|sure|happy|able)\b| not\b)"
)
_UNSETTLED = re.compile(
    r"\b(?:or|all|every|always|never|both|most|many|much|more|less|only|still|just|not|no|well|"
    r"fine|ok|okay|normal|normally|without|free|else|other|better|worse|who|what|when|where|why|"
    r"how|which)\b"
)
_ANSWERED = re.compile(
    r"^(?:yes|yeah|yep|aye|no|nope|nah|not|never|none|nothing|nobody|maybe|perhaps|sometimes|well|"
    r"sure|of course)\b"
)
_DENIES = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|without|hardly|barely|stopped|used to|fine|normal|"
    r"neither|only|unless|but|except)\b"
)
_PERMISSION = re.compile(
    _LEAD + r"(?:(?:may|can|could|shall) (?:i|we) (?:just |quickly |first |briefly )*(?:ask|sit|"
    r"examine|check|look|take a look|have a look|touch|listen|start|begin|come in|call)\b"
    r"(?!.*\b(?:who|what|when|where|why|how|which|if|whether|about)\b)|"
    r"(?:is (?:that|it|this) |are you |all |would that be )*(?:ok|okay|right|alright|fine|ready)"
    r"(?: with you| for you| (?:if|to) .*)?$)"
)
_INVITATION = re.compile(
    _LEAD
    + r"(?:please |can you |could you )*(?:tell me(?: (?:a (?:bit|little) )?more| everything| "
    r"what happened| about (?:it|that|this|yourself))*$|"
    r"tell me what (?:is|happened|brings|brought)|say more|go on|"
    r"what (?:brings|brought)|what (?:is|seems) "
    r"(?:wrong|up|going on|to be|the (?:matter|problem|trouble))|"
    r"how (?:are|do|have) you(?: all| both| two)?(?: feel| feeling| doing| coping| been| keeping| "
    r"getting on| today| now| then)*$|how (?:is|are) (?:things|it going|life|everything)(?: with "
    r"you)?$|"
    r"how can i help|what can i do|(?:is there )?anything else|what else|"
    r"(?:do you have |have you got |is there )?any(?:thing| questions?)(?: else)?(?: you|$| for "
    r"me))\b"
)
_HOW_ARE_YOU = re.compile(_LEAD + r"how (?:are|do|have|is)\b")
_MORE = re.compile(
    _LEAD + r"(?:(?:is there|do you have|have you got) )?(?:any(?:thing| questions)|what else)\b"
)
_QUESTIONS = re.compile(
    _LEAD
    + r"(?:(?:do you have|have you got|are there) )?(?:any|what)(?: other| more)? questions?\b"
)
_CHECK_BACK = re.compile(
    _LEAD + r"(?:(?:have|did|do) i (?:get|got|understood|understand|heard|hear|have)(?: \w+){1,2}"
    r"(?: right| correctly)?|(?:is|are) (?:that|this|it|these|those|everything|all that)"
    r"(?: all)? (?:right|correct)(?: so far)?|am i right|does that (?:sound|seem|make|look) \w+)$"
)
_TASK = re.compile(
    _LEAD
    + r"(?:(?:please|can you|could you|would you) )*(?:give|get|order|start|bring|arrange|send) "
    r"(?:him|her|them|the patient|another|some)\b"
)
"""A task for somebody else, which is no question to the character."""
_WAIT = re.compile(
    _LEAD + r"(?:(?:please |can you |could you |may i )?(?:give|have|take) (?:me |us )?"
    r"(?:just )?(?:a|one) (?:quick |little )?(?:moment|minute|second|sec)\b|let me think|bear "
    r"with me|hold on|hang on)"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is said or dropped together, with the mark that follows each of its sentences."""

    sentences: tuple[str, ...]
    mark: str = ""

    @property
    def length(self) -> int:
        """Characters as shown, marks not counted."""
        return sum(len(sentence) + 1 for sentence in self.sentences)

    @property
    def marked(self) -> tuple[str, ...]:
        """The sentences, each followed by the unit's mark or marks."""
        return tuple(f"{one} {self.mark}" if self.mark else one for one in self.sentences)


def line(text: str, mark: str = "") -> Unit:
    """An authored text as a unit."""
    return Unit(spoken_sentences(text), mark)


def reply(prompt: Prompt, step: Sequence[Unit] | None = None) -> tuple[str, ...]:
    """The sentences of the answer, marks included; at least one.

    With `step`, which is what a scheduler has to say next, only asked facts come before it.
    """
    voice = Voice(prompt)
    if "attack" in prompt.acts:
        units = [_own(voice, "deflect")]
    elif step:
        units = [*_told(voice), *step]
    else:
        units = _conversation(voice)
    units = [unit for unit in units if unit.sentences] or [line(defaults.LISTENING[0])]
    kept = _within(units, prompt.max_chars)
    return tuple(sentence for unit in kept for sentence in unit.marked)


def _within(units: list[Unit], limit: int) -> list[Unit]:
    """The first units that fit together; of one that is too long alone, its first sentences."""
    kept: list[Unit] = []
    room = limit + 1
    for unit in units:
        if unit.length > room:
            break
        kept.append(unit)
        room -= unit.length
    if kept:
        return kept
    first = units[0].sentences
    fitting = [count for count in range(1, len(first)) if Unit(first[:count]).length <= room]
    return [Unit(first[: max(fitting, default=1)], units[0].mark)]


def _own(voice: Voice, kind: str) -> Unit:
    """A line of the persona for a moment, or a neutral one where the author gave none."""
    authored: Sequence[str] = getattr(voice.prompt.persona.lines, kind, ())
    chosen = voice.fresh(authored, kind)
    return line(chosen or voice.fresh(getattr(defaults, kind.upper()), kind))


def _conversation(voice: Voice) -> list[Unit]:
    acts = voice.prompt.acts
    answers = _answers(voice, greeted="greeting" in acts)
    units = _openings(voice, answered=bool(answers))
    units += answers
    if "farewell" in acts:
        units.append(_own(voice, "goodbye"))
    return units or [_own(voice, "unknown" if _asking(voice.prompt) else "listening")]


def _asking(prompt: Prompt) -> bool:
    return "question" in prompt.acts


def _openings(voice: Voice, *, answered: bool) -> list[Unit]:
    prompt = voice.prompt
    first_words = prompt.turn == 0 and not answered and not _asking(prompt)
    if "greeting" in prompt.acts and (prompt.turn == 0 or not answered):
        return [_own(voice, "greeting")]
    if "comfort" in prompt.acts and (voice.talkativeness > 2 or not answered):
        return [_own(voice, "comforted")]
    if "thanks" in prompt.acts and not answered and "farewell" not in prompt.acts:
        return [_own(voice, "thanks")]
    return [_own(voice, "greeting")] if first_words and "farewell" not in prompt.acts else []


def _pieces(prompt: Prompt) -> tuple[str, ...]:
    """The questions and statements of the message, one for each part the classifier saw."""
    found = parts(prompt.said)
    if len(found) == prompt.parts:
        return found
    return (prompt.said,) if prompt.parts == 1 else ("",) * max(0, min(prompt.parts, 50))


def _wanted(prompt: Prompt) -> dict[int, list[PromptFact]]:
    """Facts that were asked for, by part, best first; parts without a number come last."""
    found: dict[int, list[PromptFact]] = {}
    ranked = sorted(prompt.facts, key=lambda fact: -fact.score)
    for fact in ranked:
        if fact.score > 0 and any(way.strip() for way in (fact.say, *fact.variants)):
            place = fact.part if 0 <= fact.part < prompt.parts else max(prompt.parts, 0)
            found.setdefault(place, []).append(fact)
    return found


def _told(voice: Voice) -> list[Unit]:
    """Only the asked facts, in the order of their questions."""
    wanted = _wanted(voice.prompt)
    pieces = _pieces(voice.prompt)
    units: list[Unit] = []
    ids: set[str] = set()
    for place in sorted(wanted):
        sure = [fact for fact in wanted[place] if fact.sure and fact.id not in ids]
        piece = pieces[place] if place < len(pieces) else ""
        units += [_tell(voice, fact, piece if len(sure) == 1 else "") for fact in sure]
        ids.update(fact.id for fact in sure)
    return units[:ASKABLE_LIMIT] if voice.prompt.crowded else units


def _answers(voice: Voice, *, greeted: bool) -> list[Unit]:
    """What answers the message, part by part; empty where it asks nothing."""
    wanted = _wanted(voice.prompt)
    told = {fact.id for facts in wanted.values() for fact in facts if fact.sure}
    asked_again = {part for facts in wanted.values() for fact in facts for part in fact.again}
    covers = [line(cover) for cover in voice.prompt.covers if cover.strip()]
    by_id = {unit.mark: unit for unit in _told(voice)}
    units: list[Unit] = []
    missing: list[str] = []
    answered = 0
    for place, piece in enumerate((*_pieces(voice.prompt), "")):
        if voice.prompt.crowded and answered == ASKABLE_LIMIT:
            break
        spoken = len(units)
        facts = [by_id.pop(_mark(f)) for f in wanted.get(place, ()) if _mark(f) in by_id]
        units += facts
        if place in asked_again:
            continue
        if not facts and place not in wanted and piece and asks(piece):
            units += covers[:1] or []
            missing += [] if covers else [piece]
            covers = covers[1:]
        answered += len(units) > spoken
    if voice.prompt.crowded and answered:
        return [*units, _own(voice, "many")] if voice.english else units
    units += [*by_id.values(), *covers]
    if told and not missing:
        units += _volunteered(voice, eager=voice.talkativeness >= 4, told=len(told))
    if "comfort" not in voice.prompt.acts:  # a kind word is not answered with a choice
        units += _clarified(voice, wanted, told)
    return units + _unanswered(voice, missing, spoken=bool(units) or greeted)


def _unanswered(voice: Voice, missing: Sequence[str], *, spoken: bool) -> list[Unit]:
    """One line for what no fact answers, at most."""
    for piece in missing:
        plain = normal(piece)
        if any(one.match(plain) for one in (_CHECK_BACK, _WAIT, _TASK)):
            if not spoken:
                return [_own(voice, "listening")]
        elif _PERMISSION.match(plain):
            if not spoken and voice.english:
                return [_own(voice, "assent")]
        elif _INVITATION.match(plain):
            if found := _invited(voice, plain, spoken=spoken):
                return found
        else:
            return [_own(voice, "negative" if _may_deny(voice, plain) else "unknown")]
    return []


def _invited(voice: Voice, plain: str, *, spoken: bool) -> list[Unit]:
    """What an open invitation leads to; questions of one's own bring no fact about oneself."""
    if voice.english and _QUESTIONS.match(plain):
        told = any(not asks(piece) for piece in _pieces(voice.prompt))
        heard = [_own(voice, "listening")] if told and not spoken else []
        return [*heard, _own(voice, "no_questions")]
    found = _volunteered(voice, eager=True, told=0)
    if found or spoken:
        return found
    return [_own(voice, _nothing_to_add(voice, plain))]


def _nothing_to_add(voice: Voice, plain: str) -> str:
    """The kind of line for an open invitation that leads to nothing new."""
    if voice.english and _HOW_ARE_YOU.match(plain):
        return "well"
    return "nothing_more" if voice.english and _MORE.match(plain) else "unknown"


def _may_deny(voice: Voice, plain: str) -> bool:
    allowed = voice.prompt.unknown_policy == "normal_negative" and voice.english
    return allowed and bool(_POLAR.match(plain)) and not _UNSETTLED.search(plain)


def _volunteered(voice: Voice, *, eager: bool, told: int) -> list[Unit]:
    """An open fact nobody asked for yet: when invited, or now and then by who likes to talk."""
    if not eager or told > 1 or (told == 1 and voice.number("volunteer", 3)):
        return []
    free = [
        fact
        for fact in voice.prompt.facts
        if fact.volunteered and fact.standing == "open" and fact.score <= 0
    ]
    free = [fact for fact in free if fact.say.strip() and not voice.was_said(fact.say)]
    return [_tell(voice, free[0], "")] if free else []


def _mark(fact: PromptFact) -> str:
    return f"[[{fact.id}]]"


def _tell(voice: Voice, fact: PromptFact, piece: str) -> Unit:
    """A fact in words not used last, with a lead-in where one is safe."""
    chosen = finished(voice.fresh((fact.say, *fact.variants), fact.id))
    lead = _lead_in(voice, fact, chosen, normal(piece))
    after = lowered(chosen) if lead else None
    return line(f"{lead} {after}" if after else chosen, _mark(fact))


def _lead_in(voice: Voice, fact: PromptFact, chosen: str, asked: str) -> str:
    if not voice.english or voice.talkativeness < 3 or _ANSWERED.match(normal(chosen)):
        return ""
    if fact.standing == "said":
        again = voice.number(f"again {fact.id}", 2) == 0
        return voice.fresh(defaults.LEAD_INS, "lead-in") if again else ""
    return _polarity(fact, chosen, asked)


def _polarity(fact: PromptFact, chosen: str, asked: str) -> str:
    """A "Yes," or "No," where the answer cannot contradict it; else nothing.

    Safe only if all that the question names stands in the answer: "Do you smoke?" "I smoke a pack
    a day." A question that quantifies, denies or offers a choice is left alone.
    """
    named = set(content_stems(_POLAR.sub("", asked, count=1)))
    if not _POLAR.match(asked) or _UNSETTLED.search(asked) or not named:
        return ""
    if not named <= set(content_stems(chosen)):
        return ""
    if fact.negative:
        return "No,"
    return "" if _DENIES.search(normal(chosen)) else "Yes,"


def _clarified(voice: Voice, wanted: dict[int, list[PromptFact]], told: set[str]) -> list[Unit]:
    """One question back, where two or three facts are close; it names three at most."""
    for place in sorted(wanted):
        close = [fact for fact in wanted[place] if not fact.sure and fact.id not in told]
        if close:
            return [_question_back(voice, close)]
    return []


def _question_back(voice: Voice, close: Sequence[PromptFact]) -> Unit:
    topics = {
        " ".join(fact.topic.split()): fact.id for fact in reversed(close) if fact.topic.strip()
    }
    offers = list(reversed(topics.items()))[:OFFERS]
    authored = voice.prompt.persona.lines.clarify
    if not offers:
        plain = [text for text in authored if "{offers}" not in text]
        return line(voice.fresh(plain, "clarify") or voice.fresh(defaults.CLARIFY_OPEN, "clarify"))
    templates = [text for text in authored if "{offers}" in text] or defaults.CLARIFY
    words = joined([topic for topic, _ in offers])
    filled = [text.replace("{offers}", words) for text in templates]
    marks = " ".join(f"[[?{id_}]]" for _, id_ in offers)
    return line(voice.fresh(filled, "clarify"), marks)
