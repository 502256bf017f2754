"""The stage with a model and a platform that do as a test wants, and a look into the tables."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from adapters.errors import Unknown
from adapters.port import Event, Message, MessageRef, ThreadRef, To, UserRef
from bot.delivery import later
from bot.delivery.pipeline import Delivery
from bot.dialogue import Dialogue
from bot.grace import WORK, Grace
from bot.router import Router
from bot.store.database import Database
from bot.store.queues import InboxRow, LeaseRow, OutboxRow
from bot.wiring import App
from engine.archive import Archive
from engine.assessment import Assessment
from engine.events import CharacterSaid, TraineeSaid
from engine.llm.port import Deadline, Done, Model, Text, ToolCall, Usage
from engine.prompting import Prompt
from engine.simulation import Simulation
from engine.store import events
from tests.contract.fake_platform import parse
from tests.contract.fake_platform.adapter import FakeAdapter
from tests.contract.fake_platform.server import Payload
from tests.integration.bot.stage import Stage
from tests.integration.web.rig import Scripted

PATIENCE = 30
REPLY = "That is how it is."


@dataclass(slots=True)
class Talker(Scripted):
    """A model that raises as often as a test says."""

    bugs: int = 0

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        if self.bugs:
            self.bugs -= 1
            raise ZeroDivisionError
        async for piece in Scripted.stream(self, prompt, deadline):
            yield piece


@dataclass(slots=True)
class Halting(Talker):
    """A model that says a sentence, and the rest once it is let."""

    half: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        self.asked += 1
        yield Text("It began an hour ago. ")
        self.called.set()
        await self.half.wait()
        yield Text("And it has not stopped. ")
        yield Done(usage=Usage(input=1, output=1), response_id="", stop="end", model="scripted-1")


class Failing(FakeAdapter):
    """The fake, failing at once with what is in the lists, one a call."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.failures: list[Exception] = []
        self.thread_failures: list[Exception] = []
        self.posts = 0

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        self.posts += 1
        if self.failures:
            raise self.failures.pop(0)
        return await super().post(to, message, key=key)

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        if self.thread_failures:
            failure = self.thread_failures.pop(0)
            if isinstance(failure, Unknown):
                await super().open_thread(near, title, key=key, private_to=private_to)
            raise failure
        return await super().open_thread(near, title, key=key, private_to=private_to)


class Line(Stage):
    """People, a model that answers once it is let, and what is stored of it all."""

    adapter_of = Failing
    adapter: Failing

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        self.model = Talker()
        self.model.go_on.set()
        self.app = speaking(self.app, self.model)
        self.carrier = self.app.delivery.carrier({self.adapter.platform: self.adapter})

    @asynccontextmanager
    async def beside(self, folder: Path) -> AsyncIterator["Line"]:
        """Another process over the same database and platform, by the same clock."""
        database = Database(self.database.url.render_as_string(hide_password=False))
        other = Line(database, folder)
        other.clock, other.server = self.clock, self.server
        other.model, other.adapter = self.model, self.adapter
        services = replace(other.app.services, now=self.clock.now)
        other.app = speaking(replace(other.app, services=services), self.model)
        other.carrier = other.app.delivery.carrier({self.adapter.platform: self.adapter})
        yield other
        await database.close()

    def event(self, where: str, text: str, who: str = "U1", **more: Any) -> Event:
        """Something a person wrote, as it would be handed over."""
        found = parse.event({**self.server.write(where, who, text), **more})
        assert found is not None
        return found

    async def thinks(self, text: str, where: str) -> None:
        """Write a line, and wait until the model is asked; it answers at `model.go_on`."""
        self.model.go_on.clear()
        self.model.called.clear()
        await self.says(text, where=where)
        async with asyncio.timeout(30):
            await self.model.called.wait()

    async def later(self, seconds: float) -> None:
        """Let time pass, and whatever is due then happen."""
        await self.clock.advance(seconds)
        await self.idle()

    # What is stored

    async def said(self, room: str) -> list[str]:
        return [one.text for one in await self.log(room) if isinstance(one, TraineeSaid)]

    async def answers(self, room: str) -> list[int]:
        """How many messages each reply answers."""
        said = [one for one in await self.log(room) if isinstance(one, CharacterSaid)]
        return [len(one.answers) for one in said if one.answers]

    async def log(self, room: str) -> list[Any]:
        record = await self.session_of(room)
        async with self.database.reading() as tx:
            return list(await events.of_session(tx, record.id))

    async def inbox(self) -> list[InboxRow]:
        return await self._rows(InboxRow)

    async def outbox(self) -> list[OutboxRow]:
        return await self._rows(OutboxRow)

    async def leases(self) -> list[LeaseRow]:
        async with self.database.reading() as tx:
            return list(await tx.scalars(select(LeaseRow).order_by(LeaseRow.lane)))

    async def _rows(self, table: Any) -> list[Any]:
        async with self.database.reading() as tx:
            return list(await tx.scalars(select(table).order_by(table.id)))


@dataclass(slots=True)
class Meanwhile:
    """A turn that is under way until it is let go on."""

    line: Line
    working: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self, text: str, where: str) -> None:
        """Write, and wait until the model was asked."""
        self.line.model.go_on.clear()
        self.line.model.called.clear()
        await self.line.leaves(text, where=where)
        self.work()
        async with asyncio.timeout(PATIENCE):
            await self.line.model.called.wait()

    def work(self) -> None:
        """Take up what is due, beside the turn."""
        self.working.append(asyncio.create_task(self.line.carrier.idle()))

    async def go_on(self) -> None:
        """Let the model answer, and all that follows happen."""
        self.line.model.go_on.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self.working)
        await self.line.idle()


def speaking(app: App, model: Model, *, grows: bool = False) -> App:
    """The same application with another model."""
    old = app.services
    simulation = Simulation(model, now=old.now, id_of=lambda: uuid4().hex, at_due=later.arm)
    services = replace(
        old,
        simulation=simulation,
        assessment=Assessment(simulation.read, now=old.now),
        archive=Archive(simulation.read),
    )
    dialogue = Dialogue(old.database, simulation, app.settings.turn_seconds, old.hub)
    router = Router(services, dialogue)
    delivery = Delivery(services=services, router=router, worth_growing=grows)
    return replace(app, services=services, dialogue=dialogue, router=router, delivery=delivery)


def late(grace: Grace) -> None:
    """Let a stop be under way for so long that no work has time left; what is cut short has."""
    grace.seconds, grace.clock = 600, lambda: 0.0
    grace.begin()
    grace.clock = lambda: 600 * WORK


async def clings(lets_go: asyncio.Event) -> None:
    """Wait, and do not let go when cut short."""
    while not lets_go.is_set():
        with suppress(asyncio.CancelledError):
            await lets_go.wait()


async def until(line: Line, condition: Callable[[], bool]) -> None:
    """Wait for something that the bell is rung for."""
    with line.app.delivery.bell.hearing() as rung:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await rung.wait()
                rung.clear()


async def delivered(line: Line, payload: Payload) -> int:
    """Hand something over; the status the platform got."""
    return int((await line.server.deliver(payload))["status"])
