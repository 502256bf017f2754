"""`dressrun selftest`: the whole application on a free loopback port, every door tried once.

It has a data folder of its own, which goes away with it, and plays with the embedded persona:
nothing that is kept is touched, and nothing is spent.
"""

import asyncio
import http.client
import json
import socket
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from bot.observability import configure
from bot.settings import Models, Settings
from bot.web.app import create
from bot.wiring import running

HOST = "127.0.0.1"
PATIENCE_SECONDS = 20
"""So long one answer may take."""

Json = dict[str, Any]


class Unexpected(Exception):
    """A door answered, but not as it should."""


class _Inner(uvicorn.Server):
    """A server inside another program: it says when it answers, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.answering.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


async def run(settings: Settings) -> tuple[list[str], bool]:
    """A line a door, `ok  what` or `FAIL what: why`, and whether all are well."""
    configure("error")
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dressrun-selftest-") as folder:
        async with _served(_apart(settings, Path(folder))) as port:
            visit = Visit(port)
            for what, step in visit.steps:
                why = await tried(step)
                lines.append(f"FAIL {what}: {why}" if why else f"ok  {what}")
    return lines, all(line.startswith("ok") for line in lines)


def _apart(settings: Settings, folder: Path) -> Settings:
    changed = {
        "data_dir": folder,
        "database_url": None,
        "bind": f"{HOST}:0",
        "public_url": "",
        "models": Models(),
    }
    return settings.model_copy(update=changed)


@asynccontextmanager
async def _served(settings: Settings) -> AsyncGenerator[int]:
    """The application behind a port, while the block runs."""
    with socket.create_server((HOST, 0)) as listening:
        async with running(settings) as app:
            server = _Inner(uvicorn.Config(create(app), log_config=None, access_log=False))
            async with asyncio.TaskGroup() as group:
                group.create_task(server.serve(sockets=[listening]))
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await server.answering.wait()
                    yield listening.getsockname()[1]
                finally:
                    server.should_exit = True


async def tried(step: Callable[[], Awaitable[None]]) -> str:
    """Why a step failed; empty when it did not."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await step()
    except Unexpected as error:
        return str(error)
    except TimeoutError:
        return f"no answer within {PATIENCE_SECONDS} s"
    except (OSError, ValueError, LookupError, http.client.HTTPException, WebSocketException) as bad:
        return f"{type(bad).__name__}: {bad}"
    return ""


@dataclass(slots=True)
class Visit:
    """One trainee's way through the doors, each step using what the one before found."""

    port: int
    scenario: str = ""
    session: str = ""
    reply: str = ""

    @property
    def steps(self) -> tuple[tuple[str, Callable[[], Awaitable[None]]], ...]:
        """What is tried, in order."""
        return (
            ("GET /api/health", self.health),
            ("GET /api/scenarios", self.scenarios),
            ("GET /api/documents/{scenario_id}/{filename}", self.document),
            ("POST /api/sessions", self.start),
            ("WS /chat/{session_id}", self.talk),
            ("POST /api/sessions/{id}/complete", self.complete),
            ("GET /api/sessions/{id}/transcript", self.transcript),
        )

    async def health(self) -> None:
        """It says that it is well."""
        _require((await self._json("GET", "/api/health"))["status"] == "ok", "status is not ok")

    async def scenarios(self) -> None:
        """There is something to play."""
        found = await self._json("GET", "/api/scenarios")
        _require(bool(found), "no published scenario")
        self.scenario = str(found[0]["id"])

    async def document(self) -> None:
        """What is handed out with the brief can be had; a scenario may have nothing to hand out."""
        brief = await self._json("GET", f"/api/scenarios/{quote(self._chosen())}")
        for one in brief["documents"]:
            _require(bool(await self._bytes("GET", one["url"])), f"{one['file']} is empty")

    async def start(self) -> None:
        """A session begins with somebody's words."""
        wanted = {"scenario_id": self._chosen(), "user_id": "selftest"}
        made = await self._json("POST", "/api/sessions", wanted)
        self.session = str(made["session_id"])

    async def talk(self) -> None:
        """Say something, and get an answer to it."""
        address = f"ws://{HOST}:{self.port}/chat/{self._begun()}"
        # A socket of our own, so that no proxy comes between.
        line = await asyncio.to_thread(socket.create_connection, (HOST, self.port))
        async with connect(address, sock=line) as chat:
            await chat.send(json.dumps({"type": "session_start", "content": "", "metadata": {}}))
            await _frame(chat.recv, "session_start")
            said = {"event_id": "selftest-1"}
            hello = {"type": "user_message", "content": "Hello, how are you?", "metadata": said}
            await chat.send(json.dumps(hello))
            answer = await _frame(chat.recv, "assistant_message")
        self.reply = str(answer["content"])
        _require(bool(self.reply.strip()), "the answer is empty")

    async def complete(self) -> None:
        """The session ends."""
        ended = await self._json("POST", f"/api/sessions/{self._begun()}/complete", {})
        _require(ended["status"] == "completed", f"status is {ended['status']}")

    async def transcript(self) -> None:
        """What was answered stands in it."""
        kept = await self._json("GET", f"/api/sessions/{self._begun()}/transcript")
        texts = [turn["text"] for turn in kept["turns"]]
        _require(bool(self.reply) and self.reply in texts, "the answer is not in it")

    def _chosen(self) -> str:
        _require(bool(self.scenario), "no scenario to play")
        return self.scenario

    def _begun(self) -> str:
        _require(bool(self.session), "no session was started")
        return self.session

    async def _json(self, method: str, path: str, body: Json | None = None) -> Any:
        return json.loads(await self._bytes(method, path, body))

    async def _bytes(self, method: str, path: str, body: Json | None = None) -> bytes:
        return await asyncio.to_thread(self._asked, method, path, body)

    def _asked(self, method: str, path: str, body: Json | None) -> bytes:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        _require(answer.status < 300, f"status {answer.status}")
        return content


async def _frame(receive: Callable[[], Awaitable[str | bytes]], wanted: str) -> Json:
    """The next frame of a type; others are passed over, but for an error."""
    while True:
        frame: Json = json.loads(await receive())
        if frame["type"] == wanted:
            return frame
        _require(frame["type"] != "error", str(frame["metadata"].get("code")))


def _require(holds: bool, why: str) -> None:  # noqa: FBT001  # as `assert` is written
    if not holds:
        raise Unexpected(why)
