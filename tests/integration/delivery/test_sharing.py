"""Whoever is alone over a SQLite file knows that what others held is left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.delivery import workers
from bot.delivery.sharing import present
from bot.delivery.workers import Worker
from bot.store.database import Database
from bot.store.queues import LeaseRow
from tests.integration.delivery.rig import REPLY, Line, until


@pytest.fixture
async def line(sqlite: Database, tmp_path: Path) -> AsyncIterator[Line]:
    """On SQLite alone: on PostgreSQL nobody can know that, and a lease has to run out."""
    async with Line(sqlite, tmp_path).open() as opened:
        assert isinstance(opened, Line)
        yield opened


async def left_by_another_container(line: Line, room: str) -> Worker:
    """A process nobody here can look at has taken the lane of what was written."""
    await line.leaves("When did it start?", where=room)
    other = Worker(id="other", place="elsewhere", pid=1, born="1", platforms=())
    async with line.database.transaction() as tx:
        await workers.enrol(tx, other, line.clock.now())
        ends = line.clock.now().replace(year=9999)
        await tx.execute(update(LeaseRow).values(owner="other:1", until=ends))
    return other


async def test_one_that_comes_alone_takes_up_what_is_left_at_once(line: Line) -> None:
    room = await line.started()
    await left_by_another_container(line, room)
    line.works = False
    async with line.carrier.running():
        await until(line, lambda: REPLY in line.shown(room))


async def test_one_that_is_not_alone_leaves_others_what_they_have(line: Line) -> None:
    room = await line.started()
    other = await left_by_another_container(line, room)
    line.works = False
    async with present(line.database) as here:
        await here.let_others()
        async with line.carrier.running(), line.database.reading() as tx:
            assert other.id in [one.id for one in await workers.all_(tx)]
        assert [one.owner for one in await line.leases() if one.lane.startswith("session:")] == [
            "other:1"
        ]


async def test_only_the_first_is_alone_until_it_lets_others_come(line: Line) -> None:
    async with present(line.database) as first:
        assert first.alone
        await first.let_others()
        async with present(line.database) as second:
            assert not second.alone
    async with present(line.database) as again:
        assert again.alone
