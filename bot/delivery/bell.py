"""Wakes what waits in this process, and tells the other processes on PostgreSQL.

A word that is lost costs a second, or a stop a few: everybody looks again after a while.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import uuid4

import structlog
from sqlalchemy import bindparam, func, select

from bot.delivery.leases import Lease
from bot.hub import Hub
from bot.store.database import Database
from engine.store import Transaction
from engine.store.often import often

log = structlog.get_logger(__name__)

CHANNEL: Final = "dressrun"
CUT: Final = "cut:"
_AGAIN_SECONDS: Final = 1
_SIGN_SECONDS: Final = 15.0
"""So often the server is asked for a sign of life by who hears nothing from it."""

_NOTIFY: Final = often(select(func.pg_notify(bindparam("channel"), bindparam("word"))))


class Taker(Protocol):
    """Takes turns in this process, and may take a lane as soon as it gets work."""

    def takes(self, lane: str) -> str | None:
        """The name under which a lane may be taken; None while others come first."""
        ...

    def begin(self, lease: Lease) -> object:
        """Work on a lane that was taken."""
        ...

    def leave(self, lease: Lease) -> None:
        """Give back a lane that was taken for nothing."""
        ...


@dataclass(slots=True)
class Bell:
    """One a process. `taker` is set while one runs."""

    database: Database
    hub: Hub
    taker: Taker | None = field(default=None, init=False)
    sign: float = _SIGN_SECONDS
    _me: str = field(default_factory=lambda: uuid4().hex, init=False)
    _ears: set[asyncio.Event] = field(default_factory=set, init=False)
    _carriers: list[Callable[[str], None]] = field(default_factory=list, init=False)

    @contextmanager
    def hearing(self) -> Generator[asyncio.Event]:
        """An event that is set when something happened; the listener clears it before it looks."""
        ear = asyncio.Event()
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    @contextmanager
    def carrying(self, carrier: Callable[[str], None]) -> Generator[None]:
        """Call `carrier` with every lane that got work in this process while the block runs."""
        self._carriers.append(carrier)
        try:
            yield
        finally:
            self._carriers.remove(carrier)

    def work(self, lane: str = "") -> None:
        """Say that a lane, or any, got work, once that is committed."""
        for carrier in self._carriers:
            carrier(lane)
        self.tell()

    def ring(self, session_id: str | None = None) -> None:
        """Wake this process, and whoever follows the session in it."""
        self.work()
        self.tell(session_id)

    def tell(self, session_id: str | None = None) -> None:
        """Wake whoever watches or follows the session here; there is no new work."""
        for ear in self._ears:
            ear.set()
        if session_id:
            self.hub.changed(session_id)

    async def announce(self, tx: Transaction, session_id: str | None = None) -> None:
        """Wake the other processes once this transaction is committed."""
        if self.database.dialect == "postgresql":
            word = f"{self._me}:{session_id or ''}"
            await tx.execute(_NOTIFY, {"channel": CHANNEL, "word": word})

    async def announce_cut(self, tx: Transaction, session_id: str) -> None:
        """Have other processes end a turn of a session, once this transaction is committed."""
        await self.announce(tx, f"{CUT}{session_id}")

    def heard(self, word: str) -> None:
        """Take what was announced."""
        if word.startswith(CUT):
            self.hub.cut(word.removeprefix(CUT))
        self.ring(word or None)

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Hear what other processes announce while the block runs."""
        if self.database.dialect != "postgresql":
            yield
            return
        ear = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            ear.cancel()
            with suppress(asyncio.CancelledError):
                await ear

    async def _listen(self) -> None:
        import psycopg

        from bot.store import postgres  # with its driver, which SQLite does without

        address = self.database.url.set(drivername="postgresql")
        while True:
            try:
                async with await postgres.Connection.connect(
                    address.render_as_string(hide_password=False),
                    autocommit=True,
                    **postgres.arguments(address),
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.ring()  # whatever was said before somebody listened
                    while True:
                        async for word in connection.notifies(timeout=self.sign):
                            sender, _, told = word.payload.partition(":")
                            if sender != self._me:  # we were told when it was stored
                                self.heard(told)
                        await connection.execute("SELECT 1")
            except psycopg.Error as error:
                log.warning("not_listening", code=error.sqlstate or type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)
