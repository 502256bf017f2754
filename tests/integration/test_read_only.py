"""A database that turned read-only: nothing can be stored for now, and nobody made a mistake."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, make_url, text

from bot.store.database import Database, StoreAway, StoreRefused
from bot.store.tables import PersonRow
from engine.store.often import often
from tests.databases import Server
from tests.integration.filling import stored_again
from tests.integration.test_database import add, names, person

ADD = often(insert(PersonRow))


@contextmanager
def turned(url: str) -> Iterator[None]:
    """Whoever connects while the block runs may only read, as a provider does with a full disk."""
    name = sql.Identifier(str(make_url(url).database))
    change = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
    own = "-c default_transaction_read_only=off"
    with closing(psycopg.connect(url, autocommit=True, options=own)) as other:
        other.execute(change.format(name, sql.SQL("on")))
        yield
        other.execute(change.format(name, sql.SQL("off")))


@pytest.mark.parametrize("way", ["transaction", "storing"])
async def test_a_server_that_turned_read_only_is_away_and_then_back(
    postgres: Server, way: str
) -> None:
    with postgres.database(migrated=True) as url:
        database = Database(url)
        begin = getattr(database, way)
        with turned(url):
            with pytest.raises(StoreAway, match="25006"):
                async with begin() as tx:
                    await add(tx, "a")
            assert not database.stores
            with pytest.raises(StoreAway, match="25006"):
                async with begin() as tx:
                    await tx.execute(ADD, person("b"))
            with pytest.raises(StoreAway, match="25006"):
                await database.try_to_store()
            assert not database.stores
            assert await names(database) == []
        await stored_again(database)
        async with begin() as tx:
            await add(tx, "c")
        assert await names(database) == ["c"]
        await database.close()


async def test_a_file_that_turned_read_only_is_away_and_then_back(sqlite: Database) -> None:
    async with sqlite.transaction() as tx:
        await tx.execute(text("PRAGMA query_only=ON"))
    with pytest.raises(StoreAway, match="SQLITE_READONLY"):
        async with sqlite.transaction() as tx:
            await add(tx, "a")
    assert not sqlite.stores
    await stored_again(sqlite)
    async with sqlite.transaction() as tx:
        await add(tx, "b")
    assert await names(sqlite) == ["b"]


async def test_who_only_reads_and_writes_is_still_mistaken(postgres: Server) -> None:
    with postgres.database(migrated=True) as url:
        database = Database(url)
        with pytest.raises(StoreRefused, match="25006"):
            async with database.reading() as tx:
                await add(tx, "a")
        assert database.stores
        await database.close()
