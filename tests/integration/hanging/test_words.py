"""A PostgreSQL that does not answer: who waits for its words notices, and so does the queue."""

import asyncio

import psycopg
import pytest
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from sqlalchemy import make_url

from bot.delivery.bell import Bell
from bot.delivery.carriers.procrastinate import connector
from bot.hub import Hub
from bot.store import postgres
from bot.store.database import Database
from bot.store.patience import waiting
from tests.integration.stalling import SOON, Way


async def test_who_listens_notices_that_nothing_comes_through(way: Way, database: Database) -> None:
    bell = Bell(database, Hub(), sign=0.1)
    with waiting(SOON), bell.hearing() as rung:
        async with asyncio.timeout(20), bell.listening():
            await rung.wait()  # it says so once it listens
            rung.clear()
            way.stop()
            await way.asked.wait()  # a sign of life
            way.asked.clear()
            await way.asked.wait()  # it gave up, and comes anew
            way.open.set()
            await rung.wait()


async def test_words_are_waited_for_longer_than_answers(way: Way) -> None:
    address = make_url(way.url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with (
        await postgres.Connection.connect(address, autocommit=True) as listening,
        await psycopg.AsyncConnection.connect(address, autocommit=True) as telling,
    ):
        await listening.execute("LISTEN words")

        async def tell() -> None:
            await telling.execute("SELECT pg_sleep(0.5)")
            await telling.execute("NOTIFY words, 'late'")

        with waiting(SOON):
            task = asyncio.create_task(tell())
            heard = [word.payload async for word in listening.notifies(stop_after=1)]
        await task
    assert heard == ["late"]


async def test_the_queue_is_away_soon_and_comes_back(way: Way, database: Database) -> None:
    async with App(connector=connector(database)).open_async() as queue:
        await queue.connector.execute_query_async("SELECT 1")
        way.stop()
        with waiting(SOON), pytest.raises(ConnectorException):
            async with asyncio.timeout(5):
                await queue.connector.execute_query_async("SELECT 1")
        way.open.set()
        await queue.connector.execute_query_async("SELECT 1")
