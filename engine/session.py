"""The state of a session: the fold of its log. Pure.

`fold` of the same events and scenario is the same state, always: resume, rewind, branch, replay
and audit are this one mechanism.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import attrgetter
from typing import Any, Literal

from engine import events as ev
from engine.casting import cast_of
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR
from engine.world import WorldState, apply, start_of

Status = Literal["not_started", "in_progress", "paused", "completed", "abandoned"]
Role = Literal["trainee", "character", "narrator", "instructor", "system", "tool"]

OVER: frozenset[Status] = frozenset({"completed", "abandoned"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Something readable in the transcript. `seq` is its place in the log."""

    seq: int
    seat: str
    role: Role
    text: str
    at: datetime
    person: str | None = None
    in_reply_to: int | None = None
    answers: tuple[int, ...] = ()
    cut: bool = False
    outage: bool = False
    degraded: bool = False
    model: str = ""
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the log has led to. Mappings are never changed, only replaced."""

    seq: int = 0
    status: Status = "not_started"
    ended_because: str = ""
    scenario_hash: str = ""
    mode: str = ""
    language: str = "en"
    seed: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    last_at: datetime | None = None
    paused_at: datetime | None = None
    paused_for: timedelta = timedelta()
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    taken_over: Mapping[str, str] = field(default_factory=dict)
    phase: str = ""
    phase_minute: float = 0.0
    phase_turns: int = 0
    turns: int = 0
    values: Mapping[tuple[str, str], int] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    said: Mapping[str, int] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    released: Mapping[str, int] = field(default_factory=dict)
    scheduled: Mapping[str, datetime] = field(default_factory=dict)
    requested: frozenset[str] = frozenset()
    reports: frozenset[str] = frozenset()
    actions: Mapping[str, float] = field(default_factory=dict)
    cost: int = 0
    world: WorldState | None = None
    tools: frozenset[str] = frozenset()
    proposed: ev.ToolProposed | None = None
    signals: Mapping[str, int] = field(default_factory=dict)
    cues: frozenset[str] = frozenset()
    hints: int = 0
    front: str = ""
    utterances: tuple[Utterance, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the session takes no more turns."""
        return self.status in OVER

    def minutes(self, at: datetime) -> float:
        """Minutes played until `at`, pauses left out; 0 before the start."""
        if self.started_at is None:
            return 0.0
        end = min(stop for stop in (at, self.paused_at, self.ended_at) if stop is not None)
        return max(0.0, (end - self.started_at - self.paused_for).total_seconds() / 60)

    def seat_of(self, person: str) -> str | None:
        """The seat a person sits in, if any."""
        return next((seat for seat, people in self.people.items() if person in people), None)

    def last_of(self, role: Role) -> Utterance | None:
        """The latest utterance of a role."""
        return next((said for said in reversed(self.utterances) if said.role == role), None)


def fold(scenario: Scenario, log: Iterable[ev.Event], state: State | None = None) -> State:
    """The state after `log`; from `state` on where one is given."""
    return reduce(partial(evolve, scenario), log, state or State())


def evolve(scenario: Scenario, state: State, event: ev.Event) -> State:
    """The state after one more event. Never fails on an event that `decide` made."""
    changes = _CHANGES[type(event)](scenario, state, event)
    before = dict(zip(_NAMES, _VALUES(state), strict=True))
    # As `dataclasses.replace`, which takes twice as long, does; every event goes through here.
    return State(**{**before, **changes, "seq": state.seq + 1, "last_at": event.at})


_NAMES = tuple(one.name for one in fields(State))
_VALUES = attrgetter(*_NAMES)


Changes = dict[str, Any]


def _started(scenario: Scenario, state: State, event: ev.Started) -> Changes:
    cast = cast_of(scenario, event.mode)
    values = {
        (seat_id, name): variable.start
        for seat_id, seat in cast.items()
        if seat.persona and seat.played_by != "human"
        for name, variable in scenario.personas[seat.persona].state.items()
    }
    return {
        "status": "in_progress",
        "scenario_hash": event.scenario_hash,
        "mode": event.mode,
        "language": event.language,
        "seed": event.seed,
        "started_at": event.at,
        "present": frozenset(id_ for id_, seat in cast.items() if seat.joins == "at_start"),
        "values": values,
        "world": start_of(scenario.world) if scenario.world else None,
    }


