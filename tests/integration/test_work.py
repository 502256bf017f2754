"""Frequent statements go straight to the driver: in the same transaction, with the same results."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlalchemy import bindparam, insert, literal, select, text

from bot.store.database import Database, StoreAway, StoreRefused
from bot.store.tables import PersonRow
from engine.store.often import often
from tests.databases import Server

NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
_T: Final = PersonRow.__table__
ADD: Final = often(insert(PersonRow))
TELL: Final = often(insert(PersonRow).returning(_T.c.id, _T.c.active, _T.c.created_at))
NAMES: Final = often(select(_T.c.id).where(_T.c.id >= bindparam("since")).order_by(_T.c.id))
SOME: Final = often(select(_T.c.id).where(_T.c.id.in_(bindparam("some", expanding=True))))
OWN: Final = often(select(_T.c.id, _T.c.name).where(_T.c.name == literal("x"), _T.c.id == "b"))


def person(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": "x",
        "created_at": NOW,
        "updated_at": NOW,
        "active": True,
        "consented_at": None,
        "consent_version": 0,
        **more,
    }


async def names(database: Database) -> list[str]:
    async with database.reading() as tx:
        return list(await tx.scalars(NAMES, {"since": ""}))


async def test_both_ways_are_one_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(ADD, person("a"))
        await tx.execute(insert(PersonRow).values(**person("b")))
        tx.add(PersonRow(**person("c")))
        await tx.flush()
        assert list(await tx.scalars(NAMES, {"since": "b"})) == ["b", "c"]
        assert list(await tx.scalars(select(PersonRow.id).order_by(PersonRow.id))) == [*"abc"]
    assert await names(database) == [*"abc"]


@pytest.mark.parametrize("slowly", [True, False])
async def test_an_error_undoes_what_went_either_way(database: Database, slowly: bool) -> None:
    async def fail() -> None:
        async with database.transaction() as tx:
            await tx.execute(ADD, person("a"))
            if slowly:
                await tx.execute(insert(PersonRow).values(**person("b")))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await names(database) == []


async def test_values_and_rows_go_through_their_types(database: Database) -> None:
    async with database.transaction() as tx:
        rows = (await tx.execute(TELL, [person("b"), person("a", active=False)])).all()
        assert [tuple(row) for row in rows] == [("b", True, NOW), ("a", False, NOW)]
        assert dict(rows[0]._mapping) == {"id": "b", "active": True, "created_at": NOW}
        assert (await tx.execute(OWN, {"unused": 1})).one().name == "x"
        assert await tx.scalar(NAMES, {"since": "z"}) is None


async def test_what_does_not_suit_goes_the_other_way(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(ADD, [person("a"), person("b"), person("c")])
        assert set(await tx.scalars(SOME, {"some": ["a", "c"]})) == {"a", "c"}
        assert list(await tx.scalars(SOME, {"some": ["b"]})) == ["b"]


@pytest.mark.parametrize("wrong", [{"created_at": datetime(2026, 3, 1)}, {"id": None}])  # noqa: DTZ001
async def test_failures_are_ours(database: Database, wrong: dict[str, Any]) -> None:
    async def add() -> None:
        async with database.transaction() as tx:
            await tx.execute(ADD, person("a"))
            await tx.execute(ADD, person("b", **wrong))

    with pytest.raises(StoreRefused):
        await add()
    assert await names(database) == []


async def test_a_broken_constraint_is_named(database: Database) -> None:
    async def add() -> None:
        async with database.transaction() as tx:
            await tx.execute(ADD, [person("a"), person("a")])

    with pytest.raises(StoreRefused) as caught:
        await add()
    assert caught.value.constraint in ("pk_people", "people.id")


async def test_readers_write_nothing(database: Database) -> None:
    async def add() -> None:
        async with database.reading() as tx:
            await tx.execute(ADD, person("a"))

    with pytest.raises(StoreRefused):
        await add()
    assert await names(database) == []


async def test_more_than_there_are_lines_take_turns(database: Database) -> None:
    found = await asyncio.gather(*(names(database) for _ in range(50)))
    assert found == [[]] * 50


async def test_whoever_is_stopped_leaves_a_line_that_works(database: Database) -> None:
    asleep = asyncio.Event()

    async def stopped(id_: str) -> None:
        async with database.transaction() as tx:
            await tx.execute(ADD, person(id_))
            asleep.set()
            if database.dialect == "postgresql":
                await tx.execute(text("SELECT pg_sleep(1)"))
            await asyncio.Event().wait()

    for nth in range(12):  # more often than there are lines
        asleep.clear()
        task = asyncio.create_task(stopped(f"a{nth}"))
        await asleep.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await names(database) == []
    async with database.transaction() as tx:
        await tx.execute(ADD, person("b"))
    assert await names(database) == ["b"]


PID = text("SELECT pg_backend_pid(), set_config('idle_in_transaction_session_timeout', '50', true)")
LIVES = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")


@pytest.mark.parametrize("how", ["often", "several", "slowly", "commit"])
async def test_who_stood_still_until_the_server_hung_up_met_no_mistake(
    postgres: Server, how: str
) -> None:
    async def stand_still() -> None:
        async with database.transaction() as tx:
            pid = await tx.scalar(PID)
            async with asyncio.timeout(20), database.reading() as other:
                while await other.scalar(LIVES, {"pid": pid}):
                    pass
            if how == "often":
                await tx.execute(ADD, person("a"))
            if how == "several":
                await tx.execute(ADD, [person("a"), person("b")])
            if how == "slowly":
                await tx.execute(insert(PersonRow).values(**person("a")))

    with postgres.database(migrated=True) as url:
        database = Database(url)
        with pytest.raises(StoreAway):
            await stand_still()
        assert not database.stores
        assert await names(database) == []
        await database.close()
