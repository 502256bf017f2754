"""Whether the database takes what is written, and how long who writes waits to hear that."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.contextvars import bound_contextvars, get_contextvars

from bot.store import patience
from bot.store.database import Database, StoreAway
from bot.store.outage import Outage
from engine.store.tables import ScenarioVersionRow
from tests.integration.filling import LARGE, full, held, stored_again
from tests.integration.test_database import add, names


async def versions(database: Database) -> int:
    async with database.reading() as tx:
        return await tx.scalar(select(func.count()).select_from(ScenarioVersionRow)) or 0


async def test_in_good_times_nothing_is_tried(sqlite: Database) -> None:
    async with sqlite.transaction() as tx:
        await add(tx, "a")
    assert sqlite.stores


async def test_a_full_disk_is_known_until_something_large_was_stored(sqlite: Database) -> None:
    async with full(sqlite):
        with pytest.raises(StoreAway, match="SQLITE_FULL"):
            async with sqlite.transaction() as tx:
                await add(tx, "a", "x" * LARGE)
        assert not sqlite.stores
        assert await names(sqlite) == []  # it can be read all the while
        async with sqlite.transaction() as tx:
            await add(tx, "small")
        with pytest.raises(StoreAway, match="SQLITE_FULL"):
            await sqlite.try_to_store()
        assert not sqlite.stores
    await stored_again(sqlite)
    async with sqlite.transaction() as tx:
        await add(tx, "b", "x" * LARGE)
    assert await names(sqlite) == ["b", "small"]
    assert await versions(sqlite) == 0


async def test_a_file_that_another_holds_is_known_until_it_lets_go(sqlite: Database) -> None:
    short = Database(sqlite.url.render_as_string(hide_password=False), wait_seconds=0.05)
    await short.ping()
    with held(short):
        with pytest.raises(StoreAway, match="SQLITE_BUSY"):
            async with short.transaction() as tx:
                await add(tx, "a")
        assert not short.stores
        assert await names(short) == []
    await stored_again(short)
    await short.close()


async def test_who_waits_behind_one_that_cannot_write_waits_no_longer(sqlite: Database) -> None:
    short = Database(sqlite.url.render_as_string(hide_password=False), wait_seconds=2)
    await short.ping()

    async def write(number: int) -> None:
        async with short.transaction() as tx:
            await add(tx, str(number))

    with held(short):
        began = time.monotonic()
        found = await asyncio.gather(*(write(n) for n in range(8)), return_exceptions=True)
        took = time.monotonic() - began
    assert [type(one) for one in found] == [StoreAway] * 8
    assert took < 8 * 2 / 2, "they wait together"
    await stored_again(short)
    await asyncio.gather(*(write(n) for n in range(8)))
    assert len(await names(short)) == 8
    await short.close()


async def fails(database: Database) -> None:
    async with database.storing():
        raise StoreAway("as a disk that is full")


async def test_whatever_could_not_be_stored_makes_it_known(database: Database) -> None:
    with pytest.raises(StoreAway):
        await fails(database)
    assert not database.stores
    await stored_again(database)
    assert await versions(database) == 0


async def test_without_our_tables_an_answer_is_enough(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreAway):
        await fails(database)
    await stored_again(database)
    await database.close()


async def test_it_is_tried_until_it_works() -> None:
    answers = [False, False, True]

    async def write() -> bool:
        return answers.pop(0)

    outage = Outage(write, again=0)
    assert not outage.is_on
    outage.begin()
    outage.begin()
    assert outage.is_on
    async with asyncio.timeout(20):
        while outage.is_on:  # noqa: ASYNC110 - as whoever asks about health
            await asyncio.sleep(0)
    assert answers == []
    await outage.close()


async def test_whatever_a_try_runs_into_nothing_was_stored() -> None:
    tried = asyncio.Event()

    async def write() -> bool:
        tried.set()
        raise LookupError

    outage = Outage(write, again=0)
    outage.begin()
    for _ in range(3):
        tried.clear()
        async with asyncio.timeout(20):
            await tried.wait()
        assert outage.is_on
    await outage.close()


async def test_a_try_is_nobodys_in_particular() -> None:
    found: list[tuple[dict[str, object], float]] = []

    async def write() -> bool:
        found.append((get_contextvars(), patience.seconds()))
        return True

    outage = Outage(write)
    with bound_contextvars(lane="session:a"), patience.waiting(0.1):
        outage.begin()
    async with asyncio.timeout(20):
        while outage.is_on:  # noqa: ASYNC110 - as whoever asks about health
            await asyncio.sleep(0)
    assert found == [({}, patience.ANSWER_SECONDS)]
    await outage.close()


async def test_after_the_end_nothing_is_tried() -> None:
    tried: list[bool] = []

    async def write() -> bool:
        tried.append(True)
        return True

    outage = Outage(write)
    await outage.close()
    before = asyncio.all_tasks()
    outage.begin()
    assert asyncio.all_tasks() == before
    assert not outage.is_on
    assert tried == []
