"""The tick: turns what is due in sessions into events, once.

APScheduler starts it; the sessions' own `due` is the truth. Several processes may tick: of two
that act on one session, one appends and the other is refused.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.hub import Hub
from bot.store.database import Database, StoreAway
from engine.errors import NotAllowedNow, SequenceTaken
from engine.inputs import Input, Step
from engine.session import State
from engine.simulation import Simulation
from engine.store import sessions
from engine.turns import Outcome

log = structlog.get_logger(__name__)

EVERY_SECONDS = 1
Ticked = Callable[[Outcome], Awaitable[None]]


class Ticker:
    """Lets time pass in sessions."""

    def __init__(
        self, database: Database, simulation: Simulation, hub: Hub, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._simulation = simulation
        self._hub = hub
        self._now = now
        self._ticked: list[Ticked] = []

    def tell(self, ticked: Ticked) -> None:
        """Call `ticked` after each session that moved."""
        self._ticked.append(ticked)

    async def tick(self) -> int:
        """Act on every session that is due; how many moved. A store that is away waits a tick."""
        try:
            async with self._database.reading() as tx:
                due = [record.id for record in await sessions.due(tx, self._now())]
            outcomes = [outcome for one in due if (outcome := await self._let_pass(one))]
        except StoreAway as error:
            log.warning("tick_skipped", code=error.code)
            return 0
        for outcome in outcomes:
            self._hub.changed(outcome.session.id)
            for ticked in self._ticked:
                await ticked(outcome)
        return len(outcomes)

    async def _let_pass(self, session_id: str) -> Outcome | None:
        try:
            async with self._database.transaction() as tx:
                return await self._simulation.apply(tx, session_id, _tick)
        except (SequenceTaken, NotAllowedNow):
            return None  # Somebody else wrote to it; they set its next due.

    def scheduler(self) -> AsyncIOScheduler:
        """A scheduler with the tick as its only job; the caller starts and stops it."""
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self.tick, "interval", seconds=EVERY_SECONDS, max_instances=1, coalesce=True
        )
        return scheduler


def _tick(_state: State, at: datetime) -> Input:
    return Step(at=at, verb="tick")
