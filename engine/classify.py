"""What the trainee's words asked for and did: ids from closed lists. Pure.

Sealed facts are matched like all others, by code that shows nobody anything; whether they may be
told is decided in `engine.gate`.
"""

import re
from collections.abc import Collection, Sequence
from functools import cached_property

from engine.actions import begins_with_order, matched_orders
from engine.casting import ai_seats, cast_of, persona_of
from engine.gate import held_by, is_sealed
from engine.matching import Match, Matcher
from engine.reading import Act, AskedFact, Reading
from engine.scenario import Scenario
from engine.session import State
from engine.signals import SIGNALS, is_attack, is_distress, is_stop, signals_in
from engine.words import asks, content_stems, normal, parts, says, sentences

SURE = 0.5
"""From this score on a fact was asked for, when no other is as close."""
LIKELY = 0.34
"""From this score on it may have been; two or three such are offered."""
MARGIN = 0.06
STATEMENT = 0.62
"""A sentence that asks nothing in form must match this well to count as asking."""

_ORDERS = re.compile(
    r"^(?:(?!(?:do|does|did|never|not|why|when|how|who|what|where|which|if|is|are|was|were|have|has|"
    r"had|before|after|without)\b)\w+ )?(?:ok |okay |right |and |then |now |also )*(?:"
    r"(?:i|we) (?:would like|want|need) (?:an?|some|the)|"
    r"(?:please |(?:can|could|would|will) (?:you|we|somebody|someone) (?:please )?|let us |"
    r"(?:i|we) (?:would like|want|need)(?: you)? to |(?:i am|i will|we will) (?:going to )?)*"
    r"(?:order|ordering|get|getting|do(?! (?:i|we|they|he|she|not|people)\b)|run|send|request|"
    r"requesting|arrange|start|give|giving|call|set up|organi[sz]e|repeat)"
    r")\b(?! you\b)"
)
_SHORT_ORDER = re.compile(
    r"^(?:(?:please|(?:i am going to|i will|we will|let me|let us)(?: now)?) (.+)|(.+) please)$"
)
_GREETED = re.compile(r"^(?:(?:hi|hello|hey|ok|okay|thanks|thank you|sorry|please|so|and|now) )+")
_OF_THEM = re.compile(
    r"(?:is|was|has|had|says|said|told|seems|seemed|looks|looked|wants|wanted|needs|needed|and|or)\b"
)
_TO_THEM = re.compile(
    r"\b(?:the|an?|your|my|our|his|her|this|that|to|with|by|from|for|of|about|and|or|than|called|is|was|"
    r"ask|asked|tell|told|see|saw)$"
)
_LISTED = re.compile(r"\s*(?:,\s*and|,|\band)\s+", re.IGNORECASE)
_CALLED = re.compile(r"^\w+\s*,\s*")
_CONDITION = re.compile(r"\b(?:if|once|when|as soon as|after|until|unless)\b")

_ACTS: dict[str, Act] = {
    "greeting": "greeting",
    "introduction": "greeting",
    "thanks": "thanks",
    "farewell": "farewell",
    "empathy": "comfort",
    "validation": "comfort",
    "reflection": "comfort",
}


