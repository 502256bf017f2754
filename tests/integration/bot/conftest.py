"""The stage, over each kind of database or over SQLite alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from tests.integration.bot.stage import Stage


@pytest.fixture
async def everywhere(database: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage over each kind of database in turn."""
    async with Stage(database, tmp_path).open() as stage:
        yield stage


@pytest.fixture
async def stage(sqlite: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage over SQLite: for tests that are not about databases."""
    async with Stage(sqlite, tmp_path).open() as stage:
        yield stage
