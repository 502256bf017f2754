"""PostgreSQL with Procrastinate's tables."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import migrate
from bot.store.database import Database
from tests.databases import Server
from tests.integration.delivery_procrastinate.rig import Front


@pytest.fixture
async def url(postgres: Server) -> AsyncIterator[str]:
    """A fresh database with every table, Procrastinate's too."""
    with postgres.database(migrated=True) as fresh:
        await migrate.upgrade(fresh, queue=True)
        yield fresh


@pytest.fixture
async def front(url: str, tmp_path: Path) -> AsyncIterator[Front]:
    """A process with a platform, which takes no turns."""
    database = Database(url)
    yield Front(database, tmp_path, url)
    await database.close()
