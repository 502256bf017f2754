"""What Procrastinate's own failures do to delivery: nothing but a delay."""

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Status

from bot.delivery.carriers import procrastinate as carrier
from tests.integration.delivery_procrastinate.rig import Front

LISTED = "Start one with"


async def test_turns_go_on_after_its_connections_were_cut(front: Front) -> None:
    async with front.running(), front.worker():
        await front.asks("/sim list")
        await front.shows(LISTED)
        async with await psycopg.AsyncConnection.connect(front.url, autocommit=True) as admin:
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await front.asks_until_stored("/sim list")
        await front.shows(LISTED, times=2)


async def test_a_worker_that_was_taken_for_dead_works_on(front: Front) -> None:
    async with front.running(), front.worker():
        await front.asks("/sim list")
        await front.shows(LISTED)
        async with await psycopg.AsyncConnection.connect(front.url, autocommit=True) as admin:
            await admin.execute("DELETE FROM procrastinate_workers")
        await front.asks("/sim list")
        await front.shows(LISTED, times=2)


async def test_jobs_of_dead_workers_are_removed(url: str) -> None:
    queue = App(connector=PsycopgConnector(conninfo=url))
    async with queue.open_async():
        await carrier.defer(queue, ["session:a", "session:a", "session:b"])
        jobs = queue.job_manager
        waiting = await jobs.list_jobs_async(queue=carrier.QUEUE)
        assert sorted(str(one.queueing_lock) for one in waiting) == ["session:a", "session:b"]

        worker = await jobs.register_worker()
        begun = await jobs.fetch_job([carrier.QUEUE], worker)
        assert begun is not None
        await jobs.unregister_worker(worker)  # as pruning does once it is silent
        await carrier.tidy(queue)
        [left] = await jobs.list_jobs_async(queue=carrier.QUEUE)
        assert left.queueing_lock != begun.queueing_lock
        assert left.status == Status.TODO.value
