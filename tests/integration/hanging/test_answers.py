"""A PostgreSQL that does not answer: who waits for it is told soon, and all goes on afterwards."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import patience
from bot.store.database import Database, StoreAway
from bot.store.patience import waiting
from bot.web.app import create
from tests.integration.filling import stored_again
from tests.integration.stalling import SOON, Way
from tests.integration.test_database import add, names
from tests.integration.web.rig import LOCAL, app_over, settings_for


def test_it_is_known_within_five_seconds_that_a_server_hangs() -> None:
    assert patience.seconds() == patience.ANSWER_SECONDS < 5


async def write(database: Database, id_: str) -> None:
    async with database.storing() as tx:
        await add(tx, id_)


async def test_who_writes_is_told_soon_and_what_comes_again_is_stored_once(
    way: Way, database: Database
) -> None:
    await write(database, "before")
    way.stop()
    with waiting(SOON), pytest.raises(StoreAway):
        async with asyncio.timeout(50 * SOON):  # a busy machine's
            await write(database, "a")
    assert not database.stores
    way.open.set()
    await stored_again(database)
    await write(database, "a")
    assert await names(database) == ["a", "before"]


async def which(database: Database) -> int:
    """The number that the server gave the connection that is used."""
    async with database.reading() as tx:
        return int(await tx.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_a_connection_that_was_cut_is_not_used_again(way: Way, database: Database) -> None:
    first = await which(database)
    assert await which(database) == first
    way.stop()
    with waiting(SOON), pytest.raises(StoreAway):
        await which(database)
    way.open.set()
    assert await which(database) != first


async def test_a_crowd_is_told_as_soon_as_one(way: Way, database: Database) -> None:
    await write(database, "before")
    way.stop()
    began = time.monotonic()
    with waiting(3):
        found = await asyncio.gather(
            *(write(database, str(n)) for n in range(60)), return_exceptions=True
        )
    assert {type(one) for one in found} == {StoreAway}
    assert time.monotonic() - began < 12, "one after another they would wait six times as long"


async def sleeps(database: Database, seconds: float) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(f"SELECT pg_sleep({seconds})"))


async def test_what_may_take_long_takes_long(database: Database) -> None:
    with waiting(SOON), pytest.raises(StoreAway):
        await sleeps(database, 30)
    with waiting(2):
        async with database.transaction() as tx:
            with waiting(30):
                await tx.execute(text("SELECT pg_sleep(2.5)"))
            await add(tx, "a")
    assert await names(database) == ["a"]


LOCK = text("SELECT pg_advisory_xact_lock(7)")
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def test_the_server_stops_what_nobody_waits_for(way: Way, database: Database) -> None:
    holder = Database(way.url)
    async with holder.transaction() as tx:
        await tx.execute(LOCK)
        for _ in range(3):
            with waiting(SOON), pytest.raises(StoreAway):
                async with database.transaction() as other:
                    await other.execute(LOCK)
        async with asyncio.timeout(5), holder.reading() as reader:
            while await reader.scalar(WAITING):
                pass
    await holder.close()


async def test_the_server_looks_for_us_while_it_works(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.scalar(text("SHOW client_connection_check_interval")) == "10s"


async def test_who_waited_behind_one_in_vain_may_ask_long_things_all_the_same(way: Way) -> None:
    narrow = Database(way.url, pool_size=1)

    async def sleeps_in_vain() -> None:
        with waiting(SOON):
            await sleeps(narrow, 30)

    async def asks() -> float:
        with waiting(20):
            async with narrow.transaction() as tx:
                await tx.execute(text("SELECT 1"))
                return patience.seconds()

    await narrow.ping()
    found = await asyncio.gather(sleeps_in_vain(), asks(), return_exceptions=True)
    assert [type(found[0]), found[1]] == [StoreAway, 20]
    await narrow.close()


async def test_a_connection_whose_taker_was_stopped_is_closed(way: Way, database: Database) -> None:
    async with database.transaction() as tx:
        await add(tx, "before")
    [line] = database._writing._idle
    line.used = 0.0  # so long ago that it is asked for a sign of life
    way.stop()
    writing = asyncio.create_task(sleeps(database, 30))
    await way.asked.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert line.connection.closed
    way.open.set()
    assert await names(database) == ["before"]


async def test_a_transaction_of_many_answers_may_last(database: Database) -> None:
    with waiting(2):
        async with database.transaction() as tx:
            for number in range(12):
                await tx.execute(text("SELECT pg_sleep(0.2)"))
                await add(tx, str(number))
    assert len(await names(database)) == 12


async def test_who_is_stopped_while_the_server_hangs_is_stopped_soon(
    way: Way, database: Database
) -> None:
    await write(database, "before")
    way.stop()
    with waiting(120):
        writing = asyncio.create_task(write(database, "a"))
    await way.asked.wait()
    writing.cancel()
    done, _ = await asyncio.wait({writing}, timeout=20)
    assert done, "though it would have waited for long"
    assert writing.cancelled()
    way.open.set()
    assert await names(database) == ["before"]


class Noting(Database):
    """A database that notes how long whoever reads waits for each answer."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.noted: list[float] = []

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """See `Database`."""
        self.noted.append(patience.seconds())
        async with super().reading() as tx:
            yield tx


async def test_health_and_readiness_say_so_at_once(way: Way, tmp_path: Path) -> None:
    database = Noting(way.url)
    app = app_over(database, settings_for(way.url, tmp_path))
    transport = httpx.ASGITransport(app=create(app))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        assert (await client.get("/readyz")).status_code == 200
        way.stop()
        for path in ("/readyz", "/api/health", "/metrics"):
            database.noted.clear()
            answer = await client.get(path)
            assert database.noted == [2], "one look that tells, and not one after another"
            if path == "/readyz":
                assert answer.json()["checks"]["database"] is False
        way.open.set()
        assert (await client.get("/readyz")).status_code == 200
    await database.close()
