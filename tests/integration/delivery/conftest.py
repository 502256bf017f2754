"""A line of people and turns, over each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from tests.integration.delivery.rig import Line


@pytest.fixture
async def line(database: Database, tmp_path: Path) -> AsyncIterator[Line]:
    """Connected."""
    async with Line(database, tmp_path).open() as opened:
        assert isinstance(opened, Line)
        yield opened
