"""Who sits where: the cast of a scenario as a mode changes it. Pure."""

from collections.abc import Mapping, Sequence

from engine.errors import UnknownMode
from engine.scenario import DEFAULT_MODE, Scenario
from engine.scenario.flow import Mode, Opening
from engine.scenario.knowledge import Fact
from engine.scenario.people import Persona, Seat


def mode_names(scenario: Scenario) -> tuple[str, ...]:
    """The modes a scenario can be played in, the default first."""
    return tuple(scenario.modes) or (DEFAULT_MODE,)


def mode_named(scenario: Scenario, name: str | None) -> str:
    """The mode's id; the default for None.

    Raises:
        UnknownMode: the scenario has no such mode.
    """
    names = mode_names(scenario)
    if name is None:
        return names[0]
    if name not in names:
        raise UnknownMode(names)
    return name


def mode_of(scenario: Scenario, name: str) -> Mode:
    """The mode's settings; empty ones for a scenario without modes."""
    return scenario.modes.get(name) or Mode(label="Standard")


def cast_of(scenario: Scenario, mode: str) -> Mapping[str, Seat]:
    """The seats as this mode has them."""
    overlays = mode_of(scenario, mode).cast
    if not overlays:
        return scenario.cast
    return {
        seat_id: seat.model_copy(update=overlays[seat_id].model_dump(exclude_none=True))
        if seat_id in overlays
        else seat
        for seat_id, seat in scenario.cast.items()
    }


def human_seats(scenario: Scenario, mode: str) -> tuple[str, ...]:
    """Seats that people take, the trainee's first."""
    return tuple(
        seat_id for seat_id, seat in cast_of(scenario, mode).items() if seat.played_by == "human"
    )


def free_seats(
    scenario: Scenario, mode: str, people: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Seats that one more person can take; `people` are those who sit, by seat."""
    cast = cast_of(scenario, mode)
    return tuple(
        seat for seat in human_seats(scenario, mode) if len(people.get(seat, ())) < cast[seat].max
    )


def ai_seats(scenario: Scenario, mode: str) -> tuple[str, ...]:
    """Seats that characters play unless a person sits there."""
    return tuple(
        seat_id for seat_id, seat in cast_of(scenario, mode).items() if seat.played_by != "human"
    )


def persona_of(scenario: Scenario, mode: str, seat_id: str) -> Persona | None:
    """The character in a seat, or None for a seat only people take."""
    seat = cast_of(scenario, mode).get(seat_id)
    return scenario.personas.get(seat.persona) if seat and seat.persona else None


def speaker_name(scenario: Scenario, mode: str, seat_id: str) -> str:
    """How a seat is called in a transcript: the character's name, else its role."""
    persona = persona_of(scenario, mode, seat_id)
    if persona is not None and seat_id in ai_seats(scenario, mode):
        return persona.name
    seat = scenario.cast.get(seat_id)
    return seat.role if seat else seat_id


def opening_of(scenario: Scenario, mode: str) -> Opening:
    """The first words, as this mode has them."""
    return mode_of(scenario, mode).opening or scenario.opening


def tools_seats(scenario: Scenario, mode: str) -> tuple[str, ...]:
    """Seats that may use the tools: the mode's `tools_for`, else every human one."""
    seat = mode_of(scenario, mode).tools_for
    return (seat,) if seat else human_seats(scenario, mode)


def knows(scenario: Scenario, persona_id: str | None, fact_id: str) -> bool:
    """Whether a persona holds a fact: it is in `knows`, and `known_by` does not leave it out."""
    persona = scenario.personas.get(persona_id or "")
    fact = next((fact for fact in scenario.facts if fact.id == fact_id), None)
    return persona is not None and fact is not None and holds(persona_id, persona, fact)


def holds(persona_id: str | None, persona: Persona, fact: Fact) -> bool:
    """The same of a fact and a persona at hand."""
    has_it = persona.knows == "all" or fact.id in persona.knows
    return has_it and (not fact.known_by or persona_id in fact.known_by)
