"""Media: the files that a scenario names, and whether they are there."""

from collections.abc import Iterator
from pathlib import Path

from engine.lint.parts import error
from engine.problems import Finding, Where, nearest, shown
from engine.scenario import Scenario
from engine.scenario.exhibits import Media, Radiology

FOLDER = "media"
"""The folder beside `scenario.yaml` that holds all its files."""


def named(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    """Every file that the scenario names, with the path of the name."""
    if scenario.picture:
        yield ("picture",), scenario.picture
    if scenario.brief.picture:
        yield ("brief", "picture"), scenario.brief.picture
    for at, document in enumerate(scenario.brief.documents):
        yield ("brief", "documents", at, "file"), document.file
    for id_, persona in scenario.personas.items():
        if persona.picture:
            yield ("personas", id_, "picture"), persona.picture
    for at, exhibit in enumerate(scenario.exhibits):
        if isinstance(exhibit, Media | Radiology):
            yield ("exhibits", at, "file"), exhibit.file


def missing(scenario: Scenario, folder: Path) -> Iterator[Finding]:
    """Files that the scenario names and its `media/` folder does not hold."""
    try:
        there = {one.name for one in (folder / FOLDER).iterdir() if one.is_file()}
    except OSError:
        there = set()
    for path, name in named(scenario):
        if name not in there:
            hint = nearest(name, there)
            yield error(path, f"{shown(name)} is not in {FOLDER}/{hint or ': add the file'}")
