"""Cast: every seat can be played in every mode, and state variables are within bounds."""

from collections.abc import Collection, Iterator

from engine.casting import ai_seats, cast_of, human_seats, mode_names, tools_seats
from engine.lint.parts import conditions, error, warning
from engine.problems import Finding, Where, nearest, shown
from engine.scenario import Scenario
from engine.scenario.base import Moves


def playable(scenario: Scenario) -> Iterator[Finding]:
    """In every mode somebody human takes part, and whoever a character plays has a persona."""
    for mode in mode_names(scenario):
        here: Where = ("modes", mode) if mode in scenario.modes else ("cast",)
        named = f" in mode {shown(mode)}" if mode in scenario.modes else ""
        cast = cast_of(scenario, mode)
        if not human_seats(scenario, mode):
            yield error(here, f"no seat is `played_by: human`{named}: give one to the trainee")
        for id_ in ai_seats(scenario, mode):
            if cast[id_].persona is None:
                yield error(
                    _seat_in(scenario, mode, id_),
                    f"seat {shown(id_)} has no persona{named}: name one, or let a human play it",
                )
        if scenario.tools and not tools_seats(scenario, mode):
            yield error(here, f"nobody can use the tools{named}: set `tools_for`")


def _seat_in(scenario: Scenario, mode: str, seat: str) -> Where:
    overlaid = mode in scenario.modes and seat in scenario.modes[mode].cast
    return ("modes", mode, "cast", seat) if overlaid else ("cast", seat)


def bounds(scenario: Scenario) -> Iterator[Finding]:
    """Lower bounds are below upper ones, and a state variable starts between its own."""
    for id_, seat in scenario.cast.items():
        if seat.min > seat.max:
            yield error(("cast", id_, "min"), "`min` is above `max`: swap them")
    for id_, persona in scenario.personas.items():
        for name, variable in persona.state.items():
            if not variable.min <= variable.start <= variable.max:
                told = f"{shown(name)} starts outside {variable.min} to {variable.max}: move it in"
                yield error(("personas", id_, "state", name), told)


def entries(scenario: Scenario) -> Iterator[Finding]:
    """Whoever joins later is let in by a cue, and a cue lets in only such seats."""
    joining = {cue.joins for cue in scenario.cues if cue.joins}
    for id_, seat in scenario.cast.items():
        if seat.joins == "on_cue" and id_ not in joining:
            yield error(("cast", id_, "joins"), "no cue lets this seat in: add one with `joins`")
    for at, cue in enumerate(scenario.cues):
        if cue.joins in scenario.cast and scenario.cast[cue.joins].joins == "at_start":
            told = f"seat {shown(cue.joins)} is there from the start: give it `joins: on_cue`"
            yield error(("cues", at, "joins"), told)


def variables_of(scenario: Scenario, seat: str | None) -> set[str]:
    """The state variables of the characters in a seat over all modes; of every one for None."""
    seats = [seat] if seat else list(scenario.cast)
    personas = {
        cast[one].persona
        for mode in mode_names(scenario)
        for cast in [cast_of(scenario, mode)]
        for one in seats
        if one in cast
    }
    return {
        name
        for id_ in personas
        if id_ is not None and id_ in scenario.personas
        for name in scenario.personas[id_].state
    }


def moves(scenario: Scenario) -> Iterator[Finding]:
    """Signals and cues move, and conditions ask for, variables that a character has."""
    everyone = variables_of(scenario, None)
    for id_, signal in scenario.signals.items():
        yield from _unknown(("signals", id_, "moves"), signal.moves, everyone)
    for at, cue in enumerate(scenario.cues):
        known = variables_of(scenario, cue.of)
        yield from _unknown(("cues", at, "moves"), cue.moves, known)
    for path, condition in conditions(scenario):
        known = variables_of(scenario, condition.of)
        yield from _unknown((*path, "state"), condition.state, known)


def _unknown(path: Where, names: Moves | Collection[str], known: set[str]) -> Iterator[Finding]:
    for name in names:
        if name not in known:
            hint = nearest(name, known) or ": add it to the persona's `state`"
            yield error((*path, name), f"no state variable {shown(name)}{hint}")


def used(scenario: Scenario) -> Iterator[Finding]:
    """Every persona sits somewhere."""
    seated = {seat.persona for seat in scenario.cast.values()}
    for mode in scenario.modes.values():
        seated |= {overlay.persona for overlay in mode.cast.values()}
    for id_ in scenario.personas:
        if id_ not in seated:
            yield warning(("personas", id_), f"no seat has persona {shown(id_)}")


RULES = (playable, bounds, entries, moves, used)
