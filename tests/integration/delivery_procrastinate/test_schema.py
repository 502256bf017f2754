"""Procrastinate's tables come with ours, once, and only where they are wanted."""

import asyncio

import pytest
from sqlalchemy import text

from bot.store import migrate, queue_schema
from bot.store.database import normalised
from bot.store.queue_schema import ForeignQueue
from tests.databases import Server


async def test_they_are_made_once(postgres: Server) -> None:
    with postgres.database(migrated=False) as url:
        done = await asyncio.gather(*(migrate.upgrade(url, queue=True) for _ in range(3)))
        again = await migrate.upgrade(url, queue=True)
    assert {one.queue for one in (*done, again)} == {queue_schema.head()}


async def test_they_are_not_made_where_nobody_wants_them(postgres: Server) -> None:
    with postgres.database(migrated=False) as url:
        assert (await migrate.upgrade(url)).queue == ""
        with migrate.connected(normalised(url)) as connection:
            assert queue_schema.stored(connection) is None


async def test_later_migrations_are_applied(postgres: Server) -> None:
    before = queue_schema.migrations()[-2].stem
    with postgres.database(migrated=False) as url:
        await migrate.upgrade(url, queue=True)
        with migrate.connected(normalised(url)) as connection, connection.begin():
            connection.execute(text("UPDATE queue_schema SET version = :v"), {"v": before})
        assert (await migrate.upgrade(url, queue=True)).queue == queue_schema.head()


async def test_anothers_queue_is_left_alone(postgres: Server) -> None:
    with postgres.database(migrated=False) as url:
        with migrate.connected(normalised(url)) as connection, connection.begin():
            connection.execute(text("CREATE TABLE procrastinate_jobs (id int)"))
        with pytest.raises(ForeignQueue):
            await migrate.upgrade(url, queue=True)
        assert await migrate.current(url) is None
