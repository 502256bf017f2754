"""A PostgreSQL behind a way that can be stopped, for every test of this folder."""

from collections.abc import AsyncIterator

import pytest

from bot.store.database import Database
from tests.databases import Server
from tests.integration.stalling import Way


@pytest.fixture
async def way(postgres: Server) -> AsyncIterator[Way]:
    """The way to a server with every table; it is open again when the test is over."""
    with postgres.database(migrated=True) as url:
        async with Way(url).running() as one:
            yield one
            one.open.set()


@pytest.fixture
async def database(way: Way) -> AsyncIterator[Database]:
    """A `Database` that has no other way."""
    made = Database(way.url)
    yield made
    way.open.set()
    await made.close()
