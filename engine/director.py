"""What happens by itself: cues, delayed exhibits, phases, time limits. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from engine import events as ev
from engine.casting import mode_of
from engine.conditions import Moment, holds, leaves
from engine.draft import Draft
from engine.errors import NotAllowedNow
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR, Condition, Cue, Exit, Phase
from engine.session import State


def phase_named(scenario: Scenario, phase_id: str) -> Phase:
    """The phase with this id, which must exist."""
    return next(phase for phase in scenario.phases if phase.id == phase_id)


def advance(draft: Draft, moment: Moment, *, clock: bool = False) -> None:
    """Everything that is due now: exhibits on their way, cues, and at most one step of the phases.

    Cues that wait for the phase just entered, or for what another cue moved, fire with it. The last
    phase is not left here but in `settle`, so that the character can still say goodbye. With
    `clock` only time has passed, and only what looks at the clock leaves a phase.
    """
    if draft.state.status != "in_progress":
        return
    _arrivals(draft)
    _cues(draft, moment)
    phase = phase_named(draft.scenario, draft.state.phase)
    way_out = _timed(phase.exit) if clock else phase.exit
    if not draft.state.over and phase.next and leaves(draft.scenario, draft.state, way_out, moment):
        enter_next(draft, moment, because="exit")
        _cues(draft, moment)


def _timed(exit_: Exit) -> Exit:
    """What of an exit the clock decides."""
    every = exit_.all if any(_looks_at_clock(one) for one in exit_.all) else ()
    return Exit(any=tuple(one for one in exit_.any if _looks_at_clock(one)), all=every)


def _looks_at_clock(condition: Condition) -> bool:
    return condition.minutes is not None or condition.phase_minutes is not None


def settle(draft: Draft, moment: Moment, *, entered: str | None) -> None:
    """What follows once a reply stands: the next phase by facts, its question, the end.

    `entered` is the phase this turn already moved to: its exit is not tried at once, and its
    question is still to be put.
    """
    if draft.state.status != "in_progress":
        return
    before = draft.state.phase
    # The words were heard before the reply; a command still counts.
    by_now = replace(moment, words="", instructor=False)
    if entered:
        _arrivals(draft)
        _cues(draft, by_now)
    else:
        advance(draft, by_now)
    if draft.state.over:
        return
    now_in = draft.state.phase if draft.state.phase != before else entered
    if now_in:
        _ask(draft, now_in)
        return
    phase = phase_named(draft.scenario, draft.state.phase)
    if not phase.next and leaves(draft.scenario, draft.state, phase.exit, moment):
        draft.end("completed", "last phase")
    elif draft.state.turns >= draft.scenario.limits.turns:
        draft.end("completed", "turns")


def lead_on(draft: Draft, moment: Moment, because: str) -> None:
    """Leave the phase on somebody's word: cues that wait for it, the next phase, its question.

    A cue that waits for the instructor waits for `call_cue`, not for this.
    """
    before = draft.state.phase
    _cues(draft, replace(moment, instructor=False))
    if draft.state.over:
        return
    enter_next(draft, moment, because)
    if draft.state.phase != before:
        settle(draft, moment, entered=draft.state.phase)


def call_cue(draft: Draft, cue_id: str) -> None:
    """Fire one cue on the instructor's word, whatever it waits for; "" for what waits for that.

    Raises:
        NotAllowedNow: there is no such cue, it fired already, or its speaker cannot speak now.
    """
    if not cue_id:
        _cues(draft, Moment(at=draft.at, instructor=True))
        if not draft.events:
            raise NotAllowedNow("no cue waits for the instructor")
        return
    cue = next((one for one in draft.scenario.cues if one.id == cue_id), None)
    if cue is None:
        raise NotAllowedNow("no such cue")
    if cue.id in draft.state.cues:
        raise NotAllowedNow(f"cue {cue.id} was given already")
    if cue.say_as and cue.say_as != cue.joins:
        draft.require_voice(cue.say_as)
    _fire(draft, cue)
    _cues(draft, Moment(at=draft.at))


def enter_next(draft: Draft, moment: Moment, because: str) -> None:
    """Go to the phase that follows; complete the session where none does."""
    phase = phase_named(draft.scenario, draft.state.phase)
    if not phase.next:
        draft.end("completed", because)
        return
    following = [phase_named(draft.scenario, id_) for id_ in phase.next]
    chosen = next(
        (
            one
            for one in following
            if one.enter is not None and holds(draft.scenario, draft.state, one.enter, moment)
        ),
        next((one for one in following if one.enter is None), following[-1]),
    )
    draft.add(ev.PhaseEntered(at=draft.at, phase=chosen.id, because=because))


def _ask(draft: Draft, phase_id: str) -> None:
    """In a mode where the character leads, it puts the phase's question."""
    question = phase_named(draft.scenario, phase_id).ask
    leads = mode_of(draft.scenario, draft.state.mode).leads
    seat = draft.leading_seat()
    if question and leads is not False and seat:
        draft.say_as(seat, question, because=f"phase {phase_id}")


