"""What the health figures count, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from adapters.clock import SystemClock
from bot.delivery import claiming, leases, watching, workers
from bot.delivery.leases import Lease
from bot.doctor import examine
from bot.store.database import Database
from bot.store.queues import InboxRow, LeaseRow
from bot.wiring import assembled
from engine.store import Transaction
from tests.contract.clocks import START
from tests.integration.bot.stage import Stage
from tests.integration.web.rig import settings_for


async def test_what_waits_is_counted_with_its_age(database: Database, tmp_path: Path) -> None:
    stage = Stage(database, tmp_path)
    async with stage.open():
        await stage.leaves("/sim list", where="C1")
        async with database.reading() as tx:
            found = await watching.standing(tx, START + timedelta(seconds=90), turn_seconds=25)
    assert (found.waiting, found.late, found.stuck) == (1, timedelta(seconds=90), True)
    assert (found.unsent, found.alive, found.lost) == (0, 0, 0)


async def test_a_turn_may_last_for_as_long_as_is_set(database: Database, tmp_path: Path) -> None:
    stage = Stage(database, tmp_path)
    async with stage.open():
        await stage.leaves("/sim list", where="C1")
    settings = settings_for(
        database.url.render_as_string(hide_password=False), tmp_path, turn_seconds=300
    )
    app = assembled(settings, database, SystemClock().now, SystemClock())
    async with database.transaction() as tx:
        due = SystemClock().now() - timedelta(seconds=100)
        await tx.execute(update(InboxRow).values(due=due))
        found = await app.services.standing(tx, due + timedelta(seconds=100))
        assert (found.late, found.stuck) == (timedelta(seconds=100), False)
        assert (await app.services.standing(tx, due + timedelta(seconds=331))).stuck
    assert "error" not in {one.level for one in await examine(settings, {"jobs"})}
    short = settings.model_copy(update={"turn_seconds": 25})
    assert "error" in {one.level for one in await examine(short, {"jobs"})}


async def test_the_dead_are_counted(database: Database, tmp_path: Path) -> None:
    stage = Stage(database, tmp_path)
    async with stage.open():
        await stage.leaves("/sim list", where="C1")
    async with database.transaction() as tx:
        await tx.execute(update(InboxRow).values(state="dead"))
        found = await watching.standing(tx, START, turn_seconds=25)
    assert (found.waiting, found.dead, found.lost, found.stuck) == (0, 1, 1, False)


async def test_who_works_and_what_was_left(database: Database) -> None:
    ours = workers.this_process()
    async with database.transaction() as tx:
        await workers.enrol(tx, ours, START)
        for lane in ("session:a", "session:b"):
            await leases.touch(tx, lane, START)
            assert await claiming.take(tx, ours.id, lane, START)
        ran_out = update(LeaseRow).where(LeaseRow.lane == "session:b")
        await tx.execute(ran_out.values(until=START - timedelta(days=1)))
        found = await watching.standing(tx, START + timedelta(seconds=3), turn_seconds=25)
    assert (found.held, found.left, found.alive, found.gone) == (1, 1, 1, 0)
    assert found.unheard == timedelta(seconds=3)


@pytest.mark.parametrize("at_once", [False, True])
async def test_for_how_long_a_lane_is_worked_on(database: Database, at_once: bool) -> None:
    async def took(tx: Transaction, lane: str) -> Lease | None:
        if at_once:
            return await leases.touch_and_take(tx, "us", lane, START)
        await leases.touch(tx, lane, START)
        return await claiming.take(tx, "us", lane, START)

    async def held_for(tx: Transaction) -> float:
        return (await watching.standing(tx, START, turn_seconds=25)).held_for.total_seconds()

    async with database.transaction() as tx:
        assert await held_for(tx) == 0
        lease = await took(tx, "session:a")
        assert lease is not None
        assert 0 <= await held_for(tx) < 60
        since = (await tx.scalars(select(LeaseRow.since))).one()
        assert since is not None
        await tx.execute(update(LeaseRow).values(since=since - timedelta(minutes=3)))
        await took(tx, "session:b")
        assert await took(tx, "session:a") is None
        await leases.fence(tx, lease)
        assert await leases.extend(tx, [lease]) == [lease]
        assert 180 <= await held_for(tx) < 240
        await leases.drop(tx, lease)
        assert 0 <= await held_for(tx) < 60
        assert await took(tx, "session:a")
        assert 0 <= await held_for(tx) < 60


async def test_only_staff_see_the_servers_health(database: Database, tmp_path: Path) -> None:
    stage = Stage(database, tmp_path)
    async with stage.open():
        assert "not open to you" in await stage.says("/sim health")
        assert "Messages get through" in await stage.says("/sim health", who="U9")


async def test_who_was_taken_for_gone_and_lives_is_counted_again(database: Database) -> None:
    ours = workers.this_process()
    async with database.transaction() as tx:
        await workers.enrol(tx, ours, START)
        await workers.clear(tx, [ours])
        assert (await watching.standing(tx, START, turn_seconds=25)).alive == 0
        await workers.seen(tx, ours, START)
        assert (await watching.standing(tx, START, turn_seconds=25)).alive == 1
