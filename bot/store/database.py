"""The database: one engine, short transactions, on SQLite or PostgreSQL alike."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)

from bot.store import outage, patience, sqlite
from bot.store.work import READ_ONLY, Lines, code_of

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_WAIT_SECONDS: Final = 10
_THREADS: Final = 4
_DOORS: Final = 10
_READING: Final = "BEGIN"
# Taking the write lock first means waiting for it, instead of failing at the first write.
_WRITING: Final = "BEGIN IMMEDIATE"


class StoreAway(Exception):
    """The database cannot be reached, is busy for too long or has no room.

    Nothing was stored; or nobody knows, if the answer to a commit was lost. The same request may
    succeed later. The text holds a type and a code, never a statement or its values.
    """

    code: ClassVar[str] = "store_away"
    retryable: ClassVar[bool] = True


class StoreRefused(Exception):
    """The database would not do it: a broken constraint, a wrong value, a schema that is not ours.

    The same request will fail again; nothing was stored. `constraint` names what was broken, where
    the database says so.
    """

    code: ClassVar[str] = "store_refused"
    retryable: ClassVar[bool] = False

    def __init__(self, text_: str, *, constraint: str = "") -> None:
        super().__init__(text_)
        self.constraint = constraint


def normalised(url: str) -> URL:
    """A database address with the driver we use.

    Takes `sqlite:///FILE`, `postgresql://…` and `postgres://…`, with or without a driver.

    Raises:
        ValueError: another kind of database, or SQLite without a file. A password is not quoted.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter quotes what it took for the port
        raise ValueError("DATABASE_URL is no address of a database") from None
    backend = parsed.get_backend_name()
    backend = "postgresql" if backend == "postgres" else backend
    if backend not in _DRIVERS:
        raise ValueError(f"DATABASE_URL names {backend}; use sqlite:///FILE or postgresql://…")
    if backend == "sqlite" and (parsed.database or ":memory:") == ":memory:":
        # Each connection would open a database of its own.
        raise ValueError("DATABASE_URL needs a file: sqlite:///FILE")
    return parsed.set(drivername=_DRIVERS[backend])


