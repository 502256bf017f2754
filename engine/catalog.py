"""The catalog: all scenarios of some folders, loaded once."""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine import loader, rubrics
from engine.errors import UnknownMedia, UnknownScenario
from engine.lint import media
from engine.problems import Problem
from engine.scenario import Document, Scenario


@dataclass(frozen=True)
class _Entry:
    folder: Path
    loaded: loader.Loaded
    scenario: Scenario
    hash: str

    @cached_property
    def media(self) -> Mapping[str, Path]:
        """The files that the scenario names, links resolved; none outside of its folder."""
        inside = self.folder.resolve() / media.FOLDER
        files = {name: (inside / name).resolve() for _, name in media.named(self.scenario)}
        return {name: file for name, file in files.items() if file.is_relative_to(inside)}


class Catalog:
    """The scenarios of some folders. Built once; files that change later are not seen."""

    def __init__(self, *folders: Path) -> None:
        """Load every `scenario.yaml` under the folders, at any depth.

        Those with errors are left out, and so is one whose id an earlier one has; `problems` tells
        both. A folder that does not exist holds nothing.
        """
        self._entries: dict[str, _Entry] = {}
        self._problems: list[Problem] = []
        self._rubrics = self._packs_of(folders)
        for folder in folders:
            for file in _files(folder):
                self._take(file)

    def _packs_of(self, folders: tuple[Path, ...]) -> rubrics.Rubrics:
        try:
            return rubrics.load_rubrics(*(one / rubrics.FOLDER for one in reversed(folders)))
        except rubrics.BadRubricPack as error:
            self._problems.append(Problem(path=error.file, line=1, column=1, text=error.why))
            return rubrics.NONE

    def _take(self, file: Path) -> None:
        loaded = loader.load(file, self._rubrics)
        self._problems.extend(loaded.problems)
        if not loaded.ok or loaded.scenario is None:
            return
        id_ = loaded.scenario.id
        if id_ in self._entries:
            other = self._entries[id_].folder / loader.FILE
            told = f"id `{id_}` is taken by {other}, so this file is left out: choose another id"
            self._problems.append(Problem(path=str(file), line=1, column=1, text=told))
            return
        hash_ = loader.hash_of(loaded.scenario)
        self._entries[id_] = _Entry(file.parent, loaded, loaded.scenario, hash_)

    def all(self) -> tuple[Scenario, ...]:
        """Every scenario without errors, drafts included, by id."""
        return tuple(self._entries[id_].scenario for id_ in sorted(self._entries))

    def published(self) -> tuple[Scenario, ...]:
        """What trainees are offered, by id."""
        return tuple(one for one in self.all() if one.status == "published")

    def get(self, scenario_id: str) -> Scenario:
        """The scenario with this id, published or not.

        Raises:
            UnknownScenario: there is none; the error holds the nearest ids.
        """
        return self._entry(scenario_id).scenario

    def stored(self, scenario_id: str) -> tuple[str, str]:
        """The hash and the body of a scenario, as `scenario_versions` keeps them.

        Raises:
            UnknownScenario: there is none.
        """
        entry = self._entry(scenario_id)
        return entry.hash, entry.loaded.body

    def documents(self, scenario_id: str) -> tuple[tuple[Document, Path], ...]:
        """What is handed out with the brief, each with its file.

        Raises:
            UnknownScenario: there is none.
            UnknownMedia: a file has gone since the scenario was loaded.
        """
        handed_out = self.get(scenario_id).brief.documents
        return tuple((one, self.media(scenario_id, one.file)) for one in handed_out)

    def media(self, scenario_id: str, filename: str) -> Path:
        """A file of the scenario's `media/` folder, with symbolic links resolved.

        Only files that the scenario names are found, and none outside the folder, whatever the
        name or a link says. Whether the trainee may see it yet is for the caller to know.

        Raises:
            UnknownScenario: there is no such scenario.
            UnknownMedia: the scenario names no such file, or it is not there.
        """
        file = self._entry(scenario_id).media.get(filename)
        if file is None or not file.is_file():
            raise UnknownMedia(scenario_id)
        return file

    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong in all files, warnings included, in the order they were read."""
        return tuple(self._problems)

    def _entry(self, scenario_id: str) -> _Entry:
        if scenario_id not in self._entries:
            raise UnknownScenario(_nearest(scenario_id, self._entries))
        return self._entries[scenario_id]


def _nearest(word: str, known: Mapping[str, _Entry]) -> tuple[str, ...]:
    wanted = word.lower().strip()[:80]
    held = [id_ for id_ in sorted(known) if wanted and wanted in id_]
    close = difflib.get_close_matches(wanted, sorted(known), n=3, cutoff=0.5)
    return tuple(dict.fromkeys((*held, *close)))[:3]


def _files(folder: Path) -> Iterator[Path]:
    """Every scenario file under a folder, in a stable order; hidden folders are left out."""
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if loader.FILE in files:
            yield Path(path) / loader.FILE
