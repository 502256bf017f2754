"""What the trainee's words asked for and did: ids from closed lists. Pure.

Sealed facts are matched like all others, by code that shows nobody anything; whether they may be
told is decided in `engine.gate`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.actions import begins_with_order, orders_for_now
from engine.casting import ai_seats, cast_of, persona_of
from engine.gate import held_by, is_sealed
from engine.intents import NO_INTENTS, Intents
from engine.matching import Match, Matcher
from engine.meaning.belief import belief
from engine.reading import Act, AskedFact, Reading
from engine.scenario import Scenario
from engine.session import State
from engine.shelf import Shelf
from engine.signals import SIGNALS, is_attack, is_distress, is_stop, signals_in
from engine.words import asks, content_stems, normal, parts, says, sentences

SURE = 0.30
"""From this score on a fact was asked for, when no other is close."""
MARGIN = 0.06
"""So much better than any other a fact must fit to be sure of it."""
CERTAIN = 0.5
"""From this score on a fact was asked for, however much the words are also those of small talk."""
LIKELY = 0.75
"""From this belief on that some fact was asked for, up to three are offered."""
WEAK = 0.22
"""Below this score a follow-up takes the last topic along; below half of it nothing is offered."""
STATEMENT = 0.5
"""A sentence that asks nothing in form must match this well to count as asking."""
STATED_EXHIBIT = 0.65
"""The same for an exhibit: people talk about what they see."""
NO_DIFFERENCE = 0.03
"""A sealed fact that fits no better than this is not taken for the one that was asked for."""
OFFERS = 3

_EXHIBIT = "exhibit:"
_OTHER = "~"

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
_COMPLETE = re.compile(
    # Words after which no object is missing, so that a bare name at the end calls somebody.
    r"(?:^|\b)(?:hi|hello|hey|morning|afternoon|evening|thanks|thank you|sorry|please|okay|ok|yes|"
    r"no|bye|goodbye|well|right|welcome|you|it|that|me|us|him|them|yourself|here|there|now|today|then|"
    r"too|again|more|later|so|on|sure|course)$|"
    r"^(?:so |and |but )*(?:what|how) .*\b(?:think|feel|say|mean|suggest|need|want|sleep|cope|do)$|"
    r"^(?:(?:please|can you|could you|would you|will you|and|now) )*"
    r"(?:take|give|get|bring|check|do(?! you| we| i| they)|run|start|order|tell|show|help|put|send|"
    r"explain|describe|set up|repeat|measure) (?:\w+ ){1,6}\w+$"
)
_LISTED = re.compile(r"\s*(?:,\s*and\b|,|\band\b|&|\+)\s*", re.IGNORECASE)
_CALLED = re.compile(r"^\w+\s*,\s*")

_ACTS: dict[str, Act] = {
    "greeting": "greeting",
    "introduction": "greeting",
    "thanks": "thanks",
    "farewell": "farewell",
    "empathy": "comfort",
    "validation": "comfort",
    "reflection": "comfort",
}


@dataclass(frozen=True, slots=True)
class _Ranked:
    """What one part of a message is closest to. Each list best first.

    `rest` is how close it is to what asks for nothing here; `belief`, from 0 to 1, that it asks for
    one of the facts at all.
    """

    facts: tuple[Match, ...]
    exhibits: tuple[Match, ...]
    rest: float
    belief: float

    @property
    def top(self) -> float:
        return self.facts[0].score if self.facts else 0.0


class Reader:
    """Reads messages against one scenario. Built once a scenario; keeps no session's state."""

    def __init__(
        self, scenario: Scenario, intents: Intents = NO_INTENTS, shelf: Shelf | None = None
    ) -> None:
        """Learn the scenario's questions, and those of the intents its facts are bound to.

        What was learned is kept on `shelf` for the next start.
        """
        self._scenario = scenario
        self._facts = {fact.id: fact for fact in scenario.facts}
        self._intents = intents
        self._matcher = Matcher(
            [
                *_fact_examples(scenario, intents),
                *_exhibit_examples(scenario),
            ],
            intents.concepts(scenario.domain),
            _no_facts(scenario, intents),
            shelf,
        )

    def learn(self) -> None:
        """Do now what the first message would wait for."""
        self._matcher.learn()

    def questions(self, state: State, seats: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """What can be asked of these seats: facts by id, each with example questions."""
        held = {fact.id for seat in seats for fact in held_by(self._scenario, state, seat)}
        found: dict[str, tuple[str, ...]] = {}
        for fact_id, ask in _fact_examples(self._scenario, self._intents):
            if fact_id in held:
                found[fact_id] = (*found.get(fact_id, ()), ask)
        return found

    def may_ask(self, fact_id: str, text: str) -> bool:
        """Whether words can have asked for a fact, which some are only by certain words."""
        return fact_id in self._facts and self._mentioned(fact_id, text)

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
            ranked = self._ranked(state, seats, piece)
            if exhibit := _asked_exhibit(ranked, piece):
                exhibits.append(exhibit)
            elif not attack:
                found.extend(self._asked_facts(state, seats, number, piece, ranked))
        if len(pieces) > 1 and not (found or exhibits or attack or self._ordered(pieces)):
            # "I will be back this week. Which day?": what no part tells, the whole may.
            found.extend(self._asked_facts(state, seats, 0, text, self._ranked(state, seats, text)))
        signals = (*signals_in(text), *self._own_signals(text))
        return Reading(
            addressed=seats,
            asked=_undoubted(found),
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
            return orders_for_now(self._scenario, piece)
        # "ECG please": the order's own words, with nobody but a name before them.
        short = _SHORT_ORDER.match(normal(_CALLED.sub("", piece)))
        if short is None or asks(piece):
            return ()
        words = short[1] or short[2]
        found = orders_for_now(self._scenario, words)
        return found if begins_with_order(self._scenario, words) else ()

    def _asked_facts(
        self, state: State, seats: Sequence[str], part: int, piece: str, ranked: _Ranked
    ) -> tuple[AskedFact, ...]:
        # "Why?" alone is near to many things; after a topic it is about that.
        bar = WEAK if content_stems(piece) else CERTAIN
        if ranked.top < bar and (longer := self._with_topic(state, piece)):
            ranked = self._ranked(state, seats, longer)
        if not ranked.facts or (not asks(piece) and ranked.top < STATEMENT):
            return ()
        return self._listed(state, seats, part, piece) or self._settled(state, part, ranked)

    def _ranked(self, state: State, seats: Sequence[str], piece: str) -> _Ranked:
        known = {fact.id for seat in seats for fact in held_by(self._scenario, state, seat)}
        facts: list[Match] = []
        exhibits: list[Match] = []
        rest = 0.0
        for id_, score, meant in self._matcher.rank(piece).rows():
            if id_.startswith(_OTHER):
                rest = max(rest, score)
            elif id_.startswith(_EXHIBIT):
                exhibits.append(Match(id_.removeprefix(_EXHIBIT), score, meant))
            elif len(facts) < OFFERS and id_ in known and self._mentioned(id_, piece):
                facts.append(Match(id_, score, meant))
        return _Ranked(
            facts=tuple(facts),
            exhibits=tuple(exhibits),
            rest=rest,
            belief=self._belief(piece, facts[0], rest) if facts else 0.0,
        )

    def _belief(self, piece: str, top: Match, rest: float) -> float:
        covered = self._matcher.covered(piece, top.id)
        return belief(top.score, rest, top.meant, covered)

    def _listed(
        self, state: State, seats: Sequence[str], part: int, piece: str
    ) -> tuple[AskedFact, ...]:
        """Several things asked for in one question, as "your name and your date of birth"."""
        items = _LISTED.split(_CALLED.sub("", piece))
        if not 2 <= len(items) <= 4 or not (says(piece, "and") or {"&", "+"} & set(piece)):
            return ()
        best = [
            ranked.facts[0] for item in items if (ranked := self._ranked(state, seats, item)).facts
        ]
        if len({one.id for one in best}) < len(items) or min(one.score for one in best) < SURE:
            return ()
        return tuple(AskedFact(id=one.id, score=one.score, part=part) for one in best)

    def _settled(self, state: State, part: int, ranked: _Ranked) -> tuple[AskedFact, ...]:
        """The one fact that was asked for, or the two or three that may have been."""
        top, *others = ranked.facts
        if ranked.belief < LIKELY:
            return ()
        # Talk that asks for nothing shares words with many questions: a good fit is not put in
        # doubt by it.
        rest = ranked.rest if top.score < CERTAIN else 0.0
        rival = max([rest, *(other.score for other in others)])
        if top.score >= SURE and top.score - rival >= MARGIN:
            return (AskedFact(id=top.id, score=min(1.0, top.score), part=part),)
        # Offering a sealed fact would tell that it exists, so it is never among the offers. Where
        # it fits best, its cover is the answer.
        offers = tuple(
            AskedFact(id=one.id, score=min(1.0, one.score), part=part, sure=False)
            for one in ranked.facts
            if one.score >= WEAK / 2 and not is_sealed(self._facts[one.id], state)
        )
        best = max((one.score for one in offers), default=0.0)
        if is_sealed(self._facts[top.id], state) and top.score - best > NO_DIFFERENCE:
            return (AskedFact(id=top.id, score=top.score, part=part),)
        return offers

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


def _fact_examples(scenario: Scenario, intents: Intents) -> Iterator[tuple[str, str]]:
    """Each fact's own questions, and those of its intent; what the author wrote for one wins."""
    own = [
        (fact.id, ask)
        for fact in scenario.facts
        for lines in (fact.asks, *(text.asks for text in fact.texts.values()))
        for ask in lines
    ]
    yield from own
    claimed = {normal(ask): fact_id for fact_id, ask in own}
    for fact_id, intent in intents.bound(scenario).items():
        for line in intents.by_id[intent].phrasings:
            if claimed.get(normal(line), fact_id) == fact_id:
                yield fact_id, line


def _exhibit_examples(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for one in scenario.exhibits:
        if one.release == "on_ask":
            asks_for = (one.title, f"show me the {one.title}", f"can i see the {one.title}")
            yield from ((f"{_EXHIBIT}{one.id}", ask) for ask in (*one.asks, *asks_for))


def _no_facts(scenario: Scenario, intents: Intents) -> Iterator[tuple[str, str]]:
    """What asks for no fact of this scenario: small talk, and questions of other scenarios."""
    own = {normal(text) for _, text in _fact_examples(scenario, intents)}
    for intent, line in intents.others(scenario):
        if normal(line) not in own:
            yield f"{_OTHER}{intent}", line


def _asked_exhibit(ranked: _Ranked, piece: str) -> str | None:
    bar = SURE if asks(piece) else STATED_EXHIBIT
    best = ranked.exhibits[0] if ranked.exhibits else None
    return best.id if best and best.score >= max(bar, ranked.top) else None


def _undoubted(asked: Sequence[AskedFact]) -> tuple[AskedFact, ...]:
    """Where one part of the message was sure of a fact, no other part doubts it any more."""
    sure = {one.id for one in asked if one.sure}
    settled = {one.part for one in asked if not one.sure and one.id in sure}
    return tuple(
        replace(one, sure=True) if one.part in settled and not one.sure else one
        for one in asked
        if one.sure or one.part not in settled or one.id in sure
    )


def _acts(text: str, signals: Sequence[str], *, attack: bool) -> tuple[Act, ...]:
    found = ["attack"] if attack else []
    found += [_ACTS[signal] for signal in signals if signal in _ACTS]
    found.append("question" if any(asks(part) for part in parts(text)) else "statement")
    return tuple(dict.fromkeys(found))  # type: ignore[arg-type]  # every value is an Act


def addressed(scenario: Scenario, state: State, text: str) -> tuple[str, ...]:
    """The characters a message is for.

    Whoever is called by name or role at a sentence's start or end, the last called first; else
    whoever spoke last, among those that always answer; else the first of those. A character that a
    person plays now answers itself, so nobody else does for it.
    """
    cast = cast_of(scenario, state.mode)
    here = [
        seat
        for seat in ai_seats(scenario, state.mode)
        if seat in state.present and cast[seat].persona
    ]
    called = [
        seat
        for sentence in reversed(sentences(text))
        for seat in here
        if _calls(scenario, state, seat, sentence)
    ]
    ours = [seat for seat in here if not _played(scenario, state, seat)]
    if called:
        return tuple(seat for seat in dict.fromkeys(called) if seat in ours)
    always = [seat for seat in here if cast[seat].speaks == "always"]
    if state.front in always:
        return (state.front,) if state.front in ours else ()
    return tuple(seat for seat in always if seat in ours)[:1]


def _played(scenario: Scenario, state: State, seat: str) -> bool:
    """Whether a person plays a character now."""
    both = cast_of(scenario, state.mode)[seat].played_by == "ai_or_human"
    return seat in state.taken_over or (both and bool(state.people.get(seat)))


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
    if not plain.endswith(f" {name}"):
        return False
    before = plain.removesuffix(f" {name}")
    marked = re.search(rf"[,;:.!?-]\s*{re.escape(name)}\W*$", sentence.lower())
    return not _TO_THEM.search(before) and bool(marked or _COMPLETE.search(before))
