"""Turns carried by Procrastinate: any number of processes share them through PostgreSQL.

A job says only that a lane has something to do. Who gets the job takes the lane by its lease, as
every carrier does, so a job that comes twice or late does no harm, and for one that never comes a
sweep finds the lane. What is shown on a platform stays with the process in which that platform's
adapter runs.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg_pool import AsyncConnectionPool

from bot.delivery import claiming
from bot.delivery.carriers.local import SLOTS, LocalCarrier
from bot.grace import LATE, WORK
from bot.observability import report
from bot.store import patience, postgres
from bot.store.database import Database, StoreAway

log = structlog.get_logger(__name__)

QUEUE: Final = "dressrun"
DRAIN: Final = "dressrun.drain"

SWEEP_SECONDS: Final = 2.0
SWEPT: Final = 500
"""So many lanes one sweep looks at, the longest due first."""

TIDY_SECONDS: Final = 30.0
"""So often what dead workers left is removed; and so long the database may take over each part of
that, as it goes through all jobs."""

SILENT_SECONDS: Final = 30
"""A worker of Procrastinate that was silent for longer is dead."""

_AGAIN_SECONDS: Final = 1
_OPEN_SECONDS: Final = 10
_CONNECTIONS: Final = 4


@dataclass(slots=True, kw_only=True)
class ProcrastinateCarrier:
    """Takes turns as Procrastinate hands them out. One a process.

    `local` shows things, holds the leases of both, and says that this process lives.
    """

    local: LocalCarrier
    slots: int = SLOTS
    _wanted: dict[str, None] = field(default_factory=dict, init=False)
    _asked: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _stopping: bool = field(default=False, init=False)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work while the block runs. At its end work under way is finished, or left to others.

        Raises:
            StoreAway: the database cannot be reached.
        """
        async with self.local.running(), self._opened() as queue:
            beside = [asyncio.create_task(one(queue)) for one in (self._tell, self._tidy)]
            working = asyncio.create_task(self._work(queue))
            try:
                with self.local.bell.carrying(self.want):
                    yield
            finally:
                self._stopping = True
                # Procrastinate takes no more jobs then, and finishes those that it has.
                working.cancel()
                await asyncio.wait({working}, timeout=self.local.grace.left(WORK))
                if not working.done():
                    await self.local.finish()
                await self._ended(working, *beside)

    async def _ended(self, *tasks: "asyncio.Task[None]") -> None:
        """End them, as far as there is time: Procrastinate itself waits for its jobs, and longer.

        Its worker was told once already; what it is told twice, it does not finish.
        """
        working, *beside = tasks
        for one in beside:
            one.cancel()
        _, left = await asyncio.wait(tasks, timeout=self.local.grace.at_least(LATE))
        if working in left:
            log.warning("queue_left")
            working.cancel()

    def want(self, lane: str) -> None:
        """Have a lane worked on, here or elsewhere."""
        if not lane:
            return  # somebody else's, who makes the job
        self._wanted[lane] = None
        self._asked.set()

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator[App]:
        queue = App(connector=connector(self.local.database))
        queue.task(name=DRAIN, queue=QUEUE)(self.drain)
        try:
            await queue.open_async()
        except psycopg.Error as error:
            raise StoreAway(type(error).__name__) from None
        try:
            yield queue
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.local.grace.at_least(LATE)):
                    await queue.close_async()

    async def drain(self, lane: str) -> None:
        """The one task: work off a lane, unless somebody else does."""
        local = self.local
        try:
            async with local.database.transaction() as tx:
                lease = await claiming.take(tx, local.worker.id, lane, local.now())
        except StoreAway as error:
            log.warning("lane_not_taken", code=error.code)
            return
        if lease is not None:
            await local.begin(lease)

    async def _work(self, queue: App) -> None:
        """Run Procrastinate's worker, and run it anew when it gave up."""
        while not self._stopping:
            try:
                await queue.run_worker_async(
                    queues=[QUEUE],
                    name="dressrun",
                    concurrency=self.slots,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=self.local.grace.seconds,
                    stalled_worker_timeout=SILENT_SECONDS,
                )
            except ConnectorException as error:
                log.warning("queue_away", code=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - turns go on whatever the queue runs into
                report(error)
            if not self._stopping:
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _tell(self, queue: App) -> None:
        """Make jobs for the lanes that are wanted, and now and then for those nobody asked for."""
        while True:
            try:
                await self.sweep(queue)
                await self._told(queue)
            except (StoreAway, ConnectorException, psycopg.Error) as error:
                log.warning("not_swept", code=type(error).__name__)
                await asyncio.sleep(_AGAIN_SECONDS)
            except Exception as error:  # noqa: BLE001 - without the sweep, work would stay undone
                report(error)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _tidy(self, queue: App) -> None:
        """Remove what dead workers left, beside all else: that may take long."""
        while True:
            try:
                with patience.waiting(TIDY_SECONDS):
                    await tidy(queue)
            except (ConnectorException, psycopg.Error) as error:
                log.warning("not_tidied", code=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - without it, jobs would pile up
                report(error)
            await asyncio.sleep(TIDY_SECONDS)

    async def _told(self, queue: App) -> None:
        """Make jobs as they are asked for, until the next sweep."""
        loop = asyncio.get_running_loop()
        until = loop.time() + SWEEP_SECONDS
        while loop.time() < until:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._asked.wait()
            self._asked.clear()
            lanes, self._wanted = self._wanted, {}
            await defer(queue, lanes)

    async def sweep(self, queue: App) -> int:
        """Make jobs for lanes with something to do that nobody works on; how many."""
        local = self.local
        async with local.database.reading() as tx:
            due = await claiming.due_lanes(tx, local.now(), ("",), SWEPT)
        if not due:
            return 0
        jobs = await queue.job_manager.list_jobs_async(queue=QUEUE, status=Status.TODO.value)
        told = {job.queueing_lock for job in jobs}
        lanes = [lane for lane in due if lane not in told]
        await defer(queue, lanes)
        return len(lanes)


async def defer(queue: App, lanes: Iterable[str]) -> None:
    """Make a job for each lane, unless one waits for it already."""
    await asyncio.gather(*(_defer(queue, lane) for lane in lanes))


async def _defer(queue: App, lane: str) -> None:
    # Only jobs that nobody has begun count as the same: what comes in during a turn asks anew.
    job = queue.configure_task(DRAIN, queue=QUEUE, queueing_lock=lane)
    with suppress(AlreadyEnqueued):
        await job.defer_async(lane=lane)


async def tidy(queue: App) -> None:
    """Remove the jobs that dead workers left behind; their lanes are found by the sweep."""
    jobs = queue.job_manager
    await jobs.prune_stalled_workers(SILENT_SECONDS)
    for job in await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=SILENT_SECONDS):
        if job.id is not None:
            with suppress(ConnectorException):  # another process was quicker
                await jobs.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
    await jobs.delete_old_jobs(
        nb_hours=1, queue=QUEUE, include_failed=True, include_cancelled=True, include_aborted=True
    )


def _pool(**given: Any) -> AsyncConnectionPool:
    ours = {"connection_class": postgres.Connection, "configure": _alone, "check": _lives}
    return AsyncConnectionPool(**{**given, **ours})


async def _alone(connection: psycopg.AsyncConnection) -> None:
    """Each statement of the queue stands alone: no need to begin and commit around it."""
    await connection.set_autocommit(True)


async def _lives(connection: psycopg.AsyncConnection) -> None:
    """Notice that the server closed a connection, without asking it each time.

    Raises:
        psycopg.OperationalError: it did.
    """
    connection.pgconn.consume_input()


def connector(database: Database) -> PsycopgConnector:
    """What the queue asks the database through, with the limits of all else."""
    address = database.url.set(drivername="postgresql")
    return PsycopgConnector(
        conninfo=address.render_as_string(hide_password=False),
        kwargs=postgres.arguments(address, "dressrun queue"),
        pool_factory=_pool,
        min_size=1,
        max_size=_CONNECTIONS,
        timeout=_OPEN_SECONDS,
    )
