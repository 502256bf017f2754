"""Ids: unique among their kind, and not taken by the product."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from engine.lint.parts import error
from engine.problems import Finding, Where, shown
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def unique(scenario: Scenario) -> Iterator[Finding]:
    """Ids are unique among their kind; facts and exhibits share `releases`, so also ids."""
    yield from _repeated((("facts",), scenario.facts), (("exhibits",), scenario.exhibits))
    yield from _repeated((("actions",), scenario.actions))
    yield from _repeated((("tools",), scenario.tools))
    yield from _repeated((("phases",), scenario.phases))
    yield from _repeated((("cues",), scenario.cues))
    yield from _repeated((("tests",), scenario.tests))
    yield from _repeated((("rubric", "criteria"), scenario.rubric.criteria))
    for at, action in enumerate(scenario.actions):
        yield from _repeated((("actions", at, "fields"), action.fields))
    if scenario.world:
        world, schedule = scenario.world, scenario.world.schedule
        yield from _repeated((("world", "patients"), world.patients))
        yield from _repeated((("world", "orders"), world.orders))
        yield from _repeated((("world", "tickets"), world.tickets))
        yield from _repeated((("world", "schedule", "nurses"), schedule.nurses))
        yield from _repeated((("world", "schedule", "appointments"), schedule.appointments))


def _repeated(*lists: tuple[Where, Iterable[_HasId]]) -> Iterator[Finding]:
    first: dict[str, Where] = {}
    for path, parts in lists:
        for at, part in enumerate(parts):
            here = (*path, at, "id")
            if part.id in first:
                other = first[part.id]
                told = f"number {int(other[-2]) + 1} of {shown(other[-3])}"
                yield error(here, f"id {shown(part.id)} is taken by {told}: choose another")
            first.setdefault(part.id, here)


def reserved(scenario: Scenario) -> Iterator[Finding]:
    """No seat has the narrator's name."""
    if NARRATOR in scenario.cast:
        yield error(("cast", NARRATOR), f"{shown(NARRATOR)} is reserved: rename the seat")


RULES = (unique, reserved)
