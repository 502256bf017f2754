"""Transactions: what each turn does goes straight to the driver, all else through SQLAlchemy.

Both on one connection, and in one transaction of the database.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from sqlalchemy import Connection, Result, ScalarResult
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from bot.store import patience, sqlite
from bot.store.ready import Given, Ready, ready
from engine.store.often import is_often

_FRESH_SECONDS: Final = 1.0
"""A connection that was used so lately is taken to live."""
_LEAST_SECONDS: Final = 0.5
"""So long a server may take that others waited for in vain."""
READ_ONLY: Final = ("25006", "SQLITE_READONLY")
"""What the databases say to who writes where nothing may be written."""
_HEALTHY: Final = (0, 2, 3)
"""What libpq says of a connection that is idle, or in a transaction, failed or not."""


class Line:
    """One connection to the database, and the driver's own behind it. `begins`: its BEGIN.

    `sound`: it can be used again. `kept` is a transaction's object that is free for the next.
    """

    def __init__(self, connection: AsyncConnection, driver: Any, begins: str) -> None:
        """Take an open connection of an engine."""
        self.connection: Final = connection
        self.sync: Final[Connection] = connection.sync_connection  # type: ignore[assignment]
        self.driver: Final = driver
        self.used = 0.0
        self.sound = True
        self.kept: Work | None = None
        self._begins = begins
        self._lite = isinstance(driver, sqlite.Connection)

    async def run(self, statement: Ready, values: Mapping[str, Any]) -> list[Any]:
        """The rows of a statement, none where it has none."""
        given = _given(statement, values)
        try:
            if self._lite:
                if not self.driver.in_transaction:
                    await self.driver.fetched(self._begins, ())
                return await self.driver.fetched(statement.text, given)  # type: ignore[no-any-return]
            cursor = await self.driver.execute(statement.text, given)
            return await cursor.fetchall() if statement.tells else []
        except self.sync.dialect.loaded_dbapi.Error as error:
            raise self._known(error) from None

    async def run_each(self, statement: Ready, params: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement without rows, once for each of these values."""
        if len(params) == 1:
            await self.run(statement, params[0])
            return
        given = [_given(statement, values) for values in params]
        try:
            if self._lite and not self.driver.in_transaction:
                await self.driver.fetched(self._begins, ())
            cursor = self.driver.cursor()
            await cursor.executemany(statement.text, given)
            await cursor.close()
        except self.sync.dialect.loaded_dbapi.Error as error:
            raise self._known(error) from None

    async def commit(self) -> None:
        """Store what was done."""
        try:
            with patience.committing():
                await self.driver.commit()
        except self.sync.dialect.loaded_dbapi.Error as error:
            raise self._known(error) from None

    def _known(self, error: Exception) -> BaseException:
        """The driver's error as SQLAlchemy would give it, for whoever tells them apart."""
        ours = self.sync.dialect.loaded_dbapi.Error
        gone = not self._lite and self.driver.closed
        return DBAPIError.instance(
            None, None, error, ours, hide_parameters=True, connection_invalidated=gone
        )

    @property
    def is_open(self) -> bool:
        """Whether a transaction is."""
        if self._lite:
            return bool(self.driver.in_transaction)
        return bool(self.driver.pgconn.transaction_status != 0)

    async def undo(self) -> bool:
        """Undo what is open; False where the connection is of no use any more."""
        if not self._lite and self.driver.pgconn.transaction_status not in _HEALTHY:
            return False
        try:
            await self.driver.rollback()
        except self.sync.dialect.loaded_dbapi.Error:
            return False
        return True

    async def lives(self) -> bool:
        """Whether the server still answers; only one that is asked over a network may not."""
        try:
            await self.driver.execute("SELECT 1")
            await self.driver.rollback()
        except self.sync.dialect.loaded_dbapi.Error:
            return False
        return True


def _given(statement: Ready, values: Mapping[str, Any]) -> Given:
    try:
        return statement.given(values)
    except (ValueError, TypeError, KeyError) as error:
        raise StatementError(type(error).__name__, None, None, error) from None


