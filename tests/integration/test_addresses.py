"""What the address of a PostgreSQL says of its connections holds for whoever reads and writes."""

import pytest
from sqlalchemy import make_url, text

from bot.store import postgres as connections
from bot.store.database import Database, StoreRefused
from tests.databases import Server

SAID = {
    "options": "-csearch_path=elsewhere",
    "application_name": "ours",
    "connect_timeout": "7",
}


async def test_readers_and_writers_see_the_schema_of_the_address(postgres: Server) -> None:
    with postgres.database(migrated=False) as url:
        given = make_url(url).update_query_dict(SAID)
        database = Database(given.render_as_string(hide_password=False))
        async with database.transaction() as tx:
            await tx.execute(text("CREATE SCHEMA elsewhere"))
            await tx.execute(text("CREATE TABLE here (id integer)"))
        for begin in (database.transaction, database.storing, database.reading):
            async with begin() as tx:
                assert await tx.scalar(text("SELECT to_regclass('elsewhere.here')::text")) == "here"
                assert await tx.scalar(text("SHOW application_name")) == "ours"
        with pytest.raises(StoreRefused, match="25006"):
            async with database.reading() as tx:
                await tx.execute(text("INSERT INTO here VALUES (1)"))
        await database.close()


def test_ours_is_what_the_address_leaves_open() -> None:
    address = make_url("postgresql://u@h/d").update_query_dict(SAID)
    ours = connections.arguments(address, "dressrun queue")
    assert ours.keys().isdisjoint(SAID)
    assert connections.arguments(make_url("postgresql://u@h/d"), "dressrun queue") == {
        **ours,
        "application_name": "dressrun queue",
        "connect_timeout": connections.CONNECT_SECONDS,
    }
