"""How a stop ends where Procrastinate carries, and what holds nobody up."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg

from adapters.clock import SystemClock
from bot.delivery import leases
from bot.delivery.carriers.procrastinate import TIDY_SECONDS, ProcrastinateCarrier
from bot.delivery.leases import Lease
from bot.store.database import Database
from bot.store.patience import waiting
from tests.integration.bot.stage import app_over, settings_for
from tests.integration.delivery.rig import clings
from tests.integration.delivery_procrastinate.rig import PATIENCE, Front
from tests.integration.stalling import Way

LISTED = "Start one with"


class Stopping:
    """A worker over one lane, which is stopped once it works on that."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database = Database(url)
        settings = settings_for(folder, database_url=url)
        app = app_over(self.database, settings, SystemClock())
        app.delivery.grace.seconds = 1
        self.local = app.delivery.carrier({}, turns=False)

    async def stopped(self, work: Callable[[], Awaitable[object]]) -> asyncio.Task[None]:
        """Begin `work`, then stop; the stop, if it ended."""
        begun = asyncio.Event()

        async def worked(_lease: Lease) -> bool:
            begun.set()
            await work()
            return True

        async def stops() -> None:
            self.local.work = worked
            async with ProcrastinateCarrier(local=self.local).running():
                async with self.database.transaction() as tx:
                    await leases.touch(tx, "thread:a", self.local.now())
                self.local.bell.work("thread:a")
                await begun.wait()

        stopping = asyncio.create_task(stops())
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
        await asyncio.wait({stopping}, timeout=PATIENCE)
        return stopping


async def test_a_stop_does_not_wait_for_a_turn_that_does_not_let_go(
    url: str, tmp_path: Path
) -> None:
    worker, lets_go = Stopping(url, tmp_path), asyncio.Event()
    stopping = await worker.stopped(lambda: clings(lets_go))
    stopped = stopping.done()
    async with worker.database.reading() as tx:
        taken = await leases.is_taken(tx, "thread:a")
    lets_go.set()
    await stopping
    await worker.database.close()
    assert stopped
    assert taken, "it may still show something there"


async def test_a_stop_does_not_wait_for_a_database_that_hangs(url: str, tmp_path: Path) -> None:
    async with Way(url).running() as way:
        worker = Stopping(way.url, tmp_path)

        async def hangs() -> None:
            way.stop()

        with waiting(600, commit=600):  # as if no answer was ever missed
            stopping = await worker.stopped(hangs)
        stopped = stopping.done()
        way.open.set()
        await stopping
        await worker.database.close()
    assert stopped


async def test_who_tidies_up_for_long_holds_up_nobody(front: Front) -> None:
    """Somebody holds on to an old job, so that it can be removed by nobody."""
    async with await psycopg.AsyncConnection.connect(front.url) as other:
        await other.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) "
            "VALUES ('dressrun', 'old', 'failed')"
        )
        await other.execute("DELETE FROM procrastinate_events")
        await other.execute(
            "INSERT INTO procrastinate_events (job_id, type, at) "
            "SELECT id, 'failed', now() - interval '2 hours' FROM procrastinate_jobs"
        )
        await other.commit()
        await other.execute("SELECT id FROM procrastinate_jobs FOR UPDATE")
        async with front.running(), front.worker():
            async with asyncio.timeout(TIDY_SECONDS * 2 / 3):
                await front.asks("/sim list")
                await front.shows(LISTED)
                await front.asks("/sim list")
                await front.shows(LISTED, times=2)
        await other.rollback()
