"""A stage over SQLite, for tests that are not about databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from tests.integration.slack.stage import Slow, Stage, staged


@pytest.fixture
def model() -> Slow:
    """Answers when it is let."""
    return Slow()


@pytest.fixture
async def stage(sqlite: Database, tmp_path: Path, model: Slow) -> AsyncIterator[Stage]:
    """Connected over HTTP, with a model that waits."""
    async with staged(sqlite, tmp_path, model=model) as opened:
        yield opened
