"""Clocks for tests: nobody waits in real time."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class QuickClock:
    """Sleeping takes no time and moves the clock on."""

    def __init__(self) -> None:
        self._now = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class ManualClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self._now = START
        self._sleeping: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self._now + timedelta(seconds=seconds), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move on, and let everybody who woke do what they can."""
        await settle()
        self._now += timedelta(seconds=seconds)
        for due, woken in self._sleeping:
            if due <= self._now and not woken.done():
                woken.set_result(None)
        await settle()


async def settle() -> None:
    """Let every task run until all of them wait."""
    for _ in range(20):
        await asyncio.sleep(0)
