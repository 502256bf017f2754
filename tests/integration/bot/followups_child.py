"""A process that sends follow-ups once, and may be killed at it: URL FOLDER SECONDS DIES."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.afterwards.sending import Afterwards
from bot.delivery.pipeline import Delivery
from bot.effects import OpenDM
from bot.store.database import Database
from engine.store import Transaction
from tests.contract.clocks import ManualClock
from tests.contract.fake_platform.adapter import FakeAdapter
from tests.contract.fake_platform.server import Server
from tests.integration.bot.stage import app_over, settings_for


class Dying(Delivery):
    """Is killed when the message is in the outbox and nothing is committed yet."""

    async def write(
        self, tx: Transaction, letter: OpenDM, key: str, session_id: str | None
    ) -> list[str]:
        await super().write(tx, letter, key, session_id)
        os.kill(os.getpid(), signal.SIGKILL)
        return []


async def main(url: str, folder: str, seconds: str, dies: str) -> None:
    """Send what is due, print how many; `dies` is never, before or after the commit."""
    clock = ManualClock()
    await clock.advance(float(seconds))
    database = Database(url)
    app = app_over(database, settings_for(Path(folder)), clock)
    adapter = FakeAdapter(Server(people={}, threads={}), clock=clock, answer_within=5)
    delivery = app.delivery
    if dies == "before":
        delivery = Dying(services=app.services, router=app.router)
    sent = await Afterwards(
        services=app.services, delivery=delivery, adapters={adapter.platform: adapter}
    ).tick()
    if dies == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.write(f"SENT:{sent}\n")
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
