"""Rubric packs: criteria that many scenarios share, taken over by their ids.

A scenario's criterion says `use: clinical-interview/empathy` and has everything of that one but
what it says itself. It is filled in while the file is read, so that a scenario that is kept, and a
session that was played, hold the whole criterion whatever becomes of the pack.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from engine.problems import Finding, Where, nearest, shown
from engine.scenario.base import Line, Part, Slug
from engine.scenario.rubric import Criterion

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FOLDER = "rubrics"
"""The folder of packs, beside the scenarios or in a folder above them."""


class RubricPack(Part):
    """Criteria of one kind of conversation, with weights that suit each other."""

    format: Literal["dressrun-rubric/1"]
    id: Slug
    title: Line
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class BadRubricPack(ValueError):
    """A pack that cannot be used: which file, and why."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file}: {why}")
        self.file = str(file)
        self.why = why


@dataclass(frozen=True, slots=True)
class Rubrics:
    """Packs by id, with each criterion as it was written."""

    packs: Mapping[str, RubricPack] = field(default_factory=dict)
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __or__(self, other: "Rubrics") -> "Rubrics":
        """Both; where both have a pack, the later one's."""
        return Rubrics({**self.packs, **other.packs}, {**self.written, **other.written})


NONE = Rubrics()


def load_rubrics(*folders: Path) -> Rubrics:
    """The packs in some folders; one that does not exist holds nothing.

    Raises:
        BadRubricPack: a file there is no pack.
    """
    found = NONE
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            found = found | _pack(file, file.stat().st_mtime_ns)
    return found


def above(folder: Path) -> Rubrics:
    """The packs of the nearest `rubrics` folder at or above a scenario's own.

    Raises:
        BadRubricPack: a file there is no pack.
    """
    for one in (folder, *folder.resolve().parents):
        if (one / FOLDER).is_dir():
            return load_rubrics(one / FOLDER)
    return NONE


@lru_cache(maxsize=64)
def _pack(file: Path, changed: int) -> Rubrics:
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - safe
        pack = RubricPack.model_validate(data)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadRubricPack(file, f"cannot be read: {type(error).__name__}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadRubricPack(file, f"{where}: {first['msg']}") from None
    written = {f"{pack.id}/{one['id']}": one for one in data["criteria"]}
    return Rubrics({pack.id: pack}, written)


def takes_over(data: object) -> bool:
    """Whether a scenario's data uses any pack."""
    return any(isinstance(one, dict) and "use" in one for one in _criteria(data))


def filled(data: object, rubrics: Rubrics) -> Iterator[Finding]:
    """Fill in what a scenario's data takes over from packs, in place; what names nothing known."""
    for at, criterion in enumerate(_criteria(data)):
        use = criterion.get("use") if isinstance(criterion, dict) else None
        if not isinstance(use, str):
            continue
        written = rubrics.written.get(use)
        if written is None:
            here: Where = ("rubric", "criteria", at, "use")
            hint = nearest(use, rubrics.written) or ": remove it, or add the pack"
            yield Finding(path=here, text=f"no criterion {shown(use)} in any rubric pack{hint}")
            continue
        for name, value in written.items():
            criterion.setdefault(name, value)


def _criteria(data: object) -> list[Any]:
    rubric = data.get("rubric") if isinstance(data, dict) else None
    criteria = rubric.get("criteria") if isinstance(rubric, dict) else None
    return criteria if isinstance(criteria, list) else []
