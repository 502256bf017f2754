"""Hands over what people did, place by place in order, until the application has it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from adapters.clock import Clock
from adapters.errors import DeliveryFailed, NotStored, PlatformDown
from adapters.kit import Database
from adapters.local import heard
from adapters.local.live import Feed
from adapters.port import Accept, Event

LEFT_SECONDS: Final = 15
"""What has waited so long was left by a process that is gone, or could not be handed over."""

LONGEST_WAIT: Final = 10.0


@dataclass(slots=True, eq=False)
class _Lane:
    """The events of one place. `again`: more came while they were handed over."""

    task: "asyncio.Task[None] | None" = None
    again: bool = False
    waits: bool = field(default=False)


class Handover:
    """One a process."""

    def __init__(self, database: Database, clock: Clock, feed: Feed) -> None:
        self._database = database
        self._clock = clock
        self._feed = feed
        self._lanes: dict[str, _Lane] = {}
        self._accept: Accept | None = None
        self._ending = asyncio.Event()
        self._looker: asyncio.Task[None] | None = None
        self.heard: datetime | None = None

    async def start(self, accept: Accept) -> None:
        """Begin, with what was left; `stop` ends it."""
        self._ending.clear()
        self._accept = accept
        async with self._database.reading() as tx:
            left = await heard.places_waiting(tx)
        for place in left:
            self.look(place)
        self._looker = asyncio.create_task(self._look_around())

    async def stop(self) -> BaseException | None:
        """End, after the events under way. Returns what broke, if anything did."""
        self._ending.set()
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        for lane in self._lanes.values():
            if lane.task and lane.waits:
                lane.task.cancel()
        if self._looker:
            tasks.append(self._looker)
        if tasks:
            await asyncio.wait(tasks)
        self._accept, self._looker = None, None
        self._lanes.clear()
        return next((one.exception() for one in tasks if not one.cancelled()), None)

    async def idle(self) -> None:
        """Wait until everything so far is handed over."""
        while tasks := [
            one.task for one in self._lanes.values() if one.task and not one.task.done()
        ]:
            await asyncio.wait(tasks)

    def look(self, place: str) -> None:
        """Say that something happened in a place."""
        if self._accept is None or self._ending.is_set():
            return
        lane = self._lanes.setdefault(place, _Lane())
        lane.again = True
        if lane.task is None or lane.task.done():
            lane.task = asyncio.create_task(self._work(place, lane, self._accept))

    async def _work(self, place: str, lane: _Lane, accept: Accept) -> None:
        wait = 0.5
        while lane.again and not self._ending.is_set():
            lane.again = False
            try:
                async with self._database.reading() as tx:
                    waiting = await heard.waiting(tx, place)
                for seq, event in waiting:
                    await self._hand(accept, seq, event)
                    lane.again = True
                    if self._ending.is_set():
                        return
                wait = 0.5
            except (NotStored, PlatformDown, DeliveryFailed):
                self._feed.away("handover")
                lane.again = lane.waits = True
                await self._clock.sleep(wait)
                lane.waits = False
                wait = min(wait * 2, LONGEST_WAIT)

    async def _hand(self, accept: Accept, seq: int, event: Event) -> None:
        await accept(event)
        self.heard = self._clock.now()
        self._feed.back("handover")
        async with self._database.transaction() as tx:
            await heard.done(tx, seq)

    async def _look_around(self) -> None:
        """Find what processes left that are gone."""
        while not self._ending.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LEFT_SECONDS):
                    await self._ending.wait()
                    return
            with suppress(PlatformDown, DeliveryFailed):
                before = self._clock.now() - timedelta(seconds=LEFT_SECONDS)
                async with self._database.reading() as tx:
                    left = await heard.places_waiting(tx, before)
                for place in left:
                    self.look(place)
