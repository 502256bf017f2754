"""What the trainee's words asked for and did: ids from closed lists. Pure.

Sealed facts are matched like all others, by code that shows nobody anything; whether they may be
told is decided in `engine.gate`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from engine.addressing import addressed
from engine.gate import held_by, is_sealed
from engine.intents import NO_INTENTS, Intents
from engine.lessons import EXHIBIT, OTHER, lesson_of
from engine.matching import Match, Matcher
from engine.meaning.belief import belief
from engine.ordering import spoken_orders
from engine.reading import Act, AskedFact, Reading
from engine.scenario import Scenario
from engine.session import State
from engine.shelf import Shelf
from engine.signals import SIGNALS, is_attack, is_distress, is_stop, signals_in
from engine.words import asks, content_stems, normal, parts, says

if TYPE_CHECKING:
    from engine.matching import Places

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
MOST_LISTED = 4
"""So many things are asked for in one list at most."""

_LISTED = re.compile(r"\s*(?:,\s*(?:and|or)\b|,|\band\b|\bor\b|&|\+)\s*", re.IGNORECASE)
_LIST_AFTER = re.compile(
    r"(?i)^(?=[^,]*\b(?:any\w*|else|other)\b)[^,]*?(?:\s[-\u2013\u2014]+\s|:\s|\u2014)\s*(?=\S)"
)
"""What stands before a list of things asked for: "anything else with it - ..."."""
_ASKS_THEM = re.compile(
    r"^(?:so |and |but |ok |okay |right |well |now )*(?:do|have|did) you "
    r"(?:have |got |want to ask )?any(?:thing)? ?(?:other |more )?"
    r"(?:questions?|you (?:want|would like) to ask)\b|"
    r"^(?:any(?: other| more)? questions|what questions do you have)\b"
)
"""Leaves the floor to the other: asks for no fact, whatever was said before it."""
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
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._groups = tuple(
            frozenset(one.evidence.asked_any)
            for one in scenario.rubric.criteria
            if one.evidence and len(one.evidence.asked_any) > 1
        )
        self._lesson = lesson_of(scenario, intents, shelf)
        self._matcher = Matcher(
            (*self._lesson.facts, *self._lesson.exhibits),
            intents.concepts(scenario.domain),
            self._lesson.others,
            shelf,
        )

    def learn(self) -> None:
        """Do now what the first message would wait for."""
        self._matcher.learn()

    def questions(self, state: State, seats: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """What can be asked of these seats: facts by id, each with example questions."""
        held = frozenset().union(*(self._held(state, seat) for seat in seats))
        found: dict[str, tuple[str, ...]] = {}
        for fact_id, ask in self._lesson.facts:
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
        explained = any(_ASKS_THEM.match(normal(piece)) for piece in pieces)
        for number, piece in enumerate(pieces):
            if explained and (_ASKS_THEM.match(normal(piece)) or not asks(piece)):
                continue  # whoever tells a diagnosis and asks for questions, asks for no fact
            if self._orders_in(piece):
                continue  # "could you get an ECG" asks nobody where the machine is
            ranked = self._ranked(state, seats, piece)
            if exhibit := _asked_exhibit(ranked, piece):
                exhibits.append(exhibit)
            elif not attack:
                found.extend(self._asked_facts(state, seats, number, piece, ranked))
        one_piece = explained or len(pieces) < 2
        if not (one_piece or found or exhibits or attack or self._ordered(pieces)):
            # "I will be back this week. Which day?": what no part tells, the whole may.
            at = max((number for number, one in enumerate(pieces) if asks(one)), default=0)
            whole = self._ranked(state, seats, text)
            found.extend(self._asked_facts(state, seats, at, text, whole))
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
        return spoken_orders(self._scenario, piece)

    def _asked_facts(
        self, state: State, seats: Sequence[str], part: int, piece: str, ranked: _Ranked
    ) -> tuple[AskedFact, ...]:
        # "Why?" alone is near to many things; after a topic it is about that.
        bar = WEAK if content_stems(piece) else CERTAIN
        if ranked.top < bar and (longer := self._with_topic(state, piece)):
            ranked = self._ranked(state, seats, longer)
        if not ranked.facts or (not asks(piece) and ranked.top < STATEMENT):
            return ()
        listed = self._listed(state, seats, part, piece, ranked)
        return listed or self._settled(state, part, ranked)

    def _ranked(self, state: State, seats: Sequence[str], piece: str) -> _Ranked:
        if not self._matcher.ids:
            return _Ranked(facts=(), exhibits=(), rest=0.0, belief=0.0)
        known = frozenset().union(*(self._held(state, seat) for seat in seats))
        scores = self._matcher.scores(piece)
        about_facts, about_exhibits, others = self._kinds
        close = (one for one in scores.best(about_facts) if one.id in known)
        facts = tuple(islice((one for one in close if self._mentioned(one.id, piece)), OFFERS))
        rest = scores.highest(others)
        return _Ranked(
            facts=facts,
            exhibits=tuple(
                replace(one, id=one.id.removeprefix(EXHIBIT)) for one in scores.best(about_exhibits)
            ),
            rest=rest,
            belief=self._belief(piece, facts[0], rest) if facts else 0.0,
        )

    @cached_property
    def _kinds(self) -> "tuple[Places, Places, Places]":
        """Where, among all that can be asked for, the facts, the exhibits and the rest stand."""
        exhibits, others = self._matcher.places(EXHIBIT), self._matcher.places(OTHER)
        return self._matcher.places(EXHIBIT, OTHER, but=True), exhibits, others

    def _held(self, state: State, seat: str) -> frozenset[str]:
        """What the character in a seat knows, which a session never changes."""
        where = (state.mode, seat)
        if where not in self._known:
            found = held_by(self._scenario, state, seat)
            self._known[where] = frozenset(fact.id for fact in found)
        return self._known[where]

    def _belief(self, piece: str, top: Match, rest: float) -> float:
        covered = self._matcher.covered(piece, top.id)
        return belief(top.score, rest, top.meant, covered)

    def _listed(
        self, state: State, seats: Sequence[str], part: int, piece: str, whole: _Ranked
    ) -> tuple[AskedFact, ...]:
        """Several things asked for in one question, as "your name and your date of birth".

        "Sweating or feeling sick?" is such a list too, where each is asked for by itself; of a
        list of single words after a dash, what is not known is passed over.
        """
        after = _LIST_AFTER.sub("", piece)
        plain = after if after != piece else _CALLED.sub("", piece)
        items = [one for one in _LISTED.split(plain) if normal(one)]
        joined = any(says(after, word) for word in ("and", "or")) or {"&", "+"} & set(after)
        bare = after != piece and len(items) > 1
        if not 2 <= len(items) <= MOST_LISTED or not (joined or bare):
            return ()
        ranks = [self._ranked(state, seats, item) for item in items]
        choice = not bare and says(after, "or")
        enough = CERTAIN if choice else SURE
        best = [one.facts[0] for one in ranks if one.facts and one.top >= enough]
        ids = {one.id for one in best}
        if len(ids) < (2 if bare else len(items)):
            return ()
        if choice and not ids <= _close(whole):
            return ()  # "at rest or at work": one question about one thing
        first = {one.id: one for one in reversed(best)}
        found = [
            AskedFact(id=id_, score=min(1.0, one.score), part=part) for id_, one in first.items()
        ]
        return tuple(reversed(found))[: MOST_LISTED if not bare else OFFERS]

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
        if self._of_one_criterion(ranked):
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

    def _of_one_criterion(self, ranked: _Ranked) -> bool:
        """Whether any of the facts that are close earns the same, so that the best one will do."""
        ids = _close(ranked)
        return len(ids) > 1 and any(ids <= group for group in self._groups)

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


def _asked_exhibit(ranked: _Ranked, piece: str) -> str | None:
    bar = SURE if asks(piece) else STATED_EXHIBIT
    best = ranked.exhibits[0] if ranked.exhibits else None
    return best.id if best and best.score >= max(bar, ranked.top) else None


def _close(ranked: _Ranked) -> set[str]:
    """The facts that a question is near to, next to the best."""
    return {one.id for one in ranked.facts if 2 * one.score >= ranked.top}


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
