"""Whether the database takes what is written: a failure stands until a trial was stored.

A trial writes as much as a turn and has as long as one, so it is stored where turns are.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import delete, insert

from engine.store import Transaction
from engine.store.tables import ScenarioVersionRow

log = structlog.get_logger(__name__)

AGAIN_SECONDS: Final = 1.0
"""So long after a trial that failed comes the next. In good times there is none."""

_ROOM: Final = 64 * 1024
"""What has no room for so many characters, more than a turn writes, has no room for turns."""


class Outage:
    """One a database. `write` stores something and takes it away; False where that failed."""

    def __init__(
        self, write: Callable[[], Awaitable[bool]], *, again: float = AGAIN_SECONDS
    ) -> None:
        self._write = write
        self._again = again
        self._trying: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def is_on(self) -> bool:
        """Whether writing failed, and no trial was stored since."""
        return self._trying is not None and not self._trying.done()

    def begin(self) -> None:
        """Say that writing failed; after `close` nobody is told."""
        if not self.is_on and not self._closed:
            # Neither the names nor the patience of whoever happened to fail.
            self._trying = asyncio.create_task(self._try(), context=Context())

    async def close(self) -> None:
        """Try no more. Whatever the last try ran into is nobody's trouble any more."""
        self._closed = True
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait({self._trying})

    async def _try(self) -> None:
        # At once, for what fails may be a conflict that is over by now.
        if await self._wrote():
            return
        log.warning("nothing_can_be_stored")
        while True:
            await asyncio.sleep(self._again)
            if await self._wrote():
                log.info("stored_again")
                return

    async def _wrote(self) -> bool:
        try:
            return await self._write()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was stored
            log.warning("not_tried", code=type(error).__name__)
            return False


async def write(tx: Transaction) -> None:
    """Write as much as a large turn does, and take it away: nobody ever sees it."""
    key = f"room:{secrets.token_hex(16)}"
    await tx.execute(
        insert(ScenarioVersionRow).values(
            hash=key,
            scenario_id=key,
            version="",
            body=secrets.token_hex(_ROOM // 2),  # what no database makes smaller
            created_at=datetime.now(UTC),
        )
    )
    await tx.execute(delete(ScenarioVersionRow).where(ScenarioVersionRow.hash == key))
