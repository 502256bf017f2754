"""SQLite on the loop's thread: what is quick is done at once, what waits stops nobody."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import sqlite
from bot.store.database import Database, StoreAway, StoreRefused

LONG = text(
    "SELECT max(n) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
    " WHERE n < 300000) SELECT n FROM c)"
)
INSERT = text("INSERT INTO t VALUES (:v)")
COUNT = text("SELECT count(*) FROM t")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with one table."""
    made = Database(f"sqlite:///{tmp_path}/x.db")
    async with made.transaction() as tx:
        await tx.execute(text("CREATE TABLE t (v INTEGER)"))
    yield made
    await made.close()


async def rows(database: Database) -> int:
    """How many rows are stored."""
    async with database.reading() as tx:
        return await tx.scalar(COUNT) or 0


async def test_what_is_read_quickly_is_read_without_letting_anybody_in(database: Database) -> None:
    await rows(database)
    others = 0

    def other() -> None:
        nonlocal others
        others += 1

    asyncio.get_running_loop().call_soon(other)
    await rows(database)
    assert others == 0


async def test_a_long_reading_goes_on_beside_the_loop(database: Database) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    async with database.reading() as tx:
        assert await tx.scalar(LONG) == 300_000
        assert await tx.scalar(COUNT) == 0  # the connection is as good as before
    beside.cancel()
    assert turns > 1


async def test_a_long_reading_in_the_middle_of_writing_undoes_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(INSERT, {"v": 1})
        assert await tx.scalar(LONG) == 300_000
        await tx.execute(INSERT, {"v": 2})
    assert await rows(database) == 2


async def test_many_rows_are_written_as_a_few_are(database: Database) -> None:
    many = [{"v": number} for number in range(3 * sqlite.ROWS)]
    async with database.transaction() as tx:
        await tx.execute(INSERT, many)
        await tx.execute(INSERT, many[:2])
    assert await rows(database) == len(many) + 2


def held(path: str) -> tuple[threading.Event, Callable[[], None]]:
    """Another writer, in a thread of its own: set once it has the lock; calling lets go."""
    has, lets_go = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO t VALUES (0)")
            has.set()
            lets_go.wait(120)
            other.execute("COMMIT")

    thread = threading.Thread(target=hold)
    thread.start()

    def let_go() -> None:
        lets_go.set()
        thread.join()

    return has, let_go


async def test_another_process_that_writes_is_waited_for_beside_the_loop(
    database: Database,
) -> None:
    has, let_go = held(str(database.url.database))
    await asyncio.to_thread(has.wait, 10)

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.execute(INSERT, {"v": 1})

    writing = asyncio.create_task(write())
    # The loop goes on: it can read, and let the other one go.
    assert await rows(database) == 0
    assert not writing.done()
    await asyncio.to_thread(let_go)
    await writing
    assert await rows(database) == 2


async def test_who_is_stopped_while_waiting_leaves_nothing_behind(database: Database) -> None:
    has, let_go = held(str(database.url.database))
    await asyncio.to_thread(has.wait, 10)

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.execute(INSERT, {"v": 1})

    writing = asyncio.create_task(write())
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.to_thread(let_go)
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with database.transaction() as tx:
        await tx.execute(INSERT, {"v": 2})
    assert await rows(database) == 2


async def test_who_is_stopped_while_waiting_ends_soon(tmp_path: Path) -> None:
    """Long before the other one lets go, and before patience ends."""
    path = f"{tmp_path}/y.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE t (v INTEGER)")
    patient = Database(f"sqlite:///{path}", wait_seconds=600)
    async with patient.transaction() as tx:
        await tx.execute(INSERT, {"v": 1})
    has, let_go = held(path)
    await asyncio.to_thread(has.wait, 10)

    async def write() -> None:
        async with patient.transaction() as tx:
            await tx.execute(INSERT, {"v": 1})

    writing = asyncio.create_task(write())
    await asyncio.sleep(0)
    writing.cancel()
    ended, _ = await asyncio.wait({writing}, timeout=60)
    let_go()
    await asyncio.wait({writing})
    assert ended
    assert await rows(patient) == 2
    await patient.close()


async def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    path = f"{tmp_path}/y.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE t (v INTEGER)")
    has, let_go = held(path)
    await asyncio.to_thread(has.wait, 10)
    short = Database(f"sqlite:///{path}", wait_seconds=0.05)
    with pytest.raises(StoreAway):
        async with short.transaction() as tx:
            await tx.execute(INSERT, {"v": 1})
    let_go()
    async with short.transaction() as tx:
        await tx.execute(INSERT, {"v": 1})
    assert await rows(short) == 2
    await short.close()


async def test_who_only_reads_cannot_write(database: Database) -> None:
    with pytest.raises(StoreRefused):
        async with database.reading() as tx:
            await tx.execute(INSERT, {"v": 1})
    assert await rows(database) == 0


async def test_it_is_on_the_disk_once_it_is_stored(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(INSERT, {"v": 1})
    with closing(sqlite3.connect(str(database.url.database))) as other:
        assert other.execute("SELECT count(*) FROM t").fetchone() == (1,)


async def test_many_write_one_after_another(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.transaction() as tx:
            count = await tx.scalar(COUNT)
            await tx.execute(INSERT, {"v": number})
            assert await tx.scalar(COUNT) == (count or 0) + 1

    await asyncio.gather(*(write(number) for number in range(50)))
    assert await rows(database) == 50


async def test_the_log_is_emptied_beside_the_loop(database: Database) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with database.reading() as tx:
        assert await tx.scalar(COUNT) == 0
        async with database.transaction() as writing:
            await writing.execute(INSERT, {"v": 1})
        beside = asyncio.create_task(others())
        with pytest.raises(StoreAway):  # after a while, for this reader holds on to it
            await database.settle()
        beside.cancel()
    assert turns > 10
    await database.settle()
