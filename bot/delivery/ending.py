"""Ends a turn for whoever wants out or is through: what was shown of its reply stands."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bot.delivery import inbox, leases
from bot.delivery.bell import Bell
from bot.delivery.lanes import session_lane
from bot.dialogue import CUT_SECONDS
from bot.store.database import Database
from engine.store import Transaction, sessions

LOOK_SECONDS: Final = 0.2
"""So often it is looked whether a turn has ended, without news of it."""

Over = Callable[[Transaction], Awaitable[bool]]
"""Whether there is nothing left to wait for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Ends turns, wherever they run. One a process."""

    database: Database
    bell: Bell

    async def turn(self, session_id: str) -> None:
        """End the turn of a session and wait until it has; for `CUT_SECONDS` at most."""
        began: int | None = None

        async def has_ended(tx: Transaction) -> bool:
            nonlocal began
            seq = await sessions.seq_of(tx, session_id)
            began = seq if began is None else began
            return seq != began or not await leases.is_taken(tx, session_lane(session_id))

        await self._until(session_id, has_ended, again=False)

    async def what_was_said(self, session_id: str, before: int | None = None) -> None:
        """As `turn`, and until all that was said by now is in the log as well, without an answer.

        `before` is the inbox's id of what ends the session: what came later is not waited for.
        """
        lane = session_lane(session_id)
        async with self.database.reading() as tx:
            last = before or await inbox.after_all(tx, lane)

        async def has_been_heard(tx: Transaction) -> bool:
            return not await inbox.is_said_before(tx, lane, last)

        with self.bell.hub.hushed(session_id):
            await self._until(session_id, has_been_heard, again=True)

    async def _until(self, session_id: str, over: Over, *, again: bool) -> None:
        """Cut, and wait. `again`: turns that other processes begin meanwhile are cut as well."""
        until = time.monotonic() + CUT_SECONDS
        told = False
        with self.bell.hub.listening(session_id) as news:
            self.bell.hub.cut(session_id)
            while time.monotonic() < until:
                news.clear()
                async with self.database.reading() as tx:
                    if await over(tx):
                        return
                if again or not told:
                    told = True
                    await self._tell_others(session_id)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await news.wait()

    async def _tell_others(self, session_id: str) -> None:
        if self.database.dialect == "postgresql":
            async with self.database.transaction() as tx:
                await self.bell.announce_cut(tx, session_id)