class Database:
    """The one engine of the process. Make one, close it at the end.

    Transactions are short: none is open while a model or a platform is asked. On SQLite one
    writes at a time, so writers of this process queue here in order; readers never wait for them.
    """

    def __init__(
        self, url: str, *, pool_size: int = 10, wait_seconds: float = patience.ANSWER_SECONDS
    ) -> None:
        """Connect to nothing yet; make the folder of a SQLite file.

        `wait_seconds`: so long to wait for another process that writes to a SQLite file, with the
        time in the queue behind somebody who waits for it.

        Raises:
            ValueError: `url` is none that `normalised` takes.
        """
        self.url: Final = normalised(url)
        self.dialect: Final = self.url.get_backend_name()
        # Started when something has to wait; never on PostgreSQL.
        self._threads: Final = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite")
        self.engine: Final = _engine(self.url, pool_size, self._threads, wait_seconds)
        # Connections of their own, told once that they only read.
        self._readers: Final = _engine(self.url, pool_size, self._threads, wait_seconds, reads=True)
        # On PostgreSQL what comes in does not wait for a connection behind turns.
        self._doors: Final = (
            _engine(self.url, _DOORS, self._threads, wait_seconds)
            if self.dialect == "postgresql"
            else self.engine
        )
        self._writing = Lines(self.engine, pool_size, _WAIT_SECONDS, _WRITING)
        self._reading = Lines(self._readers, pool_size, _WAIT_SECONDS, _READING)
        self._storing = (
            Lines(self._doors, _DOORS, _WAIT_SECONDS)
            if self._doors is not self.engine
            else self._writing
        )
        self._turn = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None
        self._patience = wait_seconds
        self._wrote = 0.0
        self._outage = outage.Outage(self._takes)

    @property
    def stores(self) -> bool:
        """Whether what is written is stored: False from a failure until something could be."""
        return not self._outage.is_on

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A transaction that may write: committed at the end of the block, undone by an error.

        Raises:
            StoreAway: the database failed; nothing was stored, as far as anybody knows.
            StoreRefused: it would not take what was written; nothing was stored.
            RuntimeError: on SQLite this task has one open, and a second would wait for it forever.
        """
        if self._writer is not None and self._writer is asyncio.current_task():
            raise RuntimeError("a transaction is open in this task")
        with self._noticed():
            async with self._written() as session:
                yield session

    @asynccontextmanager
    async def storing(self) -> AsyncGenerator[AsyncSession]:
        """As `transaction`, for what comes in at the door: its sender waits for that.

        Only for what may come a second time: its commit has no longer than a statement, and of one
        that was cut nobody knows what became of it.

        Raises:
            StoreAway, StoreRefused, RuntimeError: as `transaction`.
        """
        if self.dialect != "postgresql":
            async with self.transaction() as session:
                yield session
            return
        soon = patience.seconds()
        with self._noticed(), patience.waiting(soon, commit=soon):
            async with _one(self._storing) as session:
                yield session

    def _written(self) -> AbstractAsyncContextManager[AsyncSession]:
        return _one(self._writing) if self.dialect == "postgresql" else self._alone(self._patience)

    @asynccontextmanager
    async def _alone(self, lock: float) -> AsyncGenerator[AsyncSession]:
        """The one transaction that writes to a SQLite file.

        Who waited behind others that could not write has so much less patience.
        """
        came = time.monotonic()
        async with self._turn:
            self._writer = asyncio.current_task()
            left = max(came, self._wrote) + lock - time.monotonic()
            try:
                async with _one(self._writing, max(0.0, left)) as session:
                    yield session
                self._wrote = time.monotonic()
            finally:
                self._writer = None

    @contextmanager
    def _noticed(self) -> Generator[None]:
        try:
            yield
        except StoreAway:
            self._outage.begin()
            raise

    async def try_to_store(self) -> None:
        """Store something as large as a turn, and take it away at once.

        It has as long as any other transaction: what is only slow does store.

        Raises:
            StoreAway, StoreRefused: as `transaction`.
        """
        async with self._written() as session:
            await outage.write(session)

    async def _takes(self) -> bool:
        try:
            await self.try_to_store()
        except StoreAway:
            return False
        except StoreRefused:  # The tables are not ours, but it does answer.
            pass
        return True

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A transaction that only reads and so never waits for a writer; writing is an error.

        Raises:
            StoreAway: the database failed.
            StoreRefused: something was written, or the schema is not ours.
        """
        async with _one(self._reading, reads=True) as session:
            yield session

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreAway: there is none.
        """
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def settle(self) -> None:
        """Let go of deleted content: SQLite keeps it in its log until that is emptied.

        Raises:
            StoreAway: the database failed, or a reader held on to the log; repeat it later.
        """
        if self.dialect == "postgresql":
            return
        async with self._turn:
            with translated():
                async with self._writing.line() as line:
                    emptied = await line.driver.emptied()
            if not emptied:
                raise StoreAway("sqlite: the log is in use")

    async def close(self) -> None:
        """Close every connection. Safe to repeat."""
        await self._outage.close()
        for lines in (self._writing, self._reading, self._storing):
            await lines.close()
        self._threads.shutdown(wait=False)


@contextmanager
def translated(*, reads: bool = False) -> Generator[None]:
    """Turn a database's failures into ours, without statements, values or details.

    Writing while reading is a mistake; a database that lets nobody write is away, as it may turn
    back.

    Raises:
        StoreAway: it may work later.
        StoreRefused: it will not.
    """
    try:
        yield
    except PoolTimeout:
        raise StoreAway("no free connection") from None
    except (DBAPIError, StatementError) as error:
        # The database's own words quote rows, and rows hold what people said.
        raise _ours(error, reads=reads) from None
    except (ConnectionError, sqlite3.OperationalError) as error:
        raise StoreAway(type(error).__name__) from None


@asynccontextmanager
async def _one(
    lines: Lines, lock: float | None = None, *, reads: bool = False
) -> AsyncGenerator[AsyncSession]:
    with translated(reads=reads):
        async with lines.work(lock) as work:
            yield work


def _ours(error: StatementError, *, reads: bool) -> StoreAway | StoreRefused:
    cause, code = error.orig, code_of(error)
    words = f"{type(cause or error).__name__} {code}".strip()
    if _is_away(error, code, reads=reads):
        return StoreAway(words)
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    if code.startswith("SQLITE_CONSTRAINT"):
        constraint = str(cause).partition(": ")[2]  # names of columns, never values
    return StoreRefused(f"{words} {constraint}".strip(), constraint=constraint)


def _is_away(error: StatementError, code: str, *, reads: bool) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    if code in READ_ONLY:
        return not reads
    wrong = code == "SQLITE_ERROR"  # A wrong statement, which does not pass by itself.
    return error.connection_invalidated or (
        isinstance(error, (OperationalError, InterfaceError)) and not wrong
    )


def _engine(
    url: URL, pool_size: int, threads: Executor, wait: float, *, reads: bool = False
) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        return _postgres(url, pool_size, reads=reads)
    path = Path(str(url.database))
    # Only its owner reads the folder: it holds what people said.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    prepare = (prepare_sqlite, _only_reads) if reads else (prepare_sqlite,)
    engine = create_async_engine(
        url,
        async_creator=sqlite.opener(str(path), threads, wait, prepare),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_WAIT_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "begin", _begin_reading if reads else _begin_writing)
    return engine


def _postgres(url: URL, pool_size: int, *, reads: bool) -> AsyncEngine:
    from bot.store import postgres  # with its driver, which SQLite does without

    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_WAIT_SECONDS,
        hide_parameters=True,
        connect_args={
            **postgres.arguments(url, reads=reads),
            "async_creator_fn": postgres.Connection.connect,
        },
        # Each statement of a transaction sees what is committed by then, in one of its own too: so
        # readers are spared the two round trips of one.
        **({"isolation_level": "AUTOCOMMIT"} if reads else {}),
    )


def prepare_sqlite(connection: Any) -> None:
    """Set up a new SQLite connection: durable, with foreign keys, deleting for good."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL loses commits when the power fails, and was no faster
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _only_reads(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_reading(connection: Connection) -> None:
    _begin(connection, _READING)


def _begin_writing(connection: Connection) -> None:
    _begin(connection, _WRITING)


def _begin(connection: Connection, how: str) -> None:
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:  # The line may have begun it.
        connection.exec_driver_sql(how)
