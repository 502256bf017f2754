"""What the tests of the web share: an application over a database, a server, a chat client."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from websockets.asyncio.client import ClientConnection, connect

from adapters.clock import SystemClock
from bot import people
from bot.delivery import later, watching
from bot.delivery.pipeline import Delivery
from bot.dialogue import Dialogue
from bot.followups import Ticker
from bot.hub import Hub
from bot.platforms import Platforms
from bot.retention import Retention
from bot.router import Router
from bot.services import Services
from bot.serving import Server, server_of
from bot.settings import Settings
from bot.store.database import Database, StoreAway
from bot.web import callers
from bot.web.app import NO_PLATFORMS
from bot.wiring import App, shipped_scenarios
from engine.archive import Archive
from engine.assessment import Assessment
from engine.catalog import Catalog
from engine.llm.embedded import EmbeddedModel
from engine.llm.port import (
    Answer,
    Deadline,
    Decided,
    Done,
    Model,
    ModelLimits,
    Question,
    Text,
    ToolCall,
    Usage,
)
from engine.prompting import Prompt
from engine.simulation import Simulation
from engine.store import Transaction
from engine.turns import Outcome

PATIENCE = 60
LOCAL = "http://127.0.0.1"


@cache
def catalog() -> Catalog:
    """The shipped scenarios, loaded once for all tests."""
    return Catalog(shipped_scenarios())


def settings_for(url: str, folder: Path, **more: Any) -> Settings:
    """Settings that no environment changes; one process does everything."""
    more.setdefault("carrier", "local")
    return Settings(_env_file=None, database_url=url, data_dir=folder, **more)  # type: ignore[call-arg]


def app_over(database: Database, settings: Settings, model: Model | None = None) -> App:
    """An application as the composition root builds it, with the model of the test's choice."""
    clock = SystemClock()
    simulation = Simulation(
        model or EmbeddedModel(), now=clock.now, id_of=lambda: uuid4().hex, at_due=later.arm
    )
    hub = Hub()
    services = Services(
        settings=settings,
        database=database,
        catalog=catalog(),
        simulation=simulation,
        assessment=Assessment(simulation.read, now=clock.now),
        archive=Archive(simulation.read),
        hub=hub,
        now=clock.now,
        standing=partial(watching.standing, turn_seconds=settings.turn_seconds),
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
    """A database that can be made to stop answering."""

    stopped = False

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.refused = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        self._require_up()
        async with super().transaction() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        self._require_up()
        async with super().reading() as tx:
            yield tx

    def _require_up(self) -> None:
        if self.stopped:
            self.refused.set()
            raise StoreAway("stopped by the test")


@dataclass(slots=True)
class Scripted:
    """A model that says the same each time, when it is let go on."""

    pieces: tuple[str, ...] = ("I see. ", "That is how it is.")
    name: str = "scripted"
    limits: ModelLimits = field(
        default_factory=lambda: ModelLimits(
            prompt_tokens=100_000, answer_tokens=1000, streams=True, tools=False, decides=False
        )
    )
    asked: int = 0
    called: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        self.asked += 1
        self.called.set()
        await self.go_on.wait()
        for piece in self.pieces:
            yield Text(piece)
        yield Done(
            usage=Usage(input=10, output=5),
            response_id=uuid4().hex,
            stop="end",
            model="scripted-1",
        )

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        raise NotImplementedError


@dataclass(slots=True)
class Served:
    """A server on loopback."""

    web: FastAPI
    port: int
    _server: Server
    _running: asyncio.Task[None]

    @property
    def address(self) -> str:
        return f"{LOCAL}:{self.port}"

    async def stop(self) -> None:
        """As SIGTERM does: gracefully."""
        self._server.should_exit = True
        await self._running

    @asynccontextmanager
    async def chat(self, session_id: str, **options: Any) -> AsyncIterator["Chat"]:
        async with connect(f"ws://127.0.0.1:{self.port}/chat/{session_id}", **options) as socket:
            yield Chat(socket)

    @asynccontextmanager
    async def http(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=self.address) as client:
            yield client


@asynccontextmanager
async def served(app: App, platforms: Platforms = NO_PLATFORMS) -> AsyncIterator[Served]:
    """A real server on a port of the system's choice; the socket listens before it starts."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = server_of(app, platforms)
        web = server.config.app
        assert isinstance(web, FastAPI)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        one = Served(web, listening.getsockname()[1], server, running)
        try:
            yield one
        finally:
            await one.stop()


class Chat:
    """A client of the WebSocket that keeps every frame it got."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, Any]] = []

    async def send(self, type_: str, content: str = "", **metadata: object) -> None:
        frame = {"type": type_, "content": content, "metadata": metadata}
        await self.socket.send(orjson.dumps(frame).decode())

    async def raw(self, text: str | bytes) -> None:
        await self.socket.send(text)

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            frame: dict[str, Any] = orjson.loads(await self.socket.recv())
        self.got.append(frame)
        return frame

    async def until(self, type_: str, **metadata: object) -> dict[str, Any]:
        """The next frame of a type, with these metadata if any are given."""
        while True:
            frame = await self.next()
            told = frame["metadata"]
            if frame["type"] == type_ and all(told.get(k) == v for k, v in metadata.items()):
                return frame

    async def begin(self, **metadata: object) -> dict[str, Any]:
        await self.send("session_start", **metadata)
        return await self.until("session_start")

    async def say(self, text: str, event_id: str, **metadata: object) -> dict[str, Any]:
        """Say something and wait for the answer to it."""
        await self.send("user_message", text, event_id=event_id, **metadata)
        return await self.until("assistant_message", in_reply_to=event_id)

    async def nothing_more(self) -> None:
        """Check that no frame is under way, by asking for one that comes after all others."""
        await self.raw("not json")
        frame = await self.next()
        assert frame["metadata"].get("code") == "bad_frame", frame


async def begin(client: httpx.AsyncClient, **more: object) -> dict[str, Any]:
    """A new session of the chest pain scenario."""
    wanted = {"scenario_id": "chest-pain", "user_id": "ada", **more}
    answer = await client.post("/api/sessions", json=wanted)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def agree(app: App, user_id: str) -> str:
    """As the first message does; the person's id."""
    async with app.services.database.transaction() as tx:
        person = await callers.person(tx, user_id, app.services.now())
        await people.consent(tx, person.id, at=app.services.now())
    return person.id


async def nothing_more(_tx: Transaction, _outcome: Outcome) -> None:
    """Store a turn alone."""
