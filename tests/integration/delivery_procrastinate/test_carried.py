"""Procrastinate carries turns between processes; leases decide who takes them."""

import signal

from sqlalchemy import select, text

from bot.delivery import workers
from bot.store.queues import LeaseRow
from tests.integration.delivery_procrastinate.rig import STUCK, Front, process

LISTED = "Start one with"


async def test_what_one_process_stores_another_handles_and_the_first_shows(front: Front) -> None:
    async with front.running(), front.worker():
        await front.asks("/sim list")
        await front.shows(LISTED)

        await front.asks("/sim list")
        await front.shows(LISTED, times=2)


async def test_a_lane_that_nobody_told_of_is_swept_up(front: Front) -> None:
    async with front.running(tells=False), front.worker():
        await front.asks("/sim list")
        await front.shows(LISTED)


async def test_what_was_told_while_nobody_worked_is_handled_once(front: Front) -> None:
    async with front.running():
        await front.asks("/sim list")
        async with front.worker():
            await front.shows(LISTED)


async def test_jobs_leave_nothing_behind(front: Front) -> None:
    async with front.running(), front.worker():
        await front.asks("/sim list")
        await front.shows(LISTED)

    async with front.database.reading() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
        assert await tx.scalar(text("SELECT count(*) FROM procrastinate_workers")) == 0
        assert (await tx.scalars(select(LeaseRow))).all() == []
        assert await workers.all_(tx) == []


async def test_another_takes_over_when_a_worker_is_killed_in_a_turn(front: Front) -> None:
    async with (
        front.running(),
        process(front.url, front.folder, str(STUCK)) as stuck,
    ):
        await stuck.line("ready")
        await front.asks("/sim list", "C1")
        await stuck.line("leased")

        async with front.worker():
            await front.asks("/sim help", "DU1")
            await front.shows("/sim start", "DU1")
            assert front.count(LISTED) == 0  # held by the one that stands still

            await stuck.ended(signal.SIGKILL)
            await front.shows(LISTED)


async def test_a_worker_that_is_stopped_loses_nothing(front: Front) -> None:
    rooms = [f"R{number}" for number in range(8)]
    for room in rooms:
        front.server.threads[room] = dict(front.server.threads["C1"])
    async with (
        front.running(),
        process(front.url, front.folder, "-m", "bot.cli", "worker") as worker,
    ):
        await worker.line("A worker is ready")
        for room in rooms:
            await front.asks("/sim list", room)
        await front.catches_up()
        await front.shows(LISTED, rooms[0])
        assert await worker.ended(signal.SIGTERM) == 0

        async with front.database.reading() as tx:
            owners = select(LeaseRow.owner).where(LeaseRow.needs == "")
            assert set(await tx.scalars(owners)) <= {None}
            assert len(await workers.all_(tx)) == 1  # the front
        async with front.worker():
            for room in rooms:
                await front.shows(LISTED, room)
