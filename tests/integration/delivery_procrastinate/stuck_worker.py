"""A worker that takes a lane, says so, and then stands still until it is killed."""

import asyncio
import signal
import sys

from bot.settings import Settings
from bot.wiring import running


def reached(point: str) -> None:
    if point == "leased":
        sys.stdout.write("leased\n")
        sys.stdout.flush()
        signal.pause()


async def main() -> None:
    async with running(Settings()) as app:
        app.delivery.reached = reached  # type: ignore[assignment]
        async with app.delivery.running({}):
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
