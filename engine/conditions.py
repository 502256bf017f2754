"""When a phase ends and a cue fires: conditions over the state and the moment. Pure."""

from dataclasses import dataclass
from datetime import datetime

from engine.casting import ai_seats
from engine.scenario import Scenario
from engine.scenario.flow import Condition, Exit
from engine.session import State
from engine.words import says

_A_TOUCH = 1e-6
"""Minutes: what sums of minutes may fall short by, with times kept in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is true only now: the words just said, a command, an instructor's decision."""

    at: datetime
    words: str = ""
    judged: tuple[str, ...] = ()
    command: str = ""
    instructor: bool = False


def leaves(scenario: Scenario, state: State, exit_: Exit, moment: Moment) -> bool:
    """Whether a phase with this exit is left."""
    if any(holds(scenario, state, one, moment) for one in exit_.any):
        return True
    return bool(exit_.all) and all(holds(scenario, state, one, moment) for one in exit_.all)


def holds(scenario: Scenario, state: State, condition: Condition, moment: Moment) -> bool:
    """Whether everything the condition names is true."""
    return (
        _counts_hold(state, condition, moment)
        and _log_holds(scenario, state, condition)
        and _moment_holds(condition, moment)
        and _state_holds(scenario, state, condition)
        and _unless_holds(state, condition)
    )


def _counts_hold(state: State, condition: Condition, moment: Moment) -> bool:
    minutes = state.minutes(moment.at)
    wanted = (
        (condition.turns, state.turns),
        (condition.phase_turns, state.phase_turns),
        (condition.minutes, minutes),
        (condition.phase_minutes, minutes - state.phase_minute),
    )
    return all(least is None or value >= least - _A_TOUCH for least, value in wanted)


def _log_holds(scenario: Scenario, state: State, condition: Condition) -> bool:
    exhibits = condition.exhibits
    if exhibits == "all":
        # Those the trainee can get by asking; the limit may stop before the last of them.
        on_ask = [one.id for one in scenario.exhibits if one.release == "on_ask"]
        shown = sum(one in state.released for one in on_ask)
        exhibits_hold = shown >= min(len(on_ask), scenario.limits.exhibits)
    else:
        exhibits_hold = all(one in state.released for one in exhibits)
    return (
        exhibits_hold
        and (condition.phase is None or state.phase == condition.phase)
        and all(one in state.said for one in condition.facts)
        and all(one in state.asked for one in condition.asked)
        and (condition.action is None or condition.action in state.actions)
        and (condition.tool is None or condition.tool in state.tools)
        and (condition.signal is None or condition.signal in state.signals)
    )


def _moment_holds(condition: Condition, moment: Moment) -> bool:
    return (
        (not condition.keyword or any(says(moment.words, one) for one in condition.keyword))
        and (not condition.judged or condition.judged in moment.judged)
        and (condition.command is None or condition.command == moment.command)
        and (condition.instructor is None or moment.instructor)
    )


def _state_holds(scenario: Scenario, state: State, condition: Condition) -> bool:
    seats = [condition.of] if condition.of else list(ai_seats(scenario, state.mode))
    return all(
        any(
            bounds.holds(state.values[seat, name]) for seat in seats if (seat, name) in state.values
        )
        for name, bounds in condition.state.items()
    )


def _unless_holds(state: State, condition: Condition) -> bool:
    return (
        condition.unless_action not in state.actions
        and condition.unless_fact not in state.said
        and condition.unless_asked not in state.asked
    )
