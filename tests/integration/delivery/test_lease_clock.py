"""Leases on PostgreSQL run on its own clock, however far off that of a process's machine is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from bot.delivery import claiming, leases
from bot.delivery.leases import LEASE_SECONDS, Lease
from bot.store.database import Database
from bot.store.queues import LeaseRow
from engine.store import Transaction
from tests.databases import Server

LANE = "session:a"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
A_SECOND = timedelta(seconds=1)


@pytest.fixture(params=["a day behind the database", "a day ahead of the database"])
async def apart(request: pytest.FixtureRequest, postgres: Server) -> AsyncIterator[Database]:
    """A PostgreSQL whose clock and this machine's are a day apart."""
    off = "'-1 day'" if "ahead" in request.param else "'1 day'"
    with postgres.database(migrated=True) as url:
        opened = Database(url)
        async with opened.transaction() as tx:
            await tx.execute(text("CREATE SCHEMA odd"))
            await tx.execute(
                text(
                    "CREATE FUNCTION odd.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE "
                    f"sql AS $$ SELECT pg_catalog.clock_timestamp() + interval {off} $$"
                )
            )
        yield opened
        await opened.close()


@asynccontextmanager
async def odd(database: Database) -> AsyncIterator[Transaction]:
    """A transaction in which the database's clock is the other one."""
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL search_path TO odd, pg_catalog, public"))
        yield tx


async def ends(tx: Transaction, left: timedelta) -> None:
    """Let the lease end so long from now, by the database's clock."""
    until = func.clock_timestamp() + left
    await tx.execute(update(LeaseRow).where(LeaseRow.lane == LANE).values(until=until))


async def left(tx: Transaction) -> timedelta:
    """For how long the lease still holds, by the database's clock."""
    until, now = (await tx.execute(select(LeaseRow.until, func.clock_timestamp()))).one()
    return timedelta(seconds=(until - now).total_seconds())


async def held(tx: Transaction, *, at_once: bool = False) -> Lease:
    if at_once:
        lease = await leases.touch_and_take(tx, "us", LANE, NOW)
    else:
        await leases.touch(tx, LANE, NOW)
        lease = await claiming.take(tx, "us", LANE, NOW)
    assert lease is not None
    return lease


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_lease_is_as_long_as_said(apart: Database, at_once: bool) -> None:
    length = timedelta(seconds=LEASE_SECONDS)
    async with odd(apart) as tx:
        lease = await held(tx, at_once=at_once)
        assert length / 2 < await left(tx) <= length
        for longer in (leases.fence, leases.hold):
            await ends(tx, A_SECOND)
            await longer(tx, lease)
            assert length / 2 < await left(tx) <= length
        await ends(tx, A_SECOND)
        assert await leases.extend(tx, [lease]) == [lease]
        assert length / 2 < await left(tx) <= length


async def test_nobody_takes_a_lane_before_its_lease_ends(apart: Database) -> None:
    async with odd(apart) as tx:
        await held(tx)
        await ends(tx, A_SECOND * 5)
        assert await leases.is_taken(tx, LANE)
        assert not await claiming.any_due(tx, NOW, [""])
        assert await claiming.due_lanes(tx, NOW, [""], 10) == []
        assert await claiming.claim(tx, "others", NOW, [""], 10) == []
        assert await claiming.take(tx, "others", LANE, NOW) is None
        assert await leases.touch_and_take(tx, "others", LANE, NOW) is None


@pytest.mark.parametrize("how", ["claim", "take", "touch_and_take"])
async def test_a_lane_whose_lease_ended_is_taken(apart: Database, how: str) -> None:
    async with odd(apart) as tx:
        await held(tx)
        await ends(tx, -A_SECOND)
        assert not await leases.is_taken(tx, LANE)
        assert await claiming.any_due(tx, NOW, [""])
        assert await claiming.due_lanes(tx, NOW, [""], 10) == [LANE]
        if how == "claim":
            assert await claiming.claim(tx, "others", NOW, [""], 10)
        elif how == "take":
            assert await claiming.take(tx, "others", LANE, NOW)
        else:
            assert await leases.touch_and_take(tx, "others", LANE, NOW)
