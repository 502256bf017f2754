"""`dressrun import`: a file of another format as a folder of scenarios, or nothing at all."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bot.folders import require_free, write_new
from bot.foreign import card_of, read_bytes, records_of, tables_of
from bot.starting import HOME
from engine.importers import (
    CannotImport,
    Imported,
    ImportedSession,
    agentclinic_cases,
    card_scenario,
    document_of,
    sample_scenarios,
)
from engine.importers.values import slug
from engine.lint.media import FOLDER as MEDIA
from engine.loader import FILE, load_bytes
from engine.problems import nearest
from engine.scenario import Domain, Scenario

TRANSCRIPTS = "transcripts.jsonl"
PORTRAIT = "portrait.png"

Files = dict[str, bytes]


def bring_in(format_: str, file: Path, folder: Path | None, domain: Domain) -> list[str]:
    """Write a file's scenarios into a new folder; what to tell the author.

    One scenario lies in the folder itself, several in folders of their own inside it. `domain` is
    what a character card becomes.

    Raises:
        ValueError: the format is unknown, the file is not of it, or something is in the folder
            already. Nothing was written.
    """
    reader = FORMATS.get(format_)
    if reader is None:
        hint = nearest(format_, FORMATS)
        raise ValueError(f"no format {format_!r}{hint or '.'} There are: {', '.join(FORMATS)}")
    if folder is not None:
        require_free(folder)
    try:
        several, pictures = reader(file, domain)
        folder = folder or HOME / slug(file.stem, "imported")
        named = _placed(several)
        files = _files(named, pictures, f"{format_} {file.name}")
    except CannotImport as error:
        raise ValueError(f"{file}: {error}") from None
    write_new(folder, files)
    return list(_told(named, folder))


def _agentclinic(file: Path, _domain: Domain) -> tuple[Sequence[Imported], bytes]:
    return agentclinic_cases(records_of(read_bytes(file)), file.stem), b""


def _card(file: Path, domain: Domain) -> tuple[Sequence[Imported], bytes]:
    card = card_of(read_bytes(file))
    return (card_scenario(card.data, domain),), card.picture


def _sample(file: Path, _domain: Domain) -> tuple[Sequence[Imported], bytes]:
    return sample_scenarios(tables_of(file, read_bytes(file))), b""


FORMATS: Mapping[str, Callable[[Path, Domain], tuple[Sequence[Imported], bytes]]] = {
    "agentclinic": _agentclinic,
    "card": _card,
    "sample": _sample,
}


def _placed(several: Sequence[Imported]) -> dict[str, Imported]:
    """The scenarios by the place of each inside the folder."""
    if len(several) > 1:
        return {f"{one.scenario.id}/": one for one in several}
    return {"": several[0]}


def _files(named: Mapping[str, Imported], picture: bytes, origin: str) -> Files:
    files: Files = {}
    for place, one in named.items():
        scenario = one.scenario
        if picture:
            files[f"{place}{MEDIA}/{PORTRAIT}"] = picture
            scenario = _with_portrait(one)
        text = document_of(scenario, one.notes, origin)
        loaded = load_bytes(text.encode("utf-8"))
        if not loaded.ok:
            wrong = "; ".join(str(problem) for problem in loaded.problems[:3])
            raise CannotImport(f"what it leads to cannot be played ({wrong}): correct the file")
        files[f"{place}{FILE}"] = text.encode("utf-8")
    lines = [_line(session, one) for one in named.values() for session in one.sessions]
    if lines:
        files[TRANSCRIPTS] = "".join(lines).encode("utf-8")
    return files


def _with_portrait(one: Imported) -> Scenario:
    personas = {
        id_: persona.model_copy(update={"picture": PORTRAIT})
        for id_, persona in one.scenario.personas.items()
    }
    return one.scenario.model_copy(update={"personas": personas})


def _line(session: ImportedSession, one: Imported) -> str:
    written = {**asdict(session), "scenario_id": one.scenario.id}
    return json.dumps(written, ensure_ascii=False) + "\n"


def _told(named: Mapping[str, Imported], folder: Path) -> Iterable[str]:
    for place, one in named.items():
        count = len(one.scenario.facts)
        yield f"{folder / place / FILE}: {one.scenario.title}, {count} facts, a draft"
    if len(named) == 1:
        yield "Still to do; the file has this list at its top:"
        yield from (f"  - {note}" for one in named.values() for note in one.notes)
    else:
        yield "What is still to do stands at the top of each file."
    yield f"Next:  dressrun check {folder}"
