"""Replies that grow: only while their lane is surely in the hands of whoever lets them."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.clock import SystemClock
from adapters.port import Draft, Message, MessageRef, Speaker, ThreadRef
from bot.delivery.leases import LEASE_SECONDS, Lease
from bot.store.database import Database
from tests.integration.delivery.rig import PATIENCE, Failing, Halting, Line, Meanwhile, speaking
from tests.integration.delivery.test_mishaps import stolen


class Noted:
    """A draft that notes what it is to show, and whether in time."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.asked: list[tuple[str, bool]] = []

    @property
    def ref(self) -> MessageRef:
        return self._draft.ref

    async def show(self, text: str, *, until: float) -> None:
        self.asked.append((text, time.monotonic() < until))
        await self._draft.show(text, until=until)

    async def finish(self, message: Message) -> MessageRef:
        return await self._draft.finish(message)


class Noting(Failing):
    """The fake, whose drafts are kept."""

    drafts: list[Noted]

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        async with super().draft(to, key=key, speaker=speaker) as draft:
            noted = Noted(draft)
            self.drafts.append(noted)
            yield noted


class Growing(Line):
    """People, a model that stands still after a sentence, and the leases that were taken."""

    adapter: Noting

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        self.adapter = Noting(self.server, clock=SystemClock(), answer_within=5)
        self.adapter.drafts = []
        self.model = Halting()
        self.app = speaking(self.app, self.model, grows=True)
        self.grows = asyncio.Event()
        self.app.delivery.reached = lambda point: self.grows.set() if point == "growing" else None
        self.carrier = self.app.delivery.carrier({self.adapter.platform: self.adapter})
        self.held: list[Lease] = []
        work = self.carrier.work

        async def noted(lease: Lease) -> bool:
            self.held.append(lease)
            return await work(lease)

        self.carrier.work = noted


async def test_whoever_stood_still_for_long_shows_nothing_more(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        turn = Meanwhile(line)
        await turn.begin("When did it start?", room)
        async with asyncio.timeout(PATIENCE):
            await line.grows.wait()
        for lease in line.held:
            lease.known.at -= LEASE_SECONDS  # so long it stood still
        await stolen(line)
        line.model.half.set()
        await turn.go_on()
        [draft] = line.adapter.drafts
    assert [in_time for _, in_time in draft.asked] == [True, False]
    assert "not stopped" not in line.shown(room)
