"""The tick: what looks after time itself, beside the errands that are stored for it.

What is due is found by whoever drains its lane, see `bot.delivery.later`. The tick only sets anew
what a session lacks, as one that an older release left.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.delivery import later
from bot.delivery.pipeline import Delivery
from bot.schedule import Schedule
from bot.services import Services
from bot.store.database import StoreAway
from engine.store import sessions
from engine.store.sessions import SessionRecord

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 1
SWEEP_SECONDS: Final = 30

LATE: Final = timedelta(seconds=10)
"""A session that is due for longer may have nothing that says so."""


class Ticker:
    """Sees to it that time passes in every session."""

    def __init__(self, services: Services, delivery: Delivery) -> None:
        self._services = services
        self._delivery = delivery

    async def tick(self) -> int:
        """Set an errand for every session that is due and lacks one; how many.

        Setting one twice sets it once, so any number of processes may do it. A store that is away
        waits for the next time.
        """
        now = self._services.now()
        try:
            async with self._services.database.reading() as tx:
                late = await sessions.due(tx, now - LATE)
            if not late:
                return 0
            armed = [await self._armed(record, now) for record in late]
        except StoreAway as error:
            log.warning("tick_skipped", code=error.code)
            return 0
        if count := sum(armed):
            log.warning("sessions_had_no_time", count=count)
            self._delivery.bell.ring()
        return count

    async def _armed(self, record: SessionRecord, now: datetime) -> bool:
        # Each by itself: nobody waits for one session because of another.
        if record.due is None:
            return False
        async with self._services.database.transaction() as tx:
            return await later.arm(tx, record.id, record.due, now)

    def schedule(self) -> Schedule:
        """A schedule of what time brings; the caller runs it."""
        schedule = Schedule(self._delivery.grace)
        schedule.every(SWEEP_SECONDS, self.tick, first=self._services.now())
        schedule.every(EVERY_SECONDS, self._services.simulation.prepare, first=self._services.now())
        return schedule
