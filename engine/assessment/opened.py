"""A session laid open for scoring, and what a judge or a coach made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine import events as ev
from engine.assessment.debrief import Debrief
from engine.assessment.evaluation import Evaluation, Score
from engine.assessment.record import Record
from engine.scenario import Scenario
from engine.session import State
from engine.store.ledger import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session as it was read; nothing of it is open in the store any more.

    Attributes:
        known: what a judge already said of this very log, by criterion.
        version: the number of the official evaluation, 0 for none.
        evaluation: that evaluation.
        person: whose score it is to be, where several played; else empty.
        left: micro-USD that a judge or a coach may still cost, None for no limit.
    """

    session_id: str
    scenario: Scenario
    log: Sequence[ev.Event] = field(repr=False)
    state: State = field(repr=False)
    record: Record = field(repr=False)
    known: Mapping[str, Score] = field(default_factory=dict, repr=False)
    version: int = 0
    evaluation: Evaluation | None = field(default=None, repr=False)
    left: int | None = None
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge said: a line for each criterion it was asked about, and what that took."""

    scores: Mapping[str, Score] = field(default_factory=dict)
    judge: str = ""
    calls: tuple[Call, ...] = ()


NOTHING = Judged()
"""No judge was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coached:
    """A debrief, and what writing it took."""

    debrief: Debrief
    calls: tuple[Call, ...] = ()
