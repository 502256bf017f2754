"""The real server over a database that goes away and comes back as our standard input says.

`python -m tests.browser.away_server`. A line `away` stops the database, any other brings it back.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adapters.clock import SystemClock
from bot import serving
from bot.settings import Settings
from bot.store.migrate import upgrade
from bot.wiring import App, assembled
from engine.llm.embedded import EmbeddedModel
from tests.browser.slow_server import lines
from tests.integration.bot.stage import Stoppable


async def hear(database: Stoppable) -> None:
    """Stop the database and bring it back, line by line."""
    async for line in lines():
        database.left = 0 if line == "away" else None


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[App]:
    """As the composition root does it, over our database."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.database, queue=False)
    database, clock = Stoppable(settings.database), SystemClock()
    listening = asyncio.create_task(hear(database))
    try:
        yield assembled(settings, database, clock.now, clock, EmbeddedModel())
    finally:
        listening.cancel()
        await database.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(serving.serve(Settings(), running)))
