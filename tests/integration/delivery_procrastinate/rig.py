"""Several processes over one PostgreSQL: in this process as applications, and real ones."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.delivery.bell import Bell
from bot.store.database import Database
from tests.contract.clocks import ManualClock
from tests.integration.bot.stage import Stage, app_over, settings_for

PATIENCE = 60
STUCK = Path(__file__).with_name("stuck_worker.py")


class Front(Stage):
    """A process with a platform that takes no turns: it stores what comes, and shows what is there.

    `tells` False: it dies, as it were, before it says that there is work.
    """

    def __init__(self, database: Database, folder: Path, url: str) -> None:
        super().__init__(database, folder, **_shared(url))
        self.works = False
        self.url = url
        self.folder = folder

    @asynccontextmanager
    async def running(self, *, tells: bool = True) -> AsyncIterator["Front"]:
        adapters = {self.adapter.platform: self.adapter}
        delivery = self.app.delivery
        posts = (
            delivery.running(adapters, turns=False)
            if tells
            else delivery.carrier(adapters, turns=False).running()
        )
        async with self.open(), posts:
            yield self

    async def asks(self, text: str, where: str = "C1", who: str = "U1") -> None:
        """Write a line, and do not wait for what comes of it."""
        answer = await self.server.deliver(self.server.write(where, who, text))
        assert answer["status"] == 200

    async def asks_until_stored(self, text: str, where: str = "C1", who: str = "U1") -> None:
        """Write a line that is delivered again while it is not stored, as platforms do."""
        payload = self.server.write(where, who, text)
        async with asyncio.timeout(PATIENCE):
            while (await self.server.deliver(payload))["status"] != 200:
                pass

    async def shows(self, text: str, where: str = "C1", times: int = 1) -> None:
        """Wait until something stands in a thread so often, and no oftener."""
        await until(self.app.delivery.bell, lambda: self.count(text, where) >= times)
        assert self.count(text, where) == times

    async def catches_up(self) -> None:
        """Let the clock here go past that of real processes, so that what they queue is due."""
        ahead = datetime.now(UTC) + timedelta(hours=1) - self.clock.now()
        await self.clock.advance(ahead.total_seconds())

    def count(self, text: str, where: str = "C1") -> int:
        return self.shown(where).count(text)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """Another application that takes turns, over connections of its own."""
        database = Database(self.url)
        app = app_over(database, settings_for(self.folder, **_shared(self.url)), ManualClock())
        try:
            async with app.delivery.running({}):
                yield
        finally:
            await database.close()


def _shared(url: str) -> dict[str, str]:
    """Settings under which Procrastinate carries: stages do without it unless they are told."""
    return {"database_url": url, "carrier": "procrastinate"}


async def until(bell: Bell, condition: Callable[[], bool]) -> None:
    """Wait for something that the bell is rung for."""
    with bell.hearing() as rung:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await rung.wait()
                rung.clear()


class Process:
    """A real process of ours."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self, beginning: str) -> str:
        """Wait for a line that begins like this."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                line = (await self._process.stdout.readline()).decode()
                assert line, "it ended"
                if line.startswith(beginning):
                    return line.strip()

    async def ended(self, by: signal.Signals) -> int:
        """Send it a signal and wait for its end; its exit code."""
        self._process.send_signal(by)
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()


@asynccontextmanager
async def process(url: str, folder: Path, *arguments: str) -> AsyncIterator[Process]:
    """Run Python with these arguments over a database; it is killed at the end if it still runs."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("DRESSRUN_")},
        "DRESSRUN_DATABASE_URL": url,
        "DRESSRUN_DATA_DIR": str(folder),
        "DRESSRUN_LEARNED_DIR": os.environ["DRESSRUN_LEARNED_DIR"],
        "DRESSRUN_BIND": "127.0.0.1:0",
        "DRESSRUN_LOG_LEVEL": "warning",
    }
    started = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, env=environment
    )
    try:
        yield Process(started)
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()
