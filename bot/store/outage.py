"""Whether the database takes what is written: a failure stands until something was stored again."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import delete, insert

from engine.store import Transaction
from engine.store.tables import ScenarioVersionRow

log = structlog.get_logger(__name__)

AGAIN_SECONDS: Final = 1.0
"""So often it is tried whether something can be stored again. In good times it never is."""

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

    @property
    def is_on(self) -> bool:
        """Whether writing failed, and nothing could be stored since."""
        return self._trying is not None and not self._trying.done()

    def begin(self) -> None:
        """Say that writing failed."""
        if not self.is_on:
            self._trying = asyncio.create_task(self._try())

    async def close(self) -> None:
        """Try no more. Whatever the last try ran into is nobody's trouble any more."""
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
