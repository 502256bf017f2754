"""The tick: turns what is due in sessions into events, once.

APScheduler starts it; the sessions' own `due` is the truth. Several processes may tick: of two
that act on one session, one appends and the other is refused.
"""

from datetime import datetime

import structlog

from bot.delivery.pipeline import Delivery
from bot.observability import correlated, report
from bot.schedule import Schedule
from bot.services import Services
from bot.store.database import StoreAway
from engine.errors import NoSession, NotAllowedNow, SequenceTaken
from engine.inputs import Input, Step
from engine.session import State
from engine.store import sessions

log = structlog.get_logger(__name__)

EVERY_SECONDS = 1


class Ticker:
    """Lets time pass in sessions."""

    def __init__(self, services: Services, delivery: Delivery) -> None:
        self._services = services
        self._delivery = delivery

    async def tick(self) -> int:
        """Act on every session that is due; how many moved. A store that is away waits a tick."""
        try:
            async with self._services.database.reading() as tx:
                due = [record.id for record in await sessions.due(tx, self._services.now())]
        except StoreAway as error:
            log.warning("tick_skipped", code=error.code)
            return 0
        return sum([await self._act_on(session_id) for session_id in due])

    async def _act_on(self, session_id: str) -> bool:
        """Let time pass in one session, and tell what came of it; whether anything did.

        Whatever goes wrong here must not keep the other sessions from their time.
        """
        try:
            async with self._services.database.transaction() as tx:
                outcome = await self._services.simulation.apply(tx, session_id, _tick)
                if outcome.events:
                    key = f"tick:{session_id}:{outcome.state.seq}"
                    await self._delivery.show(tx, outcome, key)
            if not outcome.events:
                return False
            self._delivery.bell.ring(session_id)
        except (SequenceTaken, NotAllowedNow, NoSession):
            return False  # Somebody else wrote to it; they set its next due.
        except StoreAway as error:
            log.warning("tick_skipped", session_id=session_id, code=error.code)
            return False
        except Exception as error:  # noqa: BLE001  # the other sessions go on
            with correlated(session_id=session_id):
                report(error)
            return False
        return True

    def schedule(self) -> Schedule:
        """A schedule of what time brings; the caller runs it."""
        schedule = Schedule()
        schedule.every(EVERY_SECONDS, self.tick)
        schedule.every(EVERY_SECONDS, self._services.simulation.prepare)
        return schedule


def _tick(_state: State, at: datetime) -> Input:
    return Step(at=at, verb="tick")
