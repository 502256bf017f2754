"""Whether all that is stored beside a log is what the log leads to. Pure.

Each difference is one plain line: what and where, by ids and numbers, never what anybody said.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.assessment.evaluation import Evidence
from engine.assessment.quotes import citable, stands
from engine.director import next_due
from engine.events import Event, Seated, Unseated
from engine.scenario import Scenario
from engine.session import State, fold
from engine.store.evaluations import StoredEvaluation
from engine.store.events import rows_of
from engine.store.removal import REMOVED
from engine.store.seals import UNSEALED, Row, sealed
from engine.store.sessions import Participant, SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is stored of a session: its head, the rows of its log, and what was derived from it.

    `scenario` is the body of the one it is kept with. `spent` is what its conversation is said to
    have cost, None where nothing is, and `cost` what its calls sum up to; both in micro-USD.
    """

    record: SessionRecord
    scenario: str
    rows: Sequence[Row]
    seats: Sequence[Participant]
    evaluations: Sequence[StoredEvaluation]
    spent: int | None
    cost: int

    @property
    def has_seal(self) -> bool:
        """Whether its log was sealed as it grew."""
        return self.record.seal != UNSEALED


def log_problems(stored: Stored) -> Iterator[str]:
    """What is wrong with a log and its scenario, before anybody reads what they say."""
    if hashlib.sha256(stored.scenario.encode()).hexdigest() != stored.record.scenario_hash:
        yield "scenario: the one that is kept for this session is not the one it began with"
    if [row["seq"] for row in stored.rows] != list(range(1, len(stored.rows) + 1)):
        yield "log: its events are not numbered from 1 without a gap"
    if stored.has_seal and sealed(UNSEALED, stored.rows) != stored.record.seal:
        yield "seal: an event was changed, swapped, added or removed since it was stored"


def problems(scenario: Scenario, stored: Stored, log: Sequence[Event]) -> Iterator[str]:
    """What does not agree with the log; `scenario` is the one that the session is kept with."""
    state = fold(scenario, log)
    yield from _columns(stored, log)
    yield from _head(scenario, stored.record, state)
    yield from _due(scenario, stored.record, state)
    yield from _seats(stored, log)
    yield from _quotes(scenario, stored, log)
    if stored.has_seal and stored.spent is not None and stored.spent != stored.cost:
        yield f"cost: the calls come to {stored.cost} micro-USD, stored is {stored.spent}"


def _columns(stored: Stored, log: Sequence[Event]) -> Iterator[str]:
    for row, made in zip(stored.rows, rows_of(stored.record.id, 0, log), strict=True):
        for name in ("person_id", "external_id"):
            if row[name] != made[name]:
                yield f"event {row['seq']}: its {name} is not what its body says"


def _head(scenario: Scenario, record: SessionRecord, state: State) -> Iterator[str]:
    leads_to = {
        "seq": state.seq,
        "scenario_id": scenario.id,
        "scenario_hash": state.scenario_hash,
        "mode": state.mode,
        "language": state.language,
        "seed": state.seed,
        "status": state.status,
        "phase": state.phase,
        "started_at": state.started_at,
        "completed_at": state.ended_at if state.over else None,
    }
    for name, value in leads_to.items():
        found = getattr(record, name)
        if found != value:
            yield f"{name}: the log leads to {_told(value)}, stored is {_told(found)}"


def _due(scenario: Scenario, record: SessionRecord, state: State) -> Iterator[str]:
    due, first = record.due, next_due(scenario, state)
    later = first
    # Time that passed without a change is over: then it is the next of the times that can come.
    if due is not None and first is not None and due > first:
        later = next_due(scenario, state, after=due - timedelta(microseconds=1))
    if due not in (first, later):
        yield f"due: the log leads to {_told(first)}, stored is {_told(due)}"


def _seats(stored: Stored, log: Sequence[Event]) -> Iterator[str]:
    sat: dict[tuple[str, str], tuple[datetime, datetime | None]] = {}
    for event in log:
        if isinstance(event, Seated):
            sat[event.seat, event.person] = (event.at, None)
        elif isinstance(event, Unseated) and (event.seat, event.person) in sat:
            sat[event.seat, event.person] = (sat[event.seat, event.person][0], event.at)
    found = {(one.seat, one.person): (one.joined_at, one.left_at) for one in stored.seats}
    for seat, person in sorted(sat.keys() ^ found.keys()):
        where = "the log" if (seat, person) in sat else "the table of seats"
        yield f"seat {seat}: {person} sits there in {where} alone"
    if stored.record.rewritten:
        return  # Of two that became one, one row stays.
    for seat, person in sorted(sat.keys() & found.keys()):
        if sat[seat, person] != found[seat, person]:
            yield f"seat {seat}: {person} came or left at another time than in the log"


def _quotes(scenario: Scenario, stored: Stored, log: Sequence[Event]) -> Iterator[str]:
    words = citable(log, scenario.actions)
    for evaluation in stored.evaluations:
        for criterion, one in _evidence(evaluation.body):
            # Whoever was forgotten is quoted no more.
            if REMOVED not in one.quote and not stands(one, words):
                which = f"score {evaluation.version}, {criterion}"
                yield f"{which}: its quote does not stand at {one.seq} of the log"


def _evidence(body: Mapping[str, object]) -> Iterator[tuple[str, Evidence]]:
    for score in _mappings(body.get("criteria")):
        for one in _mappings(score.get("evidence")):
            seq, quote = one.get("seq"), one.get("quote")
            if isinstance(seq, int) and isinstance(quote, str):
                yield str(score.get("id")), Evidence(seq=seq, quote=quote)


def _mappings(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, Sequence):
        yield from (one for one in value if isinstance(one, Mapping))


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "nothing" if value is None else repr(value)
