"""PostgreSQL's connections: none waits for ever for a server that does not answer.

A server that hangs keeps no limits of its own, and a network that swallows what is sent tells
nobody. So time is measured here, whenever something is waited for, and a connection whose wait was
cut is closed: what it would still tell belongs to nobody.
"""

import asyncio
import math
from collections.abc import AsyncGenerator
from typing import Any, Final, Self

import psycopg
from psycopg.errors import QueryCanceled, _WaitTimeout
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async
from sqlalchemy import URL

from bot.store import patience

CONNECT_SECONDS: Final = 3
_STOP_SECONDS: Final = 1.0
_CUT_SECONDS: Final = 0.5
"""So long a server that did not answer may take to hear that nobody waits any more."""

_KNOWS_CUTS: Final = 140_000
"""The first version that looks for a client while it works."""
_WATCHING: Final = "SET client_connection_check_interval = '10s'"

_ARGUMENTS: Final = {
    "connect_timeout": CONNECT_SECONDS,
    # A connection that nothing comes through ends, also while nobody waits for it.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""For libpq; it ignores what a socket of the same machine does not know."""

_ONLY_READS: Final = "-c default_transaction_read_only=on"


def arguments(url: URL, name: str = "dressrun", *, reads: bool = False) -> dict[str, Any]:
    """How to connect, beside what the address itself says: that holds for all connections alike.

    `name`: what the server calls them. `reads`: nothing may be written.
    """
    every = {"application_name": name, **_ARGUMENTS}
    ours: dict[str, Any] = {key: every[key] for key in every if key not in url.query}
    if reads:
        given = url.normalized_query.get("options", ())
        ours["options"] = " ".join((*given, _ONLY_READS))
    return ours


class NoAnswer(psycopg.OperationalError):
    """The server did not answer in time; the connection is closed."""


class Connection(psycopg.AsyncConnection[Any]):
    """A connection whose answers are waited for as long as there is patience, words for ever."""

    @classmethod
    async def connect(cls, *given: Any, **named: Any) -> Self:
        """As in psycopg. The server notices while it works that we are gone, where it can."""
        connection = await super().connect(*given, **named)
        try:
            await connection._be_watched()
        except BaseException:
            connection.pgconn.finish()
            raise
        return connection

    async def _be_watched(self) -> None:
        # Asked for afterwards: a server that cannot would refuse a connection that asks for it.
        if self.pgconn.server_version < _KNOWS_CUTS:
            return
        alone = self.autocommit
        await self.set_autocommit(True)
        try:
            await self.execute(_WATCHING)
        except NoAnswer:
            raise
        except psycopg.Error:  # not every system tells it that a client is gone
            pass
        await self.set_autocommit(alone)

    def notifies(
        self, *, timeout: float | None = None, stop_after: int | None = None
    ) -> AsyncGenerator[psycopg.Notify]:
        """As in psycopg: words are waited for without end where no `timeout` is given."""
        seconds = math.inf if timeout is None else timeout
        return super().notifies(timeout=seconds, stop_after=stop_after)

    async def wait(
        self,
        gen: Any,
        interval: float = 0.1,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Any:
        """As in psycopg, which waits for everything here; at most for as long as there is patience.

        Raises:
            NoAnswer: there was none.
        """
        most = patience.seconds() if timeout is None else timeout
        try:
            return await wait_async(gen, self.pgconn.socket, interval=interval, timeout=most)
        except _WaitTimeout:
            if timeout is not None:
                raise
            await self._cut()
            raise NoAnswer("no answer in time") from None
        except asyncio.CancelledError:
            await self._stop(gen, interval)
            raise

    async def _cut(self) -> None:
        """Close it. A server that works or waits for a lock is told first: it would go on."""
        try:
            async with asyncio.timeout(_CUT_SECONDS):
                await self.cancel_safe(timeout=_CUT_SECONDS)
        except (psycopg.Error, TimeoutError):
            pass
        finally:
            self.pgconn.finish()

    async def _stop(self, gen: Any, interval: float) -> None:
        """Have the server stop what it is asked, so that the connection can be used again."""
        if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        try:
            await self.cancel_safe(timeout=_STOP_SECONDS)
            await wait_async(gen, self.pgconn.socket, interval=interval, timeout=_STOP_SECONDS)
        except QueryCanceled:
            pass
        except psycopg.Error:
            self.pgconn.finish()
        except BaseException:
            self.pgconn.finish()
            raise
