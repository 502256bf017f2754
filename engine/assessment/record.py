"""A session as scoring reads it: what was said, asked, told and done, by seq. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from engine import events as ev
from engine.assessment.begging import begs, sincere
from engine.assessment.quotes import citable
from engine.reckoning import value_of
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR
from engine.session import State, evolve
from engine.words import asks, normal
from engine.world import WorldState

Seqs = tuple[int, ...]
Kind = TypeVar("Kind", bound=ev.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What a tool made of the sandbox world at a seq."""

    seq: int
    before: WorldState
    after: WorldState


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What can be scored. Seqs are ascending and point to words in `words`.

    Attributes:
        words: all that can be quoted.
        said: the trainee's utterances.
        counted: those of `said` that figures are made of: neither a repetition of an earlier one
            nor a mere "I see".
        heard: what characters said in full, by seq; neither outage lines nor cut ones.
        heard_to: of `heard`, what answered no utterance that is left out of `counted`.
        asked: the utterances that asked for a fact, and did not only beg for points.
        told: the full lines in which a fact was told.
        lost: lines in which a fact was told that were cut or stood in for an outage.
        answered: utterances that got a full reply.
        unanswered: utterances that got only cut replies or outage lines.
        signals: the utterances that showed a signal; neither a repetition of an earlier one nor
            one that begs for points.
        actions: when an action was taken.
        minutes: minutes played at each seq, pauses left out.
        minutes_played: in all.
        through: the last seq at which anything was said, told or done; 0 for none.
        hints: how many hints were given.
        values: what the formulas of the rubric come to.
        asking_unseen: the trainee spoke while a person played a character, so that what they asked
            that person was not read.
    """

    words: Mapping[int, str]
    said: Mapping[int, str]
    counted: Mapping[int, str]
    heard: Mapping[int, str]
    heard_to: tuple[str, ...]
    asked: Mapping[str, Seqs]
    told: Mapping[str, Seqs]
    lost: Mapping[str, Seqs]
    answered: frozenset[int]
    unanswered: frozenset[int]
    signals: Mapping[str, Seqs]
    actions: Mapping[str, Seqs]
    writes: tuple[Write, ...]
    world: WorldState | None
    minutes: Mapping[int, float]
    minutes_played: float
    language: str
    through: int
    hints: int
    values: Mapping[str, float]
    asking_unseen: bool


def trainees(log: Sequence[ev.Event]) -> tuple[str, ...]:
    """The ids of those who said or did something in a log, in the order they began."""
    found = (one.person for one in log if isinstance(one, ev.TraineeSaid | ev.ActionTaken))
    return tuple(dict.fromkeys(found))


def read(scenario: Scenario, log: Sequence[ev.Event], state: State, person: str = "") -> Record:
    """Read a whole log; `state` is its fold.

    With a `person` only that one's words are the trainee's. What was ordered and handed in, and
    what tools wrote, is everybody's who played.
    """
    numbered = tuple(enumerate(log, 1))
    others = {seq for seq, one in _of(ev.TraineeSaid, numbered) if person and one.person != person}
    quotable = citable(log, scenario.actions)
    words = {seq: text for seq, text in quotable.items() if seq not in others}
    said = {seq: words[seq] for seq, _ in _of(ev.TraineeSaid, numbered) if seq in words}
    new = dict(_new(said))
    counted = {seq: text for seq, text in new.items() if not _is_nod(text)}
    lines = dict(_of(ev.CharacterSaid, numbered))
    broken = {seq for seq, line in lines.items() if line.cut or line.outage}
    answered = frozenset(_answers(line for seq, line in lines.items() if seq not in broken))
    facts = [
        one for seq, one in _of(ev.FactSaid, numbered) if one.in_seq in lines and one.in_seq < seq
    ]
    states = list(_states(scenario, log))
    return Record(
        words=words,
        said=said,
        counted=counted,
        heard={seq: text for seq, text, _ in _heard(numbered)},
        heard_to=tuple(
            text for _, text, to in _heard(numbered) if not to or counted.keys() & set(to)
        ),
        asked=_grouped(_asked(numbered, said)),
        told=_grouped((one.fact, one.in_seq) for one in facts if one.in_seq not in broken),
        lost=_grouped((one.fact, one.in_seq) for one in facts if one.in_seq in broken),
        answered=answered,
        unanswered=frozenset(_answers(lines[seq] for seq in broken)) - answered,
        signals=_grouped(_signals(numbered, new)),
        actions=_grouped((one.action, seq) for seq, one in _of(ev.ActionTaken, numbered)),
        writes=tuple(_writes(states)),
        world=state.world,
        minutes={one.seq: one.minutes(one.last_at) for one in states if one.last_at},
        minutes_played=state.minutes(state.last_at) if state.last_at else 0.0,
        language=state.language,
        through=max((seq for seq, one in numbered if isinstance(one, _JUDGEABLE)), default=0),
        hints=state.hints,
        values=dict(_values(scenario)),
        asking_unseen=_asking_unseen(log),
    )


_JUDGEABLE = (ev.TraineeSaid, ev.CharacterSaid, ev.ActionTaken, ev.ToolDone, ev.Injected)
Numbered = Sequence[tuple[int, ev.Event]]


def _of(kind: type[Kind], numbered: Numbered) -> Iterator[tuple[int, Kind]]:
    for seq, event in numbered:
        if isinstance(event, kind):
            yield seq, event


def _grouped(pairs: Iterable[tuple[str, int]]) -> Mapping[str, Seqs]:
    found: dict[str, set[int]] = {}
    for name, seq in pairs:
        found.setdefault(name, set()).add(seq)
    return {name: tuple(sorted(seqs)) for name, seqs in found.items()}


def _values(scenario: Scenario) -> Iterator[tuple[str, float]]:
    for criterion in scenario.rubric.criteria:
        for rule in (criterion.evidence, criterion.without_judge):
            for number in rule.number if rule else ():
                yield from ((formula, value_of(formula, scenario)) for formula in number.is_)


def _asked(numbered: Numbered, said: Mapping[int, str]) -> Iterator[tuple[str, int]]:
    for _, one in _of(ev.Asked, numbered):
        text = said.get(one.in_seq, "")
        if text and (not begs(text) or sincere(text)):
            for fact in one.facts:
                yield fact, one.in_seq


def _signals(numbered: Numbered, new: Mapping[int, str]) -> Iterator[tuple[str, int]]:
    for _, one in _of(ev.Signalled, numbered):
        if one.in_seq in new and not begs(new[one.in_seq]):
            yield one.signal, one.in_seq


def _answers(lines: Iterable[ev.CharacterSaid]) -> Iterator[int]:
    for line in lines:
        yield from line.answers
        if line.in_reply_to is not None:
            yield line.in_reply_to


def _heard(numbered: Numbered) -> Iterator[tuple[int, str, Seqs]]:
    """What characters said and what it answers, an instructor's words in their mouth included."""
    for seq, event in numbered:
        if isinstance(event, ev.CharacterSaid):
            if not (event.cut or event.outage):
                yield seq, event.text, tuple(_answers((event,)))
        elif isinstance(event, ev.Injected) and event.seat != NARRATOR:
            yield seq, event.text, ()


_NOD = 3
"""So many words without a question are no more than a nod."""


def _new(said: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """The utterances that are not said for the second time."""
    known: set[str] = set()
    for seq, text in said.items():
        plain = normal(text)
        if plain not in known:
            known.add(plain)
            yield seq, text


def _is_nod(text: str) -> bool:
    return len(normal(text).split()) <= _NOD and not asks(text)


def _states(scenario: Scenario, log: Sequence[ev.Event]) -> Iterator[State]:
    state = State()
    for event in log:
        state = evolve(scenario, state, event)
        yield state


def _writes(states: Sequence[State]) -> Iterator[Write]:
    for before, after in pairwise(states):
        if before.world and after.world and before.world is not after.world:
            yield Write(seq=after.seq, before=before.world, after=after.world)


def _asking_unseen(log: Sequence[ev.Event]) -> bool:
    taken: set[str] = set()
    for event in log:
        if isinstance(event, ev.TakenOver):
            taken.add(event.seat)
        elif isinstance(event, ev.HandedBack):
            taken.discard(event.seat)
        elif isinstance(event, ev.TraineeSaid) and taken:
            return True
    return False
