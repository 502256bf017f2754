"""A process that works beside others until nothing is left, for `bot.bench.delivery`.

It takes the database's address, a folder and a session to warm up with. It says `ready` once it
can, and begins when a line comes in.
"""

import asyncio
import sys
from pathlib import Path

from bot.bench.load import loaded
from bot.observability import configure
from bot.wiring import App
from engine.store import sessions
from engine.turns import Said


def main() -> int:
    """Work; the exit code."""
    configure("error")
    asyncio.run(_work(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
    return 0


async def _work(url: str, folder: Path, session_id: str) -> None:
    async with loaded(url, folder, works=False) as one:
        await warmed(one.app, session_id)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        async with one.app.delivery.running({one.adapter.platform: one.adapter}):
            await one.quiet()


async def warmed(app: App, session_id: str) -> None:
    """Think a turn and store nothing, so that the scenario's reader has learned."""
    simulation = app.services.simulation
    async with app.services.database.reading() as tx:
        [person] = await sessions.participants(tx, session_id)
        said = Said(person=person.person, messages=(("Good morning.", None),))
        turn = await simulation.open_turn(tx, session_id, said)
    await simulation.think(turn)


if __name__ == "__main__":
    sys.exit(main())
