"""Jobs at intervals, and an end that waits for those under way."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.grace import WORK, Grace
from bot.observability import report

Job = Callable[[], Awaitable[object]]


class Schedule:
    """Calls jobs again and again while it runs; each at most once at a time.

    Those under way at its end may go on for as long as `grace` says; then they are cancelled.
    """

    def __init__(self, grace: Grace) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._grace = grace
        self._under_way: set[asyncio.Task[Any]] = set()

    def every(self, seconds: float, job: Job, *, first: datetime | None = None) -> None:
        """Call `job` at an interval, at `first` for the first time, else after one interval."""

        async def watched() -> None:
            await self._watched(job)

        # APScheduler goes by the machine's clock, which a demo clock is ahead of.
        timing = {} if first is None else {"next_run_time": min(first, datetime.now(UTC))}
        self._scheduler.add_job(
            watched, "interval", seconds=seconds, max_instances=1, coalesce=True, **timing
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Jobs run while the block does. At its end none is left that uses what is closed next."""
        self._scheduler.start()
        try:
            yield
        finally:
            self._scheduler.pause()
            await self._end()
            self._scheduler.shutdown(wait=False)

    async def _watched(self, job: Job) -> None:
        """Run a job as a task of ours: APScheduler forgets those that it cancels."""
        task = asyncio.ensure_future(job())
        self._under_way.add(task)
        await asyncio.wait({task})
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # Here, because APScheduler logs a failure with its text.
            report(error)

    async def _end(self) -> None:
        await asyncio.sleep(0)  # a job that was just handed over begins, and is counted
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._grace.left(WORK))
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)
