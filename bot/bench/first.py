"""One process that takes its first turns: `python -m bot.bench.first FOLDER`, a JSON line out."""

import asyncio
import json
import sys
import time
from pathlib import Path

from bot.bench import Figure
from bot.people import Identity, consent, person_of
from bot.settings import Settings
from bot.wiring import running
from engine.store import Transaction
from engine.turns import Outcome, Said

SCENARIO = "chest-pain"
LINES = ("how are you?", "where is the pain?")


async def taken(folder: Path) -> Figure:
    """Seconds of the processor: until it is ready, and for each turn with what that loads."""
    settings = Settings(data_dir=folder, database_url=None)
    async with running(settings) as app:
        figure: Figure = {"ready_cpu_s": round(time.process_time(), 2)}
        async with app.services.database.transaction() as tx:
            who = Identity(platform="api", workspace="bench", user_id="bench")
            person = await person_of(tx, who, at=app.services.now())
            await consent(tx, person.id, at=app.services.now())
            scenario = app.services.catalog.get(SCENARIO)
            started = await app.services.simulation.start(tx, scenario, people={"": person.id})
        for number, line in enumerate(LINES, 1):
            begun = time.process_time()
            said = Said(person=person.id, messages=((line, None),))
            await app.dialogue.take(started.session.id, said, _nothing_more)
            figure[f"turn_{number}_cpu_s"] = round(time.process_time() - begun, 3)
    return figure


async def _nothing_more(_tx: Transaction, _outcome: Outcome) -> None:
    """Store the turn alone."""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(taken(Path(sys.argv[1])))))
