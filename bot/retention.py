"""Deletes sessions once they are older than their scenario keeps them."""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from adapters.kits import kits
from adapters.port import ThreadRef
from adapters.stored import thread_of
from bot.delivery import unclaimed
from bot.observability import correlated, report
from bot.store import patience, pruning
from bot.store.database import Database, StoreAway
from bot.store.tables import DoorRow
from engine.simulation import Simulation
from engine.store import Transaction, forget, sessions, spending

log = structlog.get_logger(__name__)

EVERY_HOURS = 6
BATCH = 20
"""Sessions that one transaction deletes: others write in between."""


class Retention:
    """Lets go of what has been kept for long enough."""

    def __init__(
        self, database: Database, simulation: Simulation, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._simulation = simulation
        self._now = now
        self._began = now()

    async def sweep(self) -> int:
        """Delete sessions that are too old, with everything about them; how many went.

        A session's age counts from its last change. What could not be done waits for the next
        sweep, and one scenario version that fails does not keep the others.
        """
        with patience.waiting(patience.LONG_SECONDS):
            return await self._swept()

    async def _swept(self) -> int:
        gone = 0
        try:
            async with self._database.reading() as tx:
                versions = await sessions.scenario_hashes(tx)
            for version in versions:
                async for batch in self._let_go(version):
                    gone += batch
            async with self._database.transaction() as tx:
                await spending.prune(tx, self._now())
                for kit in kits().values():
                    await kit.tidy(tx, self._now())
            await self._prune()
        except StoreAway as error:
            log.warning("retention_skipped", code=error.code)
        await self._settle()
        if gone:
            log.info("retention", sessions=gone)
        return gone

    async def _prune(self) -> None:
        now = self._now()
        for some in (
            pruning.orphans,
            lambda tx: unclaimed.give_up(tx, now, began=self._began),
            lambda tx: pruning.old(tx, now),
        ):
            more = True
            while more:
                async with self._database.transaction() as tx:
                    more = await some(tx)

    async def _settle(self) -> None:
        """Every time: a sweep before this one may have deleted and not come so far."""
        try:
            await self._database.settle()
        except StoreAway as error:
            log.warning("retention_not_settled", code=error.code)

    async def _let_go(self, scenario_hash: str) -> AsyncGenerator[int]:
        """Delete the old sessions of one scenario version; how many each transaction deleted.

        Raises:
            StoreAway: what was yielded is gone, the rest is still there.
        """
        try:
            async for batch in self._batches(scenario_hash):
                yield batch
        except StoreAway:
            raise
        except Exception as error:  # noqa: BLE001  # other versions' people were promised too
            with correlated(scenario_hash=scenario_hash):
                report(error)

    async def _batches(self, scenario_hash: str) -> AsyncGenerator[int]:
        while True:
            async with self._database.transaction() as tx:
                scenario = await self._simulation.scenario(tx, scenario_hash)
                kept_since = self._now() - timedelta(days=scenario.privacy.retention_days)
                found = await sessions.unchanged_since(tx, kept_since, scenario_hash, limit=BATCH)
                # What somebody wrote there is no change before it is handled.
                spoken_to = await pruning.spoken_to(tx, found)
                old = [one for one in found if one not in spoken_to]
                await _let_go_of_threads(tx, old)
                for session_id in sorted(old):
                    await forget.delete_session(tx, session_id)
                await pruning.of_sessions(tx, old)
            yield len(old)
            if not old or len(found) < BATCH:
                return


async def _let_go_of_threads(tx: Transaction, session_ids: Sequence[str]) -> None:
    """Where a platform's messages are ours to keep, they go with the sessions in their threads."""
    threads = await _only_theirs(tx, session_ids) if session_ids else ()
    for name, kit in kits().items():
        keys = [one.key for one in threads if one.platform == name]
        if keys:
            await kit.let_go(tx, keys)


async def _only_theirs(tx: Transaction, session_ids: Sequence[str]) -> list[ThreadRef]:
    """Every thread that led to one of these sessions, and never to any other."""
    theirs = select(DoorRow.thread_key).where(DoorRow.session_id.in_(session_ids))
    others = select(DoorRow.thread_key).where(DoorRow.session_id.not_in(session_ids))
    found = await tx.scalars(theirs.where(DoorRow.thread_key.not_in(others)).distinct())
    return [thread_of(key) for key in found]