def _seated(scenario: Scenario, state: State, event: ev.Seated) -> Changes:
    people = (*state.people.get(event.seat, ()), event.person)
    return {"people": {**state.people, event.seat: people}}


def _unseated(scenario: Scenario, state: State, event: ev.Unseated) -> Changes:
    left = tuple(one for one in state.people.get(event.seat, ()) if one != event.person)
    return {"people": {**state.people, event.seat: left}}


def _joined(scenario: Scenario, state: State, event: ev.Joined) -> Changes:
    return {"present": state.present | {event.seat}}


def _heard(state: State, event: ev.Event, **said: Any) -> Changes:
    utterance = Utterance(seq=state.seq + 1, at=event.at, **said)
    return {"utterances": (*state.utterances, utterance)}


def _trainee_said(scenario: Scenario, state: State, event: ev.TraineeSaid) -> Changes:
    return {
        **_heard(
            state, event, seat=event.seat, role="trainee", text=event.text, person=event.person
        ),
        "turns": state.turns + 1,
        "phase_turns": state.phase_turns + 1,
    }


def _asked(scenario: Scenario, state: State, event: ev.Asked) -> Changes:
    first = dict.fromkeys(event.facts, event.in_seq)
    return {
        "asked": {**first, **state.asked},
        "topics": (*event.facts, *(old for old in state.topics if old not in event.facts))[:5],
    }


def _signalled(scenario: Scenario, state: State, event: ev.Signalled) -> Changes:
    count = state.signals.get(event.signal, 0) + 1
    return {"signals": {**state.signals, event.signal: count}}


def _moved(scenario: Scenario, state: State, event: ev.Moved) -> Changes:
    return {"values": {**state.values, (event.seat, event.variable): event.to}}


def _fact_opened(scenario: Scenario, state: State, event: ev.FactOpened) -> Changes:
    return {"opened": state.opened | {event.fact}}


def _character_said(scenario: Scenario, state: State, event: ev.CharacterSaid) -> Changes:
    return {
        **_heard(
            state,
            event,
            seat=event.seat,
            role="character",
            text=event.text,
            in_reply_to=event.in_reply_to,
            answers=event.answers,
            cut=event.cut,
            outage=event.outage,
            degraded=event.degraded,
            model=event.model,
            tokens=event.tokens,
        ),
        "front": event.seat,
    }


def _fact_said(scenario: Scenario, state: State, event: ev.FactSaid) -> Changes:
    return {"said": {event.fact: event.in_seq, **state.said}}


def _narrated(scenario: Scenario, state: State, event: ev.Narrated) -> Changes:
    return _heard(state, event, seat=NARRATOR, role="narrator", text=event.text)


def _exhibit_scheduled(scenario: Scenario, state: State, event: ev.ExhibitScheduled) -> Changes:
    return {
        "scheduled": {**state.scheduled, event.exhibit: event.due},
        "requested": _requested(state, event.exhibit, event.because),
    }


def _exhibit_released(scenario: Scenario, state: State, event: ev.ExhibitReleased) -> Changes:
    waiting = {id_: due for id_, due in state.scheduled.items() if id_ != event.exhibit}
    return {
        "released": {**state.released, event.exhibit: state.seq + 1},
        "scheduled": waiting,
        "requested": _requested(state, event.exhibit, event.because),
    }


def _requested(state: State, exhibit: str, because: str) -> frozenset[str]:
    return state.requested | {exhibit} if because == "asked" else state.requested


def _report_released(scenario: Scenario, state: State, event: ev.ReportReleased) -> Changes:
    return {"reports": state.reports | {event.exhibit}}


def _action_taken(scenario: Scenario, state: State, event: ev.ActionTaken) -> Changes:
    cost = next((one.cost for one in scenario.actions if one.id == event.action), 0)
    first = state.actions.get(event.action, state.minutes(event.at))
    return {"actions": {**state.actions, event.action: first}, "cost": state.cost + cost}


def _tool_proposed(scenario: Scenario, state: State, event: ev.ToolProposed) -> Changes:
    return {"proposed": event}