class Reader:
    """Reads messages against one scenario. Built once a scenario; keeps no session's state."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._facts = {fact.id: fact for fact in scenario.facts}

    @cached_property
    def _fact_matcher(self) -> Matcher:
        return Matcher(
            (fact.id, [*fact.asks, *(ask for text in fact.texts.values() for ask in text.asks)])
            for fact in self._scenario.facts
        )

    @cached_property
    def _exhibit_matcher(self) -> Matcher:
        return Matcher(
            (
                one.id,
                [*one.asks, one.title, f"show me the {one.title}", f"can i see the {one.title}"],
            )
            for one in self._scenario.exhibits
            if one.release == "on_ask"
        )

    def read(self, state: State, text: str) -> Reading:
        """What `text` did, said by a person in the session as it stands in `state`."""
        safety = self._scenario.safety
        seats = addressed(self._scenario, state, text)
        pieces = parts(text)
        attack = is_attack(text)
        found: list[AskedFact] = []
        exhibits: list[str] = []
        for number, piece in enumerate(pieces):
            if self._orders_in(piece):
                continue  # "could you get an ECG" asks nobody where the machine is
            shown = self._asked_exhibit(piece)
            facts = () if attack else self._asked_facts(state, seats, number, piece)
            if shown and shown.score > max((one.score for one in facts), default=0.0):
                exhibits.append(shown.id)
            else:
                found.extend(facts)
        signals = (*signals_in(text), *self._own_signals(text))
        return Reading(
            addressed=seats,
            asked=tuple(found),
            exhibits=tuple(dict.fromkeys(exhibits)),
            signals=tuple(dict.fromkeys(signals)),
            actions=() if attack else self._ordered(pieces),
            acts=_acts(text, signals, attack=attack),
            parts=len(pieces),
            words=normal(text),
            distress=is_distress(text, safety.distress),
            stop=is_stop(text, safety.stop_word),
        )

    def _own_signals(self, text: str) -> tuple[str, ...]:
        return tuple(
            name
            for name, signal in self._scenario.signals.items()
            if name not in SIGNALS and any(says(text, words) for words in signal.match)
        )

    def _ordered(self, pieces: Sequence[str]) -> tuple[str, ...]:
        """Orders given in plain talk, as "please get an ECG"; asking about one is no order."""
        return tuple(dict.fromkeys(one for piece in pieces for one in self._orders_in(piece)))

    def _orders_in(self, piece: str) -> tuple[str, ...]:
        if _ORDERS.match(normal(piece)):
            return matched_orders(self._scenario, piece)
        # "ECG please": the order's own words, with nobody but a name before them.
        short = _SHORT_ORDER.match(normal(_CALLED.sub("", piece)))
        if short is None or asks(piece) or _CONDITION.search(short[0]):
            return ()
        words = short[1] or short[2]
        found = matched_orders(self._scenario, words)
        return found if begins_with_order(self._scenario, words) else ()

    def _asked_exhibit(self, piece: str) -> Match | None:
        ranked = self._exhibit_matcher.rank(piece)
        bar = SURE if asks(piece) else STATEMENT
        return ranked[0] if ranked and ranked[0].score >= bar else None

    def _asked_facts(
        self, state: State, seats: Sequence[str], part: int, piece: str
    ) -> tuple[AskedFact, ...]:
        known = {fact.id for seat in seats for fact in held_by(self._scenario, state, seat)}
        ranked = self._ranked(known, piece)
        if (not ranked or ranked[0].score < LIKELY) and (longer := self._with_topic(state, piece)):
            ranked = self._ranked(known, longer)
        if not ranked or (not asks(piece) and ranked[0].score < STATEMENT):
            return ()
        return self._listed(known, part, piece) or self._settled(state, part, ranked)

    def _ranked(self, known: Collection[str], piece: str) -> list[Match]:
        return [
            match
            for match in self._fact_matcher.rank(piece)
            if match.id in known and self._mentioned(match.id, piece)
        ][:3]

    def _listed(self, known: Collection[str], part: int, piece: str) -> tuple[AskedFact, ...]:
        """Several things asked for in one question, as "your name and your date of birth"."""
        items = _LISTED.split(_CALLED.sub("", piece))
        if not 2 <= len(items) <= 4 or not says(piece, "and"):
            return ()
        best = [ranked[0] for item in items if (ranked := self._ranked(known, item))]
        if len({one.id for one in best}) < len(items) or min(one.score for one in best) < SURE:
            return ()
        return tuple(AskedFact(id=one.id, score=one.score, part=part) for one in best)

    def _settled(self, state: State, part: int, ranked: list[Match]) -> tuple[AskedFact, ...]:
        """The one fact that was asked for, or the two or three that are equally close."""
        top = ranked[0]
        if top.score < LIKELY:
            return ()
        close = [match for match in ranked if match.score >= max(LIKELY, top.score - MARGIN)]
        if top.score >= SURE and len(close) == 1:
            return (AskedFact(id=top.id, score=top.score, part=part),)
        # Offering a sealed fact would tell that it exists, so it is never among the offers. Where
        # it is the only candidate, its cover is the answer.
        offers = [one for one in close if not is_sealed(self._facts[one.id], state)]
        if len(offers) <= 1 or top.score >= SURE + 0.25:
            best = top if top.score >= SURE or not offers else offers[0]
            return (AskedFact(id=best.id, score=best.score, part=part),)
        return tuple(AskedFact(id=one.id, score=one.score, part=part, sure=False) for one in offers)

    def _mentioned(self, fact_id: str, piece: str) -> bool:
        needed = self._facts[fact_id].mentions
        return not needed or any(says(piece, words) for words in needed)

    def _with_topic(self, state: State, piece: str) -> str:
        """A follow-up without a noun of its own ("and at night?") takes the last topic along."""
        words = normal(piece).split()
        own = len(content_stems(piece))
        follows = not own or (own == 1 and words[:1] in (["and"], ["but"], ["so"]))
        about_them = "you" in words and not {"did", "have"} & set(words)  # "how are you?"
        if not state.topics or not follows or about_them or len(words) > 5:
            return piece
        topic = self._facts[state.topics[0]].topic if state.topics[0] in self._facts else ""
        return f"{piece} {topic}" if topic else piece


def _acts(text: str, signals: Sequence[str], *, attack: bool) -> tuple[Act, ...]:
    found = ["attack"] if attack else []
    found += [_ACTS[signal] for signal in signals if signal in _ACTS]
    found.append("question" if any(asks(part) for part in parts(text)) else "statement")
    return tuple(dict.fromkeys(found))  # type: ignore[arg-type]  # every value is an Act


def addressed(scenario: Scenario, state: State, text: str) -> tuple[str, ...]:
    """The characters a message is for.

    Whoever is called by name or role at a sentence's start or end, the last called first; else
    whoever spoke last, among those that always answer; else the first of those.
    """
    cast = cast_of(scenario, state.mode)
    here = [
        seat
        for seat in ai_seats(scenario, state.mode)
        if seat in state.present
        and seat not in state.taken_over
        and cast[seat].persona
        and not (cast[seat].played_by == "ai_or_human" and state.people.get(seat))
    ]
    called = [
        seat
        for sentence in reversed(sentences(text))
        for seat in here
        if _calls(scenario, state, seat, sentence)
    ]
    if called:
        return tuple(dict.fromkeys(called))
    always = [seat for seat in here if cast[seat].speaks == "always"]
    if state.front in always:
        return (state.front,)
    return tuple(always[:1])


def _calls(scenario: Scenario, state: State, seat: str, sentence: str) -> bool:
    persona = persona_of(scenario, state.mode, seat)
    if persona is None:
        return False
    first, *rest = persona.name.split()
    names = {
        normal(name) for name in (persona.name, first, *rest[-1:], *scenario.cast[seat].aliases)
    }
    return any(_is_called(name, sentence) for name in names - {"", "mr", "mrs", "ms", "dr"})


def _is_called(name: str, sentence: str) -> bool:
    """Whether a sentence speaks to `name`, and not only about them ("the nurse told me")."""
    plain = normal(sentence)
    if plain == name or f"@{name}" in sentence.lower():
        return True
    begins = _GREETED.sub("", plain)
    if begins == name:
        return True
    if begins.startswith(f"{name} "):
        marked = re.match(rf"(?:\w+,? )?{re.escape(name)}\s*[,:;.!?-]", sentence.lower())
        return bool(marked) or not _OF_THEM.match(begins.removeprefix(name).lstrip())
    return plain.endswith(f" {name}") and not _TO_THEM.search(plain.removesuffix(f" {name}"))
