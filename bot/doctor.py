"""`dressrun doctor`: what is missing or broken, and what to do about it."""

from pathlib import Path
from typing import Final, Literal

from adapters.clock import SystemClock
from adapters.kit import Finding, KitContext
from adapters.kits import kits
from bot.commands import REGISTRY
from bot.delivery import watching
from bot.examining import models_found
from bot.settings import Settings
from bot.standing import Standing
from bot.store import migrate, patience
from bot.store.database import Database, StoreAway, StoreRefused, normalised
from bot.views import health as views
from bot.wiring import catalog_of, section_of
from engine.catalog import Catalog
from engine.store import sessions

_TRIAL_SECONDS: Final = 5.0
"""So long a trial waits for each answer, for whoever asked waits for it."""
_SEE_TO: Final = "see to room on its disk, how slow it is, and who holds or locks it"


async def examine(settings: Settings, wanted: set[str]) -> list[Finding]:
    """Look at what was asked for, or at everything. Changes nothing that stays."""
    every = not wanted
    found: list[Finding] = []
    if every or "db" in wanted:
        found += await _database(settings)
    if every or "jobs" in wanted:
        found += await _jobs(settings)
    if every or "media" in wanted:
        found.append(_media(settings))
    if every:
        today, catalog = SystemClock().now().date(), catalog_of(settings)
        models = await models_found(settings, today, catalog.published())
        found += [*models, _scenarios(catalog)]
        found += await _platforms(settings)
    return found


async def _database(settings: Settings) -> list[Finding]:
    if not _is_there(settings):
        text = "is not there yet; run: dressrun migrate, or just: dressrun up"
        return [Finding(level="warning", code="database", text=text)]
    database, head = Database(settings.database, wait_seconds=_TRIAL_SECONDS), migrate.head()
    try:
        await database.ping()
        stored = await migrate.current(settings.database)
        kept = await _kept(database) if stored == head else ""
    except (StoreAway, StoreRefused) as error:
        text = f"cannot be reached ({error}); check DRESSRUN_DATABASE_URL and that it runs"
        return [Finding(level="error", code="database", text=text)]
    finally:
        await database.close()
    if stored is not None and stored not in migrate.known():
        text = f"is at {stored}, this release ends at {head}: {migrate.NEWER}"
        return [Finding(level="error", code="migrations", text=text)]
    if stored != head:
        text = f"is at {stored or 'nothing'}, this release needs {head}; run: dressrun migrate"
        return [Finding(level="warning", code="migrations", text=text)]
    if kept:
        text = f"answers and stored nothing, given {_TRIAL_SECONDS:.0f} s ({kept}); {_SEE_TO}"
        return [Finding(level="error", code="database", text=text)]
    text = f"{database.dialect} answers, migrations at {head}"
    return [Finding(level="ok", code="database", text=text)]


async def _kept(database: Database) -> str:
    """Why nothing was stored in good time; empty where something was."""
    try:
        with patience.waiting(_TRIAL_SECONDS, commit=_TRIAL_SECONDS):
            await database.try_to_store()
    except (StoreAway, StoreRefused) as error:
        return str(error)
    return ""


def _is_there(settings: Settings) -> bool:
    """Whether there is a database to ask: asking SQLite for a missing file would make it."""
    url = normalised(settings.database)
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


async def _jobs(settings: Settings) -> list[Finding]:
    if not _is_there(settings):
        return [Finding(level="ok", code="jobs", text="none yet")]
    database, now = Database(settings.database), SystemClock().now()
    try:
        async with database.reading() as tx:
            due = await sessions.due(tx, now, limit=1000)
            found = await watching.standing(tx, now, turn_seconds=settings.turn_seconds)
    except (StoreAway, StoreRefused):
        text = "cannot look at what is due; run: dressrun migrate"
        return [Finding(level="warning", code="jobs", text=text)]
    finally:
        await database.close()
    late = max((now - one.due).total_seconds() for one in due if one.due) if due else 0.0
    if late < 60:
        told = Finding(level="ok", code="jobs", text=f"{len(due)} due")
    else:
        text = f"{len(due)} due, the oldest since {late:.0f} s; is dressrun up running?"
        told = Finding(level="warning", code="jobs", text=text)
    return [told, *_delivery(settings, found)]


def _delivery(settings: Settings, found: Standing) -> list[Finding]:
    level: Literal["ok", "warning", "error"] = "warning" if found.lost or found.gone else "ok"
    lines = views.standing(found, settings.carried_by).text.replace("**", "").split("\n")
    findings = [Finding(level="ok", code="delivery", text=one) for one in lines[1:]]
    level = "error" if found.stuck else level
    findings.insert(0, Finding(level=level, code="delivery", text=lines[0]))
    if settings.carried_by == "local" and not settings.on_postgres and found.alive > 1:
        text = f"{found.alive} processes share a SQLite file; only one of them may be dressrun up"
        findings.append(Finding(level="warning", code="delivery", text=text))
    return findings


def _media(settings: Settings) -> Finding:
    probe = settings.data_dir / ".probe"
    was_there = settings.data_dir.exists()
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"probe")
        same = probe.read_bytes() == b"probe"
        probe.unlink()
        if not was_there:
            settings.data_dir.rmdir()
    except OSError as error:
        text = f"{settings.data_dir} cannot be written ({error.strerror}); set DRESSRUN_DATA_DIR"
        return Finding(level="error", code="media", text=text)
    if not same:
        return Finding(level="error", code="media", text=f"{settings.data_dir} does not keep files")
    return Finding(level="ok", code="media", text=f"{settings.data_dir} can be written and read")


def _scenarios(catalog: Catalog) -> Finding:
    wrong = [one for one in catalog.problems() if one.severity == "error"]
    text = f"{len(catalog.published())} published"
    if wrong:
        text = f"{text}, {len(wrong)} errors; run: dressrun check scenarios"
        return Finding(level="warning", code="scenarios", text=text)
    return Finding(level="ok", code="scenarios", text=text)


async def _platforms(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    for name, kit in kits().items():
        try:
            section = section_of(kit)
        except ValueError as error:
            found += [Finding(level="error", code=name, text=one) for one in str(error).split("\n")]
            continue
        if not section.wanted():
            continue
        if missing := section.missing():
            names = ", ".join(f"DRESSRUN_{name.upper()}__{one.upper()}" for one in missing)
            found.append(Finding(level="error", code=name, text=f"set {names}"))
            continue
        context = KitContext(settings=section, specs=REGISTRY.specs, data_dir=settings.data_dir)
        found += await kit.doctor(context)
    return found
