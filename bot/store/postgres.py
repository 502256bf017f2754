"""PostgreSQL's connections: none waits for ever for a server that does not answer.

A server that hangs keeps no limits of its own, and a network that swallows what is sent tells
nobody. So time is measured here, whenever something is waited for, and a connection whose wait was
cut is closed: what it would still tell belongs to nobody.
"""

import asyncio
import math
from typing import Any, Final

import psycopg
from psycopg.errors import QueryCanceled, _WaitTimeout
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async

from bot.store import patience

CONNECT_SECONDS: Final = 3
_STOP_SECONDS: Final = 1.0

ARGUMENTS: Final = {
    "application_name": "dressrun",
    "connect_timeout": CONNECT_SECONDS,
    # A connection that nothing comes through ends, also while nobody waits for it.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""For libpq; it ignores what a socket of the same machine does not know."""


class NoAnswer(psycopg.OperationalError):
    """The server did not answer in time; the connection is closed."""


class Connection(psycopg.AsyncConnection[Any]):
    """A connection. `patience`: seconds that each answer may take, where less are left."""

    patience = math.inf

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
        most = min(self.patience, patience.seconds()) if timeout is None else timeout
        try:
            return await wait_async(gen, self.pgconn.socket, interval=interval, timeout=most)
        except _WaitTimeout:
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise NoAnswer("no answer in time") from None
        except asyncio.CancelledError:
            await self._stop(gen, interval)
            raise

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