def _arrivals(draft: Draft) -> None:
    for exhibit, due in sorted(draft.state.scheduled.items(), key=lambda item: item[1]):
        if due <= draft.at:
            draft.add(ev.ExhibitReleased(at=draft.at, exhibit=exhibit, because="arrived"))


def _cues(draft: Draft, moment: Moment) -> None:
    """Fire what holds, and what holds by that; each fires once, so it comes to an end."""
    fired = -1
    while fired < len(draft.state.cues):
        fired = len(draft.state.cues)
        _cue_round(draft, moment)


def _cue_round(draft: Draft, moment: Moment) -> None:
    for cue in draft.scenario.cues:
        if cue.id in draft.state.cues or draft.state.over:
            continue
        if not holds(draft.scenario, draft.state, cue.when, moment):
            continue
        _fire(draft, cue)


def _fire(draft: Draft, cue: Cue) -> None:
    draft.add(ev.CueFired(at=draft.at, cue=cue.id))
    if cue.joins and cue.joins not in draft.state.present:
        draft.add(ev.Joined(at=draft.at, seat=cue.joins))
    draft.say_as(cue.say_as or NARRATOR, cue.text, because=f"cue {cue.id}")
    draft.release(cue.releases, because=f"cue {cue.id}")
    if cue.moves and (seat := cue.of or draft.leading_seat()):
        draft.move(seat, cue.moves, because=f"cue {cue.id}")
    if cue.ends:
        draft.end("completed", f"cue {cue.id}")


def pass_time(draft: Draft) -> None:
    """What the clock alone brings: arrivals, cues, phases by minutes, the limit, the idle end."""
    state = draft.state
    if state.status != "in_progress":
        return
    limits = draft.scenario.limits
    if state.minutes(draft.at) >= limits.minutes:
        draft.narrate("Time is up. Thank you: this simulation ends here.", because="time")
        draft.end("completed", "time")
        return
    if state.last_at and draft.at - state.last_at >= timedelta(minutes=limits.idle_minutes):
        draft.end("abandoned", "idle")
        return
    before = state.phase
    moment = Moment(at=draft.at)
    advance(draft, moment, clock=True)
    if draft.state.over:
        return
    phase = phase_named(draft.scenario, draft.state.phase)
    if phase.id != before:
        _ask(draft, phase.id)
    elif not phase.next and leaves(draft.scenario, draft.state, _timed(phase.exit), moment):
        draft.end("completed", "last phase")


def next_due(scenario: Scenario, state: State, after: datetime | None = None) -> datetime | None:
    """When the clock alone may next change something, later than `after`; None while it cannot.

    `after` is the moment up to which time was already let pass. Without it, what should have come
    by the last event and did not, as a hint or a pause lets nothing happen, is due at once.
    """
    if state.status != "in_progress" or state.started_at is None or state.last_at is None:
        return None
    if after is None and _overdue(scenario, state, state.last_at):
        return state.last_at
    candidates = [
        state.last_at + timedelta(minutes=scenario.limits.idle_minutes),
        *state.scheduled.values(),
        *(_moment_of(state, minutes) for minutes in _clock_marks(scenario, state)),
    ]
    later = [when for when in candidates if when > (after or state.last_at)]
    return min(later, default=None)


def _overdue(scenario: Scenario, state: State, at: datetime) -> bool:
    draft = Draft(scenario, state, at)
    pass_time(draft)
    return bool(draft.events)


def _moment_of(state: State, minutes: float) -> datetime:
    assert state.started_at is not None  # noqa: S101  # next_due asked already
    return state.started_at + state.paused_for + timedelta(minutes=minutes)


def _clock_marks(scenario: Scenario, state: State) -> Iterator[float]:
    """Minutes of play at which a cue, a phase or the limit looks at the clock."""
    yield scenario.limits.minutes
    phase = phase_named(scenario, state.phase)
    waiting = [cue.when for cue in scenario.cues if cue.id not in state.cues]
    condition: Condition
    for condition in (*waiting, *phase.exit.any, *phase.exit.all):
        if condition.minutes is not None:
            yield condition.minutes
        if condition.phase_minutes is not None:
            yield state.phase_minute + condition.phase_minutes
