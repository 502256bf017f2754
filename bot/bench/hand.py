"""`dressrun worker` with a model that costs nothing: what is left of a turn's cost is ours."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from adapters.clock import SystemClock
from bot.bench.talker import Talker
from bot.serving import fastest_loop, steady
from bot.settings import Settings
from bot.store.database import Database
from bot.wiring import App, assembled
from bot.working import work


@asynccontextmanager
async def _talking(settings: Settings) -> AsyncGenerator[App]:
    database, clock = Database(settings.database), SystemClock()
    try:
        yield assembled(settings, database, clock.now, clock, Talker())
    finally:
        await database.close()


def main() -> int:
    """Work until SIGTERM; the exit code."""
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        return runner.run(work(Settings(), partial(steady, _talking)))


if __name__ == "__main__":
    sys.exit(main())
