"""A PostgreSQL that is slow to commit, or hangs there, as one whose disk stands still does."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.doctor import examine
from bot.store.database import Database, StoreAway
from bot.store.patience import waiting
from bot.store.tables import PersonRow
from engine.store.upsert import insert_new
from tests.integration.filling import stored_again
from tests.integration.stalling import SOON, Way
from tests.integration.test_database import add, names, person
from tests.integration.web.rig import settings_for

#: Seconds that each commit takes, more than a test gives to a statement.
SLOW = 2.5
LESS = 2.0


async def slows(database: Database, table: str, seconds: float = SLOW) -> None:
    """Have every commit of a new row take long."""
    async with database.transaction() as tx:
        await tx.execute(
            text(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql"
                f" AS 'BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END'"
            )
        )
        await tx.execute(
            text(
                f"CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON {table}"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()"
            )
        )


async def test_a_commit_has_more_time_than_a_statement(database: Database) -> None:
    await slows(database, "people")
    with waiting(LESS):
        async with database.transaction() as tx:
            await add(tx, "a")
    with waiting(SOON, commit=SOON), pytest.raises(StoreAway):
        async with database.transaction() as tx:
            await add(tx, "b")
    assert "a" in await names(database)


async def comes_in(database: Database, way: Way | None = None) -> None:
    async with asyncio.timeout(15), database.storing() as tx:
        await insert_new(tx, PersonRow, person("a"), key=("id",))
        if way is not None:
            way.stop()  # what is sent next is the commit


async def test_who_sent_what_hangs_in_its_commit_is_told_soon_and_it_is_stored_once(
    way: Way, database: Database
) -> None:
    await names(database)
    with waiting(LESS), pytest.raises(StoreAway):
        await comes_in(database, way)
    assert not database.stores
    way.open.set()
    await comes_in(database)
    assert await names(database) == ["a"]
    await stored_again(database)


async def fails(database: Database) -> None:
    with waiting(SOON, commit=SOON):
        async with database.transaction():
            raise StoreAway("once")


async def test_where_all_is_slow_and_stored_all_is_well(database: Database) -> None:
    await slows(database, "scenario_versions")  # as large a row as a trial's
    with pytest.raises(StoreAway, match="once"):
        await fails(database)
    assert not database.stores
    await stored_again(database)


async def test_doctor_does_not_wait_for_long(way: Way, database: Database, tmp_path: Path) -> None:
    await slows(database, "scenario_versions", 60)
    async with asyncio.timeout(20):
        [found] = await examine(settings_for(way.url, tmp_path), {"db"})
    assert (found.level, found.code) == ("error", "database")
    assert found.text.startswith("answers and stored nothing, given 5 s (NoAnswer); see to room")
