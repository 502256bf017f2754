"""Bringing a database to the tables of this release, and back.

Alembic is imported only when something is to be done: a start asks `pending` first, which is one
SELECT.
"""

import asyncio
import re
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import URL, Connection, create_engine, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import NullPool

from bot.store import queue_schema
from bot.store.database import normalised, translated

if TYPE_CHECKING:
    from alembic.config import Config

_PLACE: Final = Path(__file__).parent / "migrations"
_REVISION: Final = re.compile(r"r(\d{4})_\w+\.py")
_LOCK: Final = 7_265_301_118  # any number, as long as no other lock of ours has it
_WAIT_SECONDS: Final = 60


NEWER: Final = "this database was written by a newer release; install that one"


class UnknownRevision(Exception):
    """The database is at a revision that this release does not know: a newer one was here."""

    code: ClassVar[str] = "unknown_revision"
    retryable: ClassVar[bool] = False

    def __init__(self, revision: str) -> None:
        super().__init__(f"the database is at revision {revision}, this release ends at {head()}")
        self.revision = revision


class BrokenMigration(Exception):
    """A migration would have left rows without their parents; nothing was changed."""

    code: ClassVar[str] = "broken_migration"
    retryable: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What a migration did. `backup` is the copy of a SQLite file from before, if one was made.

    `queue` is where Procrastinate's tables stand, where those were asked for.
    """

    before: str | None
    after: str | None
    backup: Path | None = None
    queue: str = ""


def known() -> tuple[str, ...]:
    """Every revision of this release, first to last."""
    names = (_REVISION.fullmatch(path.name) for path in (_PLACE / "versions").iterdir())
    return tuple(sorted(found[1] for found in names if found))


def head() -> str:
    """The revision of this release's tables."""
    return known()[-1]


async def current(url: str) -> str | None:
    """The revision a database is at; None for an empty one. Makes no file.

    Raises:
        StoreAway: the database cannot be reached.
    """
    return await asyncio.to_thread(_current, normalised(url))


async def pending(url: str) -> bool:
    """Whether `upgrade` has something to do.

    Raises:
        StoreAway: the database cannot be reached.
        UnknownRevision: a newer release was here.
    """
    return _require_known(await current(url)) != head()


async def stored(tx: AsyncSession) -> str | None:
    """The revision a database is at, asked over a connection that is there.

    Raises:
        StoreRefused: it has no tables of ours.
    """
    found: str | None = await tx.scalar(text("SELECT version_num FROM alembic_version"))
    return found


async def upgrade(
    url: str, revision: str | None = None, *, now: datetime | None = None, queue: bool = False
) -> Migrated:
    """Bring a database to `revision`, by default to this release's, in one transaction.

    With `queue` Procrastinate's tables are brought to its installed release in the same one.

    A SQLite file that holds something is copied first, next to it, with the time of `now` in its
    name. Of several processes that upgrade at once, one does and the others find it done.

    Raises:
        StoreAway: the database cannot be reached; nothing was changed.
        StoreRefused: a step failed; nothing was changed.
        UnknownRevision: a newer release was here, or there is no such revision.
        BrokenMigration: foreign keys would be broken; nothing was changed.
        ForeignQueue: another program keeps a queue there; nothing was changed.
    """
    target = revision or head()
    return await asyncio.to_thread(move, normalised(url), target, now, queue=queue)


async def downgrade(url: str, revision: str, *, now: datetime | None = None) -> Migrated:
    """Take a database back to `revision`; "base" removes every table.

    What newer tables held is lost, so a SQLite file is copied first.

    Raises:
        StoreAway: the database cannot be reached; nothing was changed.
        StoreRefused: a step failed; nothing was changed.
        UnknownRevision: there is no such revision.
        BrokenMigration: foreign keys would be broken; nothing was changed.
    """
    return await asyncio.to_thread(move, normalised(url), revision, now)


def _require_known(revision: str | None) -> str | None:
    if revision is not None and revision not in known():
        raise UnknownRevision(revision)
    return revision


def _current(url: URL) -> str | None:
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return None
    with connected(url, reading=True) as connection:
        return _stored(connection)


def move(url: URL, target: str, now: datetime | None = None, *, queue: bool = False) -> Migrated:
    """What `upgrade` and `downgrade` do, for callers without a loop."""
    wanted = None if target == "base" else _require_known(target)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with connected(url) as connection, connection.begin():
        _lock(connection)
        before = _require_known(_stored(connection))
        backup = None
        if before != wanted:
            backup = _backup(url, before, now or datetime.now(UTC)) if before else None
            _run(connection, before, wanted)
            require_whole(connection)
        carried = queue_schema.upgrade(connection) if queue else ""
        return Migrated(before=before, after=wanted, backup=backup, queue=carried)


def _run(connection: Connection, before: str | None, wanted: str | None) -> None:
    from alembic import command  # heavy, so only when there is something to do

    config = config_for(connection)
    if wanted is None or (before is not None and wanted < before):
        command.downgrade(config, wanted or "base")
    else:
        command.upgrade(config, wanted)


def config_for(connection: Connection) -> "Config":
    """Alembic's settings, for a connection in a transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_PLACE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def connected(url: URL, *, reading: bool = False) -> Generator[Connection]:
    """A connection of its own for migrating, with failures turned into ours.

    `reading` never waits for a writer.
    """
    driver = "sqlite" if url.get_backend_name() == "sqlite" else url.drivername
    engine = create_engine(
        url.set(drivername=driver),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=_arguments(url),
    )
    if driver == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin_reading if reading else _begin)
    with translated(), engine.connect() as connection:
        yield connection


def _arguments(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": _WAIT_SECONDS, "isolation_level": None}
    return {"application_name": "dressrun migrate", "connect_timeout": 10}


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Off, because making a table anew drops the old one, and that would empty its children.
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only=ON")
    connection.exec_driver_sql("BEGIN")


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _stored(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _backup(url: URL, before: str, now: datetime) -> Path | None:
    """Copy a SQLite file as it is now; we hold its write lock, so nothing changes meanwhile."""
    if url.get_backend_name() != "sqlite":
        return None
    file = Path(str(url.database))
    copy = file.with_name(f"{file.name}.{before}.{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.backup")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)
    return copy


def require_whole(connection: Connection) -> None:
    """Check that no row lost its parent while foreign keys were off.

    Raises:
        BrokenMigration: some did.
    """
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            tables = sorted({str(row[0]) for row in broken})
            raise BrokenMigration(f"{len(broken)} row(s) in {', '.join(tables)}")
