"""Looks whether transactions lock rows in the one order that `bot.store.locking` tells of."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Delete, Select, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.locking import SESSION_LANE, rank
from bot.store.tables import Base
from engine.store.tables import Base as EngineBase

_LANES: Final = "leases"
_QUEUES: Final = ("inbox", "outbox")
_ASIDE: Final = "workers"
"""Whose rows nobody waits for who holds another."""

Look = Callable[[Any, Any], Awaitable[None]]
Place = tuple[int, tuple[int, str]]
_NOWHERE: Final = (0, "")


@dataclass(slots=True)
class Locked:
    """What one transaction has locked so far, and what of it came too late."""

    held: set[str] = field(default_factory=set)
    last: Place = (0, _NOWHERE)
    wrong: list[str] = field(default_factory=list)

    def see(self, statement: Any, params: Any) -> None:
        """Look at what a statement locks."""
        for name, place, waits in locks(statement, params):
            if waits and name not in self.held and place < self.last:
                self.wrong.append(f"{name} after {sorted(self.held)}")
            self.held.add(name)
            self.last = max(self.last, place)


def locks(statement: Any, params: Any) -> list[tuple[str, Place, bool]]:
    """What a statement locks, where that comes in the order, and whether it waits for it."""
    found = _locks(statement)
    if found is None:
        return []
    table, waits = found
    return [(name, place, waits) for name, place in _places(table, statement, params)]


def _locks(statement: Any) -> tuple[str, bool] | None:
    """The table in which a statement locks rows that were there, and whether it waits for them."""
    if isinstance(statement, Select):
        how = statement._for_update_arg
        return None if how is None else (_name(statement.get_final_froms()[0]), not how.skip_locked)
    if isinstance(statement, Update | Delete):
        return _name(statement.table), True
    if isinstance(statement, postgresql.Insert | sqlite.Insert):
        meets = type(statement._post_values_clause).__name__
        return (_name(statement.table), True) if meets == "OnConflictDoUpdate" else None
    return None


def _name(table: Any) -> str:
    return str(getattr(table, "name", ""))


def _places(table: str, statement: Any, params: Any) -> list[tuple[str, Place]]:
    if table in _QUEUES:
        return [(table, (2, _NOWHERE))]
    if table == _LANES:
        return [(f"{table} {lane}", _place(lane)) for lane in _lanes(statement, params)]
    ours = {*Base.metadata.tables, *EngineBase.metadata.tables}
    return [(table, (0, _NOWHERE))] if table in ours and table != _ASIDE else []


def _place(lane: str) -> Place:
    # A command that holds one session and takes up another has both, in the order it does so.
    return (1, _NOWHERE) if lane.startswith(SESSION_LANE) else (1, rank(lane))


def _lanes(statement: Any, params: Any) -> list[str]:
    """The lane that a statement names; none where it takes those that nobody holds."""
    given = params or {}
    for name in ("lane", "held_lane"):
        if name in given:
            return [given[name]]
    own = statement.compile(dialect=postgresql.dialect()).params
    return [value for name, value in own.items() if name == "lane_1" and isinstance(value, str)]


class Looking:
    """A transaction; `look` is called before each of its statements, with what that is given."""

    def __init__(self, tx: AsyncSession, look: Look) -> None:
        self._tx = tx
        self._look = look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    async def execute(self, statement: Any, *given: Any, **more: Any) -> Any:
        """As the transaction does."""
        await self._look(statement, given[0] if given else None)
        return await self._tx.execute(statement, *given, **more)

    async def scalar(self, statement: Any, *given: Any, **more: Any) -> Any:
        """As the transaction does."""
        await self._look(statement, given[0] if given else None)
        return await self._tx.scalar(statement, *given, **more)

    async def scalars(self, statement: Any, *given: Any, **more: Any) -> Any:
        """As the transaction does."""
        await self._look(statement, given[0] if given else None)
        return await self._tx.scalars(statement, *given, **more)


class Seen(Database):
    """A database whose transactions are looked at as they go on."""

    def looker(self) -> Look:
        """What looks at the statements of one transaction."""
        raise NotImplementedError

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """See `Database`."""
        async with super().transaction() as tx:
            yield _looking(tx, self.looker())

    @asynccontextmanager
    async def storing(self) -> AsyncGenerator[AsyncSession]:
        """See `Database`."""
        if self.dialect != "postgresql":
            async with self.transaction() as tx:
                yield tx
            return
        async with super().storing() as tx:
            yield _looking(tx, self.looker())


def _looking(tx: AsyncSession, look: Look) -> Any:
    return Looking(tx, look)


class Watched(Seen):
    """A database that notes in `wrong` what was locked too late."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.wrong: list[str] = []

    def looker(self) -> Look:
        """See `Seen`."""
        locked = Locked(wrong=self.wrong)

        async def look(statement: Any, params: Any) -> None:
            locked.see(statement, params)

        return look


class Stopping(Seen):
    """A database that stops one transaction before it locks what begins with `before`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.before = ""
        self.stopped = asyncio.Event()
        self.go_on = asyncio.Event()

    def looker(self) -> Look:
        """See `Seen`."""

        async def look(statement: Any, params: Any) -> None:
            names = [name for name, _, _ in locks(statement, params)]
            if self.before and any(name.startswith(self.before) for name in names):
                self.before = ""
                self.stopped.set()
                await self.go_on.wait()

        return look
