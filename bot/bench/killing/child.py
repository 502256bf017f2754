"""One process of the application, until all is quiet or it is killed; told by JSON on stdin."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from adapters.clock import SystemClock
from bot.answers import Answers
from bot.bench.killing.case import Kill, Part
from bot.bench.killing.platform import FilePlatform
from bot.bench.killing.records import NAME, Records
from bot.bench.load import left
from bot.bench.talker import Talker
from bot.delivery.pipeline import Delivery
from bot.delivery.points import Point
from bot.observability import configure
from bot.settings import Provider, Settings
from bot.store.database import Database
from bot.wiring import assembled

LOOK_SECONDS: Final = 0.05


def main() -> int:
    """Run what stdin says; the exit code."""
    part = Part.model_validate_json(sys.stdin.read())
    configure("error")
    asyncio.run(_run(part))
    return 0


async def _run(part: Part) -> None:
    folder = Path(part.files)
    settings = _settings(part)
    database, clock = Database(part.url), SystemClock()
    app = assembled(settings, database, clock.now, clock, None if part.vendor else Talker())
    delivery = Delivery(
        services=app.services,
        router=app.router,
        worth_growing=part.grows,
        reached=_killing(part.kill),
    )
    records = Records(folder / NAME)
    adapter = FilePlatform(records, part.worker, part.deadly)
    async with (
        adapter.running(delivery.accept, Answers(app.services).answer),
        delivery.running({adapter.platform: adapter}),
    ):
        while not await _is_quiet(database, records):  # noqa: ASYNC110 - others work as well
            await asyncio.sleep(LOOK_SECONDS)
    await database.close()


def _settings(part: Part) -> Settings:
    plain = Settings(
        data_dir=Path(part.files), database_url=SecretStr(part.url), carrier=part.carrier
    )
    if not part.vendor:
        return plain
    paid = Provider(api_key=SecretStr("of-a-bench"), base_url=part.vendor)
    return plain.model_copy(update={"anthropic": paid})


def _killing(kill: Kill | None) -> Callable[[Point], None]:
    left = kill.nth if kill else 0

    def reached(point: Point) -> None:
        nonlocal left
        if kill is not None and point == kill.point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reached


async def _is_quiet(database: Database, records: Records) -> bool:
    records.refresh()
    if not all(room.finished for room in records.rooms.values()):
        return False
    return not await left(database)


if __name__ == "__main__":
    sys.exit(main())
