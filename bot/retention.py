"""Deletes sessions once they are older than their scenario keeps them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.store.database import Database, StoreAway
from engine.simulation import Simulation
from engine.store import forget, sessions

log = structlog.get_logger(__name__)

EVERY_HOURS = 6
BATCH = 100


class Retention:
    """Lets go of what has been kept for long enough."""

    def __init__(
        self, database: Database, simulation: Simulation, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._simulation = simulation
        self._now = now

    async def sweep(self) -> int:
        """Delete sessions that are too old, with everything about them; how many went.

        A session's age counts from its last change. A store that is away waits for the next sweep.
        """
        try:
            async with self._database.reading() as tx:
                versions = await sessions.scenario_hashes(tx)
            gone = sum([await self._let_go(version) for version in versions])
            if gone:
                await self._database.settle()
        except StoreAway as error:
            log.warning("retention_skipped", code=error.code)
            return 0
        if gone:
            log.info("retention", sessions=gone)
        return gone

    async def _let_go(self, scenario_hash: str) -> int:
        """Delete the old sessions of one scenario version, a batch a transaction."""
        gone = 0
        while True:
            async with self._database.transaction() as tx:
                scenario = await self._simulation.scenario(tx, scenario_hash)
                kept_since = self._now() - timedelta(days=scenario.privacy.retention_days)
                old = await sessions.unchanged_since(tx, kept_since, scenario_hash, limit=BATCH)
                for session_id in old:
                    await forget.delete_session(tx, session_id)
            gone += len(old)
            if len(old) < BATCH:
                return gone