def _tool_dropped(scenario: Scenario, state: State, event: ev.ToolDropped) -> Changes:
    return {"proposed": None}


def _tool_done(scenario: Scenario, state: State, event: ev.ToolDone) -> Changes:
    return {
        **_heard(state, event, seat=event.seat, role="tool", text=event.text),
        "proposed": None,
        "tools": state.tools | {event.tool} if event.ok else state.tools,
        "world": apply(state.world, event.changes) if state.world else None,
    }


def _phase_entered(scenario: Scenario, state: State, event: ev.PhaseEntered) -> Changes:
    return {
        "phase": event.phase,
        "phase_turns": 0,
        "phase_minute": state.minutes(event.at),
    }


def _cue_fired(scenario: Scenario, state: State, event: ev.CueFired) -> Changes:
    return {"cues": state.cues | {event.cue}}


def _hint_given(scenario: Scenario, state: State, event: ev.HintGiven) -> Changes:
    return {"hints": state.hints + 1}


def _paused(scenario: Scenario, state: State, event: ev.Paused) -> Changes:
    return {"status": "paused", "paused_at": event.at}


def _resumed(scenario: Scenario, state: State, event: ev.Resumed) -> Changes:
    stopped_at = state.paused_at or state.ended_at
    rested = event.at - stopped_at if stopped_at else timedelta()
    return {
        "status": "in_progress",
        "paused_at": None,
        "ended_at": None,
        "ended_because": "",
        "paused_for": state.paused_for + rested,
        # What was on its way when the clock stopped still needs its time.
        "scheduled": {id_: due + rested for id_, due in state.scheduled.items()},
    }


def _nothing(scenario: Scenario, state: State, event: ev.Event) -> Changes:
    return {}


def _ended(scenario: Scenario, state: State, event: ev.Ended) -> Changes:
    return {
        "status": event.status,
        # Whoever was away did not play meanwhile.
        "ended_at": state.paused_at or (state.last_at if event.because == "idle" else event.at),
        "ended_because": event.because,
        "proposed": None,
    }


def _injected(scenario: Scenario, state: State, event: ev.Injected) -> Changes:
    role: Role = "narrator" if event.seat == NARRATOR else "character"
    return _heard(state, event, seat=event.seat, role=role, text=event.text, person=event.person)


def _taken_over(scenario: Scenario, state: State, event: ev.TakenOver) -> Changes:
    return {"taken_over": {**state.taken_over, event.seat: event.person}}


def _handed_back(scenario: Scenario, state: State, event: ev.HandedBack) -> Changes:
    rest = {seat: who for seat, who in state.taken_over.items() if seat != event.seat}
    return {"taken_over": rest}


_CHANGES: Mapping[type[ev.Event], Callable[[Scenario, State, Any], Changes]] = {
    ev.Started: _started,
    ev.Seated: _seated,
    ev.Unseated: _unseated,
    ev.Joined: _joined,
    ev.TraineeSaid: _trainee_said,
    ev.Asked: _asked,
    ev.Signalled: _signalled,
    ev.Moved: _moved,
    ev.FactOpened: _fact_opened,
    ev.CharacterSaid: _character_said,
    ev.FactSaid: _fact_said,
    ev.Narrated: _narrated,
    ev.ExhibitScheduled: _exhibit_scheduled,
    ev.ExhibitReleased: _exhibit_released,
    ev.ExhibitRefused: _nothing,
    ev.ReportReleased: _report_released,
    ev.ActionTaken: _action_taken,
    ev.ToolProposed: _tool_proposed,
    ev.ToolDropped: _tool_dropped,
    ev.ToolDone: _tool_done,
    ev.PhaseEntered: _phase_entered,
    ev.CueFired: _cue_fired,
    ev.HintGiven: _hint_given,
    ev.Paused: _paused,
    ev.Resumed: _resumed,
    ev.Cared: _nothing,
    ev.Ended: _ended,
    ev.Injected: _injected,
    ev.TakenOver: _taken_over,
    ev.HandedBack: _handed_back,
    ev.Aside: _nothing,
    ev.Edited: _nothing,
    ev.Deleted: _nothing,
}