class Work(AsyncSession):
    """A transaction on a line."""

    def __init__(self, line: Line) -> None:
        """Take a line that nobody else uses meanwhile."""
        super().__init__(bind=line.connection, expire_on_commit=False)
        self._line = line

    def get_bind(self, *_given: Any, **_named: Any) -> Any:
        """The connection."""
        return self._line.sync

    async def execute(self, statement: Any, params: Any = None, **more: Any) -> Result[Any]:
        """As in SQLAlchemy."""
        found = self._ready(statement, params) if not more else None
        if found is None:
            slowly: Result[Any] = await super().execute(statement, params, **more)
            return slowly
        return found.result(await self._run(found, params))

    async def scalar(self, statement: Any, params: Any = None, **more: Any) -> Any:
        """As in SQLAlchemy."""
        found = self._ready(statement, params) if not more else None
        if found is None:
            return await super().scalar(statement, params, **more)
        rows = found.rows(await self._run(found, params))
        return rows[0][0] if rows else None

    async def scalars(self, statement: Any, params: Any = None, **more: Any) -> ScalarResult[Any]:
        """As in SQLAlchemy."""
        found = self._ready(statement, params) if not more else None
        if found is None:
            return await super().scalars(statement, params, **more)
        return found.result(await self._run(found, params)).scalars()

    def _ready(self, statement: Any, params: Any) -> Ready | None:
        if not params or not is_often(statement):
            return None
        first = params if isinstance(params, Mapping) else params[0]
        return ready(statement, self._line.sync.dialect, tuple(first))

    async def _run(self, statement: Ready, params: Any) -> list[Any]:
        if isinstance(params, Mapping):
            return await self._line.run(statement, params)
        if not statement.tells:
            await self._line.run_each(statement, params)
            return []
        found: list[Any] = []
        for values in params:
            found += await self._line.run(statement, values)
        return found

    async def end(self) -> None:
        """Commit what was done, whichever way it went."""
        if self.sync_session.in_transaction():
            await self.flush()  # before the commit, which has more time than a statement
            with patience.committing():
                await super().commit()
            self.sync_session.expunge_all()
        if self._line.is_open:
            await self._line.commit()

    async def drop(self) -> bool:
        """Undo what was done; False where the connection is of no use any more."""
        if self.sync_session.in_transaction():
            with suppress(DBAPIError):
                await super().rollback()
        if self._line.sync.invalidated:  # as by SQLAlchemy, for whoever was stopped meanwhile
            return False
        return not self._line.is_open or await self._line.undo()


def code_of(error: BaseException) -> str:
    """What the database calls a failure that SQLAlchemy or a line passed on; empty for others."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""


class Lines:
    """The lines of one engine, kept open; so many are used at a time."""

    def __init__(self, engine: AsyncEngine, size: int, wait: float, begins: str = "") -> None:
        """Open none yet. `wait`: seconds to wait for a line; `begins` as in `Line`."""
        self._engine = engine
        self._wait = wait
        self._begins = begins
        self._remote = engine.dialect.name == "postgresql"
        self._went_well = 0.0
        self._room = asyncio.Semaphore(size)
        self._idle: list[Line] = []
        self._closed = False

    @asynccontextmanager
    async def work(self, lock: float | None = None) -> AsyncGenerator[Work]:
        """A transaction: committed at the end of the block, undone by an error.

        `lock`: so many seconds it may wait for whoever else writes to a SQLite file.
        """
        async with self.line() as line:
            if lock is not None:
                line.driver.patience = lock
            work, line.kept = line.kept or Work(line), None
            try:
                yield work
                await work.end()
                line.kept = work  # to make one takes as long as a statement
            except BaseException as error:
                line.sound = False  # until it is known that it is
                # One that may not write stays so, though the database lets others write again.
                line.sound = await work.drop() and code_of(error) not in READ_ONLY
                raise

    @asynccontextmanager
    async def line(self) -> AsyncGenerator[Line]:
        """A line that nobody else uses meanwhile."""
        until = await self._entered()
        try:
            line = await self._free(until)
            try:
                yield line
            finally:
                await self._back(line)
        finally:
            self._room.release()

    async def close(self) -> None:
        """Close all lines, those in use once they are given back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().connection.close()
        await self._engine.dispose()

    async def _entered(self) -> float:
        """Take room; when the first answer has to be there.

        Who waited behind others that got no answer waits so much less for its own.
        """
        came, most = time.monotonic(), patience.seconds()
        if not self._room.locked():
            await self._room.acquire()
            return came + most
        try:
            async with asyncio.timeout(self._wait):
                await self._room.acquire()
        except TimeoutError:
            raise PoolTimeout from None
        until = max(came, self._went_well) + most
        if self._remote and until <= time.monotonic():
            self._room.release()
            raise PoolTimeout
        return until

    async def _free(self, until: float) -> Line:
        while self._idle:
            line = self._idle.pop()
            try:
                if await self._lives(line, until):
                    return line
            except BaseException:
                line.sound = False
                await self._back(line)
                raise
            line.sound = False
            await self._back(line)
            if self._remote and time.monotonic() >= until:
                raise PoolTimeout  # The others will tell us no more than this one.
        connection = await self._connected(until)
        raw = await connection.get_raw_connection()
        return Line(connection, raw.driver_connection, self._begins)

    async def _lives(self, line: Line, until: float) -> bool:
        """Whether a line can be used; it tells soon where others waited in vain before.

        From then on its answers may take as long as any.
        """
        if not self._remote:
            return True
        now = time.monotonic()
        left = until - now
        if now - line.used < _FRESH_SECONDS and left >= patience.seconds() / 2:
            return True
        with patience.waiting(min(max(left, _LEAST_SECONDS), patience.ANSWER_SECONDS)):
            return await line.lives()

    async def _connected(self, until: float) -> AsyncConnection:
        if not self._remote:
            return await self._engine.connect()
        try:
            async with asyncio.timeout(max(until - time.monotonic(), _LEAST_SECONDS)):
                return await self._engine.connect()
        except TimeoutError:
            raise PoolTimeout from None

    async def _back(self, line: Line) -> None:
        if line.sound and not self._closed:
            line.used = self._went_well = time.monotonic()
            self._idle.append(line)
            return
        if not line.sound:
            await line.connection.invalidate()
        await line.connection.close()
