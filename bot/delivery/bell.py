"""Wakes what waits in this process, and tells the other processes on PostgreSQL.

A word that is lost costs a second and nothing else: everybody looks again after a while.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import text

from bot.hub import Hub
from bot.store.database import Database
from engine.store import Transaction

log = structlog.get_logger(__name__)

CHANNEL: Final = "dressrun"
_AGAIN_SECONDS: Final = 1


@dataclass(slots=True)
class Bell:
    """One a process."""

    database: Database
    hub: Hub
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

    def work(self, lane: str) -> None:
        """Say that a lane got work, once that is committed."""
        for carrier in self._carriers:
            carrier(lane)
        self.ring()

    def ring(self, session_id: str | None = None) -> None:
        """Wake this process, and whoever follows the session in it."""
        for ear in self._ears:
            ear.set()
        if session_id:
            self.hub.changed(session_id)

    async def announce(self, tx: Transaction, session_id: str | None = None) -> None:
        """Wake the other processes once this transaction is committed."""
        if self.database.dialect == "postgresql":
            await tx.execute(
                text("SELECT pg_notify(:channel, :word)"),
                {"channel": CHANNEL, "word": session_id or ""},
            )

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

        address = self.database.url.set(drivername="postgresql")
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    address.render_as_string(hide_password=False), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.ring()  # whatever was said before somebody listened
                    async for word in connection.notifies():
                        self.ring(word.payload or None)
            except psycopg.Error as error:
                log.warning("not_listening", code=error.sqlstate or type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)
