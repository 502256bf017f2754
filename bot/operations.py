"""The operator's commands: one function each, values and text out."""

from adapters.kit import KitContext
from adapters.kits import kits
from bot.commands import REGISTRY
from bot.platforms import dismissed, invited, let_in
from bot.replaying import unlike_its_log
from bot.settings import Settings
from bot.store.migrate import upgrade
from bot.store.snapshots import snapshot
from bot.views import login
from bot.wiring import reader_of, running, section_of
from engine.archive import FORMATS
from engine.events import TraineeSaid
from engine.prompting import rendered
from engine.session import fold
from engine.store import Transaction, sessions
from engine.store import events as event_rows
from engine.thinking import readings, think
from engine.turns import OpenTurn, Said


async def migrate_now(settings: Settings) -> str:
    """Bring the database to this release; what was done, in a sentence."""
    moved = await upgrade(settings.database, queue=settings.carried_by == "procrastinate")
    backup = f" A copy from before is at {moved.backup}." if moved.backup else ""
    queue = f" Procrastinate's tables are at {moved.queue}." if moved.queue else ""
    if moved.before == moved.after:
        return f"The database is up to date ({moved.after}).{queue}"
    return f"Migrated from {moved.before or 'nothing'} to {moved.after}.{backup}{queue}"


async def added(settings: Settings, name: str, role: str, *, program: bool = False) -> str:
    """Add somebody who logs in here, or a program of theirs; what to tell them.

    Raises:
        ValueError: the name or role will not do; the text says why.
    """
    async with running(settings) as app:
        if program:
            secrets = await let_in(app, kits(), name, role)
            return "\n".join(login.program(name, one) for one in secrets)
        links = await invited(app, kits(), name, role)
    return "\n".join(login.link(name, one) for one in links)


async def removed(settings: Settings, name: str) -> str:
    """Let somebody in no more; what was done.

    Raises:
        ValueError: nobody is called that.
    """
    async with running(settings) as app:
        await dismissed(app, kits(), name)
    return login.dismissed(name)


async def _session_id(tx: Transaction, beginning: str) -> str:
    """The whole id of the one session that begins like this.

    Raises:
        LookupError: none does, or several do.
    """
    found = await sessions.beginning_with(tx, beginning)
    if not found:
        raise LookupError(f"no session begins with {beginning!r}; `/sim history` shows their ids")
    if len(found) > 1:
        raise LookupError(f"several sessions begin with {beginning!r}; give more of the id")
    return found[0]


async def replayed(settings: Settings, session: str) -> tuple[list[str], bool]:
    """Fold a log again and compare; lines for the operator, and whether all agrees."""
    async with running(settings) as app, snapshot(app.services.database) as tx:
        done = await app.services.archive.replay(tx, await _session_id(tx, session))
        problems = list(done.problems)
        if done.folds:
            problems += await unlike_its_log(tx, app.services, done.session_id)
    seal = "and hold their seal" if done.sealed else "but are not sealed, as they began before that"
    lines = problems or [f"{done.events} events fold to what is stored, {seal}"]
    return [f"session {done.session_id}: {line}" for line in lines], not problems


async def exported(settings: Settings, session: str, format_: str) -> str:
    """A transcript.

    Raises:
        LookupError: there is no such session, or no such format.
    """
    wanted = next((one for one in FORMATS if one == format_), None)
    if wanted is None:
        raise LookupError(f"no format {format_!r}; choose {', '.join(FORMATS)}")
    async with running(settings) as app, snapshot(app.services.database) as tx:
        session_id = await _session_id(tx, session)
        return await app.services.archive.export(tx, session_id, wanted)


async def prompt_of(settings: Settings, session: str, turn: int) -> str:
    """What the character was told for one turn, compiled again from the log.

    Raises:
        LookupError: there is no such session or turn.
    """
    async with running(settings) as app, app.services.database.reading() as tx:
        session_id = await _session_id(tx, session)
        record, scenario, _ = await app.services.simulation.read(tx, session_id)
        log = await event_rows.of_session(tx, session_id)
    said = [(place, one) for place, one in enumerate(log) if isinstance(one, TraineeSaid)]
    if not 1 <= turn <= len(said):
        raise LookupError(f"this session has turns 1 to {len(said)}")
    place, event = said[turn - 1]
    state = fold(scenario, log[:place])
    opened = OpenTurn(
        session=record,
        scenario=scenario,
        state=state,
        said=Said(person=event.person, messages=((event.text, None),)),
        seat=event.seat,
    )
    reader = reader_of(settings)(scenario)
    reader.learn()
    thought = think(opened, readings(opened, reader), event.at)
    if thought.prompt is None:
        return thought.canned or "No character was prompted for this turn."
    return rendered(thought.prompt)


def manifest_of(settings: Settings, name: str) -> str:
    """The files a platform needs to install the app, as text.

    Raises:
        LookupError: there is no such platform, or it needs none.
    """
    known = kits()
    if name not in known:
        raise LookupError(f"no platform {name!r}; there are: {', '.join(sorted(known))}")
    kit = known[name]
    context = KitContext(
        settings=section_of(kit),
        specs=REGISTRY.specs,
        data_dir=settings.data_dir,
        public_url=settings.public_url,
    )
    files = kit.manifest(context)
    if not files:
        raise LookupError(f"{name} needs no manifest")
    return "\n".join(file.content.decode() for file in files)
