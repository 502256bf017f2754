"""The whole application behind the fake chat platform, with a clock that the test moves."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.port import Event
from bot.answers import Answers
from bot.delivery import later, watching
from bot.delivery.pipeline import Delivery
from bot.dialogue import Dialogue
from bot.followups import Ticker
from bot.hub import Hub
from bot.models import budgets_of
from bot.pace import Pace
from bot.retention import Retention
from bot.router import Router
from bot.services import Services
from bot.settings import Settings
from bot.store.database import Database, StoreAway
from bot.store.tables import DoorRow
from bot.wiring import App, shipped_scenarios
from engine.archive import Archive
from engine.assessment import Assessment
from engine.catalog import Catalog
from engine.llm.embedded import EmbeddedModel
from engine.simulation import Simulation
from engine.store import sessions
from engine.store.sessions import SessionRecord
from engine.store.tables import SessionRow
from tests.contract.clocks import ManualClock
from tests.contract.fake_platform import parse
from tests.contract.fake_platform.adapter import FakeAdapter
from tests.contract.fake_platform.server import Payload, Server

CHANNEL = "C1"


@cache
def catalog() -> Catalog:
    """The shipped scenarios, loaded once for all tests."""
    return Catalog(shipped_scenarios())


def settings_for(folder: Path, **more: Any) -> Settings:
    """Settings that no environment changes; no queue beside the database carries anything."""
    more = {"carrier": "local", **more}
    return Settings(_env_file=None, data_dir=folder, **more)  # type: ignore[call-arg]


def app_over(
    database: Database, settings: Settings, clock: Any, library: Catalog | None = None
) -> App:
    """An application over an open database, as the composition root builds it."""
    simulation = Simulation(
        EmbeddedModel(),
        now=clock.now,
        id_of=lambda: uuid4().hex,
        at_due=later.arm,
        budgets=budgets_of(settings),
    )
    hub = Hub()
    services = Services(
        settings=settings,
        database=database,
        catalog=library or catalog(),
        simulation=simulation,
        assessment=Assessment(simulation.read, now=clock.now),
        archive=Archive(simulation.read),
        hub=hub,
        now=clock.now,
        standing=partial(watching.standing, turn_seconds=settings.turn_seconds),
        pace=Pace(settings.limits),
    )
    dialogue = Dialogue(database, simulation, settings.turn_seconds, hub)
    router = Router(services, dialogue)
    delivery = Delivery(services=services, router=router)
    return App(
        settings=settings,
        services=services,
        dialogue=dialogue,
        router=router,
        delivery=delivery,
        ticker=Ticker(services, delivery),
        retention=Retention(database, simulation, clock.now),
        clock=clock,
    )


class Stoppable(Database):
    """A database that can be made unreachable, at once or after some transactions."""

    left: int | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        self._count()
        async with super().transaction() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        self._count()
        async with super().reading() as tx:
            yield tx

    def _count(self) -> None:
        if self.left is not None:
            if not self.left:
                raise StoreAway("stopped by the test")
            self.left -= 1


class Stage:
    """People write, press and call commands; the test reads what stands in a thread."""

    adapter_of: type[FakeAdapter] = FakeAdapter

    def __init__(
        self, database: Database, folder: Path, library: Catalog | None = None, **settings: Any
    ) -> None:
        self.server = Server(
            people={"U1": {"name": "Ada"}, "U2": {"name": "Ben"}, "U9": {"name": "Root"}},
            threads={
                CHANNEL: {"key": "", "title": "", "state": "", "members": ["U1", "U2", "bot"]},
                "DU1": {"key": "", "title": "", "state": "", "members": ["U1", "bot"]},
            },
        )
        self.clock = ManualClock()
        self.database = database
        admins = settings.pop("admins", ("fake:U9",))
        self.app = app_over(
            database, settings_for(folder, admins=admins, **settings), self.clock, library
        )
        self.adapter = self.adapter_of(self.server, clock=self.clock, answer_within=5)
        self.carrier = self.app.delivery.carrier({self.adapter.platform: self.adapter})
        self.works = True
        self.works_through_failures = False
        self._seen: dict[tuple[str, str], int] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Stage"]:
        """Connected."""
        async with self.adapter.running(self.accept, Answers(self.app.services).answer):
            yield self

    async def accept(self, event: Event) -> None:
        """Store an event, and let everything come of it that is due."""
        await self.app.delivery.accept(event)
        if self.works:
            await self.idle()

    async def idle(self) -> None:
        """Let everything come of what is stored that is due, as far as the store lets it."""
        with suppress(StoreAway) if self.works_through_failures else nullcontext():
            await self.carrier.idle()

    # What people do

    async def says(
        self, text: str, *, where: str = CHANNEL, who: str = "U1", times: int = 1
    ) -> str:
        """Write, and read what is new in the thread for this person."""
        payload = self.server.write(where, who, text)
        return await self._delivered(payload, where, who, times)

    async def leaves(self, text: str, *, where: str, who: str = "U1") -> None:
        """Write, and let nothing come of it yet."""
        self.works = False
        await self.server.deliver(self.server.write(where, who, text))
        self.works = True

    async def calls(
        self, name: str, *, where: str = CHANNEL, who: str = "U1", **options: str
    ) -> str:
        """Call a command natively."""
        payload = self.server.happening("command", who, where, name=name, options=options)
        return await self._delivered(payload, where, who, 1)

    async def presses(
        self, choice: str, *, where: str = CHANNEL, who: str = "U1", on_card: bool = False
    ) -> str:
        """Press a choice that stands in the thread; the fake draws those of cards as text."""
        standing = [
            str(one.id)
            for one in self.server.posted.values()
            if one.thread == where
            and any(button["id"] == choice for button in one.body.get("buttons", ()))
        ]
        assert standing or on_card, f"nobody offered {choice}"
        message = standing[-1] if standing else str(max(self.server.posted))
        payload = self.server.happening("press", who, where, message=message, button=choice)
        return await self._delivered(payload, where, who, 1)

    async def _delivered(self, payload: Payload, where: str, who: str, times: int) -> str:
        self.seen(where, who)
        for _ in range(times):
            answer = await self.server.deliver(payload)
            assert answer["status"] == 200
        return self.seen(where, who)

    async def started(self, scenario: str = "chest-pain", who: str = "U1", mode: str = "") -> str:
        """Agree where that is asked, and the name of the thread that opened."""
        before = len(self.server.threads)
        await self.says(f"/sim start {scenario} {mode}", who=who)
        if len(self.server.threads) == before:
            await self.presses(f"agree:{scenario}" + (f":{mode}" if mode else ""), who=who)
        assert len(self.server.threads) == before + 1
        return list(self.server.threads)[-1]

    async def tick(self, seconds: float = 0) -> int:
        """Let time pass, and what is due then happen; how many sessions moved."""
        before = await self._seqs()
        await self.clock.advance(seconds)
        await self.idle()
        after = await self._seqs()
        return sum(before.get(one) != seq for one, seq in after.items())

    async def _seqs(self) -> dict[str, int]:
        async with Database.reading(self.database) as tx:
            rows = await tx.execute(select(SessionRow.id, SessionRow.seq))
        return {row.id: row.seq for row in rows}

    # What people see

    def seen(self, where: str = CHANNEL, who: str = "U1") -> str:
        """What is new in a thread for somebody since this was last asked, in one line."""
        since = self._seen.get((where, who), 0)
        self._seen[where, who] = max(self.server.posted, default=0)
        return self.shown(where, who, since)

    def shown(self, where: str = CHANNEL, who: str = "U1", since: int = 0) -> str:
        """Everything the bot shows somebody in a thread."""
        found = [
            f"{'(private) ' if one.only_for else ''}{one.body['as']}: {_text(one.body)}"
            for one in self.server.posted.values()
            if one.id > since
            and one.thread == where
            and one.author == "bot"
            and one.only_for in {"", who}
        ]
        return re.sub(r"[\s\u200b]+", " ", " ".join(found)).strip()

    def buttons(self, where: str = CHANNEL) -> list[str]:
        """The ids of all choices in a thread."""
        return [
            button["id"]
            for one in self.server.posted.values()
            if one.thread == where
            for button in one.body.get("buttons", ())
        ]

    def threads(self) -> list[str]:
        """Threads that the bot opened."""
        return [name for name in self.server.threads if name.startswith("T")]

    # What is stored

    async def session_of(self, thread: str) -> SessionRecord:
        """The session that a thread leads or led to."""
        key = parse.thread_ref(thread)
        async with self.database.reading() as tx:
            rows = await tx.scalars(select(DoorRow))
            [found] = [row for row in rows if row.thread_key.endswith(key.key)]
            return await sessions.get(tx, found.session_id)


def _text(body: Payload) -> str:
    pieces = [body["text"], *(block["shown"] for block in body["blocks"])]
    pieces += [f"[{button['label']}]" for button in body["buttons"]]
    return "\n".join([*pieces, *(f"[file: {name}]" for name in body["files"])])
