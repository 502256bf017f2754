"""Work beside requests: kept, and ended with us."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """Tasks that end when `close` is called. A bug in one comes out there."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin some work."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def idle(self) -> None:
        """Wait for all that is under way and ends by itself."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> BaseException | None:
        """End everything; the first bug there was."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        return self._broken

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and self._broken is None:
            self._broken = error
