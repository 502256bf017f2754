"""Scenario files in, scenarios and everything wrong with them out.

`load` never raises for what a file holds: all problems come back at once, each at its line and
column. What is wrong between the parts of a scenario (`engine.lint`) is told once its types are
right.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from engine import complaints, yaml_text
from engine.lint import lint
from engine.problems import Finding, Problem
from engine.rubrics import NONE, BadRubricPack, Rubrics, above, filled, takes_over
from engine.scenario import Scenario
from engine.yaml_text import Document, Placed

FILE = "scenario.yaml"
"""The name of the file in a scenario's folder."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as it was read.

    `scenario` is there as soon as the types are right, errors of lint or not: ask `ok` before
    playing it. `body` is what to store, empty without a scenario.
    """

    scenario: Scenario | None
    problems: tuple[Problem, ...]
    body: str = ""

    @property
    def ok(self) -> bool:
        """Whether it can be played: nothing worse than warnings."""
        errors = any(problem.severity == "error" for problem in self.problems)
        return self.scenario is not None and not errors


def load(path: Path, rubrics: Rubrics = NONE) -> Loaded:
    """Read a scenario from its file, or from the folder that holds `scenario.yaml`.

    It can take over criteria of `rubrics` and of the packs beside or above it. A file that cannot
    be opened is a problem too, not an exception.
    """
    file = path / FILE if path.is_dir() else path
    try:
        with file.open("rb") as opened:
            raw = opened.read(yaml_text.MAX_BYTES + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        text = f"cannot be read: {why}"
        return Loaded(None, (Problem(path=str(file), line=1, column=1, text=text),))
    return load_bytes(raw, name=str(file), folder=file.parent, rubrics=rubrics)


def load_bytes(
    raw: bytes, *, name: str = FILE, folder: Path | None = None, rubrics: Rubrics = NONE
) -> Loaded:
    """Read a scenario from the bytes of a file.

    `name` is how problems call the file. Without a `folder` it is not looked whether the media
    files are there.
    """
    document = yaml_text.read(raw)
    found = list(document.findings)
    found += _filled(document, folder, rubrics)
    scenario = _modelled(document, found)
    if scenario is not None:
        found += (_place(document, finding) for finding in lint(scenario, folder))
    problems = tuple(dict.fromkeys(_problem(name, one) for one in sorted(found, key=_in_file)))
    return Loaded(scenario, problems, body_of(scenario) if scenario else "")


def _filled(document: Document, folder: Path | None, rubrics: Rubrics) -> Iterator[Placed]:
    """Take over criteria of packs; what is wrong with that."""
    if not takes_over(document.data):
        return
    try:
        known = rubrics | above(folder) if folder else rubrics
    except BadRubricPack as error:
        yield _place(document, Finding(path=("rubric",), text=str(error)))
        return
    yield from (_place(document, one) for one in filled(document.data, known))


def _modelled(document: Document, found: list[Placed]) -> Scenario | None:
    """The scenario, or None; what the model refused is added to `found`, unless told already."""
    if document.data is None:
        return None
    try:
        return Scenario.model_validate(document.data)
    except ValidationError as error:
        told = {placed.finding.path for placed in found}
        found += (one for one in complaints.placed(error, document) if one.finding.path not in told)
        return None


def _place(document: Document, finding: Finding) -> Placed:
    return Placed(document.place_of(finding.path), finding)


def _in_file(placed: Placed) -> tuple[tuple[int, int], str]:
    return placed.place, placed.finding.severity


def _problem(name: str, placed: Placed) -> Problem:
    (line, column), finding = placed
    return Problem(
        path=name, line=line, column=column, severity=finding.severity, text=finding.text
    )


def body_of(scenario: Scenario) -> str:
    """The scenario as JSON, everything written out: equal scenarios have equal bodies.

    Keys stand in the order of the model and of the file, because the order of seats and modes
    means something.
    """
    return scenario.model_dump_json(by_alias=True)


def from_body(body: str) -> Scenario:
    """The scenario that `body_of` wrote.

    Raises:
        ValueError: this is no such body.
    """
    return Scenario.model_validate_json(body)


def hash_of(scenario: Scenario) -> str:
    """The SHA-256 of the scenario's body, in hex: its name in `scenario_versions`."""
    return hashlib.sha256(body_of(scenario).encode()).hexdigest()
