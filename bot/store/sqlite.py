"""SQLite on the event loop's own thread, for what is quick; beside it, for what may take long.

Handing each statement to a thread and back costs many times what a statement takes. So a statement
runs at once, and goes to a thread where it has to wait: for the disk at a commit, for another
process that writes, and for a reading that turns out long. The objects here answer to what
SQLAlchemy's dialect for `aiosqlite` asks of a connection of that driver.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import Any, Final, Self, TypeVar

STEPS: Final = 50_000
"""A reading of more steps than this, some milliseconds, goes on beside the loop."""
ROWS: Final = 100
"""Of more rows than this the writing does."""

EMPTYING_MS: Final = 250
"""So long readers are waited for that hold on to the log, at most."""

GLANCE_SECONDS: Final = 0.2
"""So often it is looked, while another process writes, whether anybody still waits for that."""

_Given = TypeVar("_Given")


class Connection:
    """One connection. What is done on it, is done in order, by one task at a time.

    `beside`: everything is done beside the loop, for work that is known to be long.
    """

    def __init__(
        self, connection: sqlite3.Connection, threads: Executor, wait: float, *, beside: bool
    ) -> None:
        """Take an open connection that does not mind threads and does not wait for locks.

        `wait`: seconds to wait for another process that writes; `patience` may be set anew.
        """
        self._connection: sqlite3.Connection | None = connection
        self._threads = threads
        self.patience = wait
        self._beside = beside
        self._bounded = False
        self._changes = connection.total_changes
        connection.set_progress_handler(lambda: self._bounded, STEPS)

    @property
    def isolation_level(self) -> str | None:
        """The driver's; we begin transactions ourselves."""
        return self._open.isolation_level

    @property
    def in_transaction(self) -> bool:
        """Whether one is open."""
        return self._open.in_transaction

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    def cursor(self) -> "Cursor":
        """A new cursor."""
        return Cursor(self, self._open.cursor())

    async def do(
        self, work: Callable[[], _Given], *, reads: bool = False, beside: bool = False
    ) -> _Given:
        """Do something on the connection: here, or beside the loop where it has to wait."""
        if beside or self._beside:
            return await self._done_beside(work)
        self._bounded = reads
        try:
            return work()
        except sqlite3.OperationalError as error:
            # Neither has had an effect.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT):
                raise
        finally:
            self._bounded = False
        return await self._done_beside(work)

    async def fetched(self, statement: str, given: Sequence[Any]) -> list[Any]:
        """Run a statement; its rows."""

        def run() -> list[Any]:
            return self._open.execute(statement, given).fetchall()

        return await self.do(run, reads=statement.startswith("SELECT"))

    async def emptied(self) -> bool:
        """Move the log into the database, beside the loop; False where a reader holds on to it."""

        def run() -> bool:
            # Writers wait meanwhile, so not for as long as usual.
            self._open.execute(f"PRAGMA busy_timeout={EMPTYING_MS}")
            [(busy, *_)] = self._open.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return not busy

        return await self._done_beside(run)

    async def commit(self) -> None:
        """End the transaction, on the disk."""
        wrote = self._open.total_changes != self._changes
        await self.do(self._open.commit, beside=wrote)
        self._changes = self._open.total_changes

    async def rollback(self) -> None:
        """Undo the transaction."""
        await self.do(self._open.rollback)
        self._changes = self._open.total_changes

    async def create_function(self, *given: Any, **named: Any) -> None:
        """Add a function to SQL."""
        self._open.create_function(*given, **named)

    async def close(self) -> None:
        """Close it. Safe to repeat."""
        if self._connection is not None:
            await self._done_beside(self.stop)

    def stop(self) -> None:
        """Close it at once."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    async def _done_beside(self, work: Callable[[], _Given]) -> _Given:
        loop, left = asyncio.get_running_loop(), threading.Event()
        working = loop.run_in_executor(self._threads, self._waiting, work, left)
        stopped: asyncio.CancelledError | None = None
        while not working.done():
            try:
                await asyncio.wait((working,))
            except asyncio.CancelledError as error:
                stopped = error  # The connection is in use until the thread is done with it.
                left.set()
        if stopped is not None:
            working.exception()
            raise stopped
        return working.result()

    def _waiting(self, work: Callable[[], _Given], left: threading.Event) -> _Given:
        connection = self._open
        until = time.monotonic() + self.patience
        try:
            while True:
                seconds = max(0.0, min(until - time.monotonic(), GLANCE_SECONDS))
                connection.execute(f"PRAGMA busy_timeout={int(1000 * seconds)}")
                try:
                    return work()
                except sqlite3.OperationalError as error:
                    # It has had no effect.
                    if not _is_busy(error) or left.is_set() or time.monotonic() >= until:
                        raise
        finally:
            if self._connection is not None:
                connection.execute("PRAGMA busy_timeout=0")


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another process that writes is in the way."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY


class Cursor:
    """One statement and its rows."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        """Take the driver's."""
        self._of = connection
        self._cursor = cursor
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    @property
    def description(self) -> Any:
        """The columns of its rows, or None."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The id of the row that was inserted last."""
        return self._cursor.lastrowid

    @property
    def arraysize(self) -> int:
        """How many rows `fetchmany` gives."""
        return self._cursor.arraysize

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._cursor.arraysize = value

    async def execute(self, statement: str, given: Sequence[Any] = ()) -> None:
        """Run a statement, and take all its rows: the time is in finding them."""

        def run() -> list[Any]:
            self._cursor.execute(statement, given)
            return self._cursor.fetchall() if self._cursor.description else []

        self._rows = await self._of.do(run, reads=statement.startswith("SELECT"))

    async def executemany(self, statement: str, given: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each of `given`."""
        rows = list(given)
        await self._of.do(
            lambda: self._cursor.executemany(statement, rows), beside=len(rows) > ROWS
        )

    async def fetchall(self) -> list[Any]:
        """The rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Let go of its rows."""
        self._rows = []
        self._cursor.close()


def opener(
    path: str,
    threads: Executor,
    wait: float,
    prepare: Sequence[Callable[[sqlite3.Connection], None]],
    *,
    beside: bool = False,
) -> Callable[[], Awaitable[Connection]]:
    """Opens connections, for `create_async_engine(async_creator=…)`.

    `prepare` sets each of them up, at leisure. `wait` as in `Connection`.
    """

    async def opened() -> Connection:
        def open_() -> sqlite3.Connection:
            # No BEGIN of the driver's own: it comes late and is deferred.
            connection = sqlite3.connect(
                path, timeout=wait, isolation_level=None, check_same_thread=False
            )
            for one in prepare:
                one(connection)
            connection.execute("PRAGMA busy_timeout=0")
            return connection

        loop = asyncio.get_running_loop()
        connection = await loop.run_in_executor(threads, open_)
        return Connection(connection, threads, wait, beside=beside)

    return opened
