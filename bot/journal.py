"""Calls of models are kept before they are made: what they cost outlives a process that dies."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.store.database import Database, StoreAway
from engine.calls import Call
from engine.errors import NoSession
from engine.store import ledger

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 30
SPARE: Final = timedelta(minutes=1)
"""So much later than a call ends at the latest, it counts as lost."""


@dataclass(frozen=True, slots=True)
class StoredJournal:
    """A `Journal` in the ledger; each step is a transaction of its own."""

    database: Database

    async def begin(self, session_id: str, call: Call, within: timedelta) -> int | None:
        """Enter a call as started.

        While the database is away, or where the session was deleted, the call is made all the same.
        """
        with suppress(StoreAway, NoSession):
            async with self.database.transaction() as tx:
                return await ledger.begin(tx, session_id, call, call.at + within + SPARE)
        return None

    async def give_up(self, now: datetime) -> int:
        """Count calls that should be over and never were told of as lost; how many.

        Any number of processes may do it: each call is counted once.
        """
        found = 0
        try:
            async with self.database.reading() as tx:
                late = await ledger.late(tx, now)
            for session_id, number in late:
                with suppress(NoSession):
                    async with self.database.transaction() as tx:
                        found += await ledger.lose(tx, session_id, number)
        except StoreAway as error:
            log.warning("lost_calls_skipped", code=error.code)
        if found:
            log.warning("model_calls_lost", count=found)
        return found
