"""Walks over a scenario that several rules share, and short ways to say a finding."""

from collections.abc import Iterator

from engine.problems import Finding, Where
from engine.scenario import Scenario
from engine.scenario.flow import Condition


def error(path: Where, text: str) -> Finding:
    """A finding that keeps the scenario from being played."""
    return Finding(path=path, text=text)


def warning(path: Where, text: str) -> Finding:
    """A finding that makes the scenario worse, but playable."""
    return Finding(path=path, severity="warning", text=text)


def conditions(scenario: Scenario) -> Iterator[tuple[Where, Condition]]:
    """Every condition with its path."""
    for at, phase in enumerate(scenario.phases):
        here: Where = ("phases", at)
        if phase.enter is not None:
            yield (*here, "enter"), phase.enter
        for number, one in enumerate(phase.exit.any):
            yield (*here, "exit", "any", number), one
        for number, one in enumerate(phase.exit.all):
            yield (*here, "exit", "all", number), one
    for at, cue in enumerate(scenario.cues):
        yield ("cues", at, "when"), cue.when


def released(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    """Every id in the `releases` of an action or a cue, with its path."""
    for at, action in enumerate(scenario.actions):
        for number, one in enumerate(action.releases):
            yield ("actions", at, "releases", number), one
    for at, cue in enumerate(scenario.cues):
        for number, one in enumerate(cue.releases):
            yield ("cues", at, "releases", number), one


def texts_of(value: object, path: Where) -> Iterator[tuple[Where, str]]:
    """Every text in a value of lists and keys, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_of(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            yield from texts_of(inner, (*path, at))
