"""What a process learns once it is ready, so that nobody who writes waits for it.

First what people are in the middle of, then what they may begin. The latter is only left where a
reader finds it, and while a turn runs here nothing more of it is begun: turns come first.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final

import structlog

from bot.schedule import Schedule
from bot.services import Services
from bot.store.database import StoreAway
from engine.store import sessions

if TYPE_CHECKING:
    from engine.scenario import Scenario

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2
IN_USE: Final = 8
"""So many scenarios are held in memory from the start: those that sessions moved in last."""


class Warming:
    """Learns a scenario now and then until there is none left."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked = False
        self._left: deque[Scenario] = deque()

    def schedule(self, schedule: Schedule) -> None:
        """Have it done from now on."""
        schedule.every(EVERY_SECONDS, self.step, first=self._services.now())

    async def step(self) -> None:
        """Look what is in use, the first time; after that learn one of the others, at rest."""
        if not self._looked:
            await self._look()
        elif self._left and self._services.hub.at_rest:
            scenario = self._left.popleft()
            await _aside(lambda: self._services.simulation.learn_ahead(scenario))

    async def _look(self) -> None:
        simulation = self._services.simulation
        try:
            async with self._services.database.reading() as tx:
                used = await sessions.in_use(tx, limit=IN_USE)
                known = {one: await simulation.scenario(tx, one) for one in used}
        except StoreAway as error:
            log.warning("warming_skipped", code=error.code)
            return
        for scenario_hash, scenario in known.items():
            simulation.expect(scenario_hash, scenario)
        catalog = self._services.catalog
        self._left.extend(
            one for one in catalog.published() if catalog.stored(one.id)[0] not in known
        )
        self._looked = True
        await simulation.prepare()


async def _aside(work: Callable[[], None]) -> None:
    """Do something in a thread that no stop waits for."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        try:
            work()
        finally:
            with suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(done.set)

    Thread(target=run, name="warming", daemon=True).start()
    await done.wait()
