"""The application over an open database, with a model and a platform that cost nothing."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from sqlalchemy import func, select

from adapters.clock import SystemClock
from adapters.port import MessageRef, ThreadRef
from bot.bench.crowd import Seat
from bot.bench.quiet import QuietAdapter
from bot.bench.talker import Talker
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.queues import InboxRow, OutboxRow
from bot.wiring import App, assembled
from engine.events import CharacterSaid
from engine.store.tables import EventRow

LOOK_SECONDS: Final = 0.02


class Watched(QuietAdapter):
    """Tells when something came to stand in a thread."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0
        self._waited_for: dict[str, asyncio.Event] = {}

    def stands(self, where: ThreadRef, key: str, text: str, ref: MessageRef) -> None:
        """Wake whoever waits for this thread."""
        self.shown += 1
        if where.key in self._waited_for:
            self._waited_for.pop(where.key).set()

    def next_in(self, where: ThreadRef) -> asyncio.Event:
        """Set when something is shown in a thread."""
        return self._waited_for.setdefault(where.key, asyncio.Event())


@dataclass(slots=True)
class Loaded:
    """A running application, and the platform behind it."""

    app: App
    adapter: Watched

    async def one(self, seat: Seat, nth: int) -> float:
        """Say one thing; seconds until its reply is shown."""
        shown = self.adapter.next_in(seat.thread)
        begun = time.perf_counter()
        await self.app.delivery.accept(seat.says(nth))
        await shown.wait()
        return time.perf_counter() - begun

    async def all(self, seats: Sequence[Seat], lines: range) -> tuple[list[float], float]:
        """Say everything as fast as it is taken: seconds of each accept, and until all is done."""
        times: list[float] = []

        async def person(seat: Seat) -> None:
            for nth in lines:
                begun = time.perf_counter()
                await self.app.delivery.accept(seat.says(nth))
                times.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        await asyncio.gather(*(person(seat) for seat in seats))
        await self.quiet()
        return times, time.perf_counter() - begun

    async def quiet(self) -> None:
        """Wait until nothing is left to do."""
        await emptied(self.app.services.database)


async def emptied(database: Database) -> None:
    """Look now and then, as a stranger to all processes, until nothing is left to do."""
    while await left(database):  # noqa: ASYNC110 - other processes do it
        await asyncio.sleep(LOOK_SECONDS)


async def left(database: Database) -> int:
    """How much is due to be handled, or waits to be shown."""
    waits = select(func.count()).select_from(InboxRow)
    waits = waits.where(InboxRow.state == "waiting", InboxRow.due <= SystemClock().now())
    unsent = select(func.count()).where(OutboxRow.state.in_(("queued", "sending")))
    async with database.reading() as tx:
        return (await tx.scalar(waits) or 0) + (await tx.scalar(unsent) or 0)


async def replies(database: Database) -> int:
    """How many turns were answered."""
    async with database.reading() as tx:
        kind = CharacterSaid.kind
        return await tx.scalar(select(func.count()).where(EventRow.kind == kind)) or 0


@asynccontextmanager
async def loaded(
    url: str, folder: Path, *, seconds: float = 0.0, works: bool = True
) -> AsyncGenerator[Loaded]:
    """Over a database, migrated. `seconds`: what the model takes; not `works`: only accept."""
    settings = Settings(data_dir=folder, database_url=SecretStr(url), carrier="local")
    await upgrade(settings.database)
    database, clock = Database(settings.database), SystemClock()
    app = assembled(settings, database, clock.now, clock, Talker(seconds=seconds))
    adapter = Watched()
    try:
        if works:
            async with app.delivery.running({adapter.platform: adapter}):
                yield Loaded(app, adapter)
        else:
            yield Loaded(app, adapter)
    finally:
        await database.close()
