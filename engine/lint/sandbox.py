"""Sandbox: real dates, times in order, and tools that have something to work on."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from engine.lint.parts import error
from engine.problems import Finding, Where, shown
from engine.scenario import Scenario
from engine.scenario.sandbox import Schedule, World
from engine.world import unusable


def tools(scenario: Scenario) -> Iterator[Finding]:
    """Every tool does a known thing on a part of the world that is there."""
    for at, tool in enumerate(scenario.tools):
        here: Where = ("tools", at)
        if why := unusable(tool):
            yield error(here, why)
        if not _has_backend(scenario.world, tool.backend):
            told = f"the world has no {tool.backend}: add them under `world`"
            yield error((*here, "backend"), told)
        for number, name in enumerate(tool.optional):
            if name not in tool.args:
                told = f"{shown(name)} is none of the tool's `args`: add it there"
                yield error((*here, "optional", number), told)


def _has_backend(world: World | None, backend: str) -> bool:
    if world is None:
        return False
    if backend in ("schedule", "nurses"):
        return bool(world.schedule.nurses)
    # Orders and tickets may all be created in the session.
    return bool(world.patients) if backend == "patients" else True


def _dates(world: World) -> Iterator[tuple[Where, str]]:
    yield ("world", "now"), world.now
    for at, patient in enumerate(world.patients):
        if patient.born:
            yield ("world", "patients", at, "born"), patient.born
    schedule: Where = ("world", "schedule")
    for at, nurse in enumerate(world.schedule.nurses):
        yield (*schedule, "nurses", at, "licence_expires"), nurse.licence_expires
    for at, override in enumerate(world.schedule.overrides):
        yield (*schedule, "overrides", at, "date"), override.date
    for at, booked in enumerate(world.schedule.appointments):
        yield (*schedule, "appointments", at, "start"), booked.start


def calendar(scenario: Scenario) -> Iterator[Finding]:
    """Dates are days of the calendar, and the world's time zone exists."""
    if scenario.world is None:
        return
    for path, written in _dates(scenario.world):
        try:
            date.fromisoformat(written[:10])
        except ValueError:
            yield error(path, f"{shown(written[:10])} is no day of the calendar: correct it")
    try:
        ZoneInfo(scenario.world.timezone)
    except (ValueError, OSError, LookupError):
        told = f"no time zone {shown(scenario.world.timezone)}: write it like `Europe/London`"
        yield error(("world", "timezone"), told)


def times(scenario: Scenario) -> Iterator[Finding]:
    """Times of the schedule end after they begin."""
    schedule = scenario.world.schedule if scenario.world else Schedule()
    here: Where = ("world", "schedule")
    for at, rule in enumerate(schedule.availability):
        if rule.from_ >= rule.to:
            yield error((*here, "availability", at, "from"), "`from` is not before `to`: swap them")
    for at, override in enumerate(schedule.overrides):
        if override.from_ >= override.to:
            yield error((*here, "overrides", at, "from"), "`from` is not before `to`: swap them")


RULES = (tools, calendar, times)
