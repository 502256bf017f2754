"""The workspace: what its page weighs, when the first reply comes, how many can look at once."""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bot.bench import Figure
from bot.bench.start import environment_for, free_port, wait_ready

CLIENTS: Final = 200
ROUNDS: Final = 10
PATIENCE_SECONDS: Final = 60
SCENARIO: Final = "chest-pain"
_FILE: Final = re.compile(r"[\"']((?:/local/page/|\.{1,2}/)[\w./-]+\.\w+)[\"']")
TRAINEE: Final = {"X-Dressrun-As": "trainee-1"}


def run() -> Iterator[Figure]:
    """Start a server of its own, play as a newcomer's browser does, then let many look."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        begun = time.perf_counter()
        environment = environment_for(Path(folder), port)
        server = subprocess.Popen([sys.executable, "-m", "bot.cli", "up"], env=environment)
        try:
            wait_ready(port, server)
            yield from asyncio.run(_measured(port, begun))
        finally:
            server.terminate()
            server.wait(timeout=30)
    yield {"cores": os.cpu_count() or 0}


async def _measured(port: int, begun: float) -> list[Figure]:
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=TRAINEE, timeout=PATIENCE_SECONDS
    ) as http:
        weight = await _weight(http)
        await _first_reply(http, port)
        first = round(time.perf_counter() - begun, 2)
        return [weight, {"first_reply_s": first}, await _crowd(http, port)]


async def _weight(http: httpx.AsyncClient) -> Figure:
    """Every file that the page brings along, as it goes over the wire, without what it is about."""
    waiting, seen, weight = ["/"], set[str](), 0
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = await http.get(path)
        answer.raise_for_status()
        weight += len(answer.content)
        waiting += _referred(path, answer.text)
    return {"page_files": len(seen), "page_bytes": weight}


def _referred(path: str, text: str) -> Iterator[str]:
    """The addresses of other files of the page in one of them."""
    yield from (urljoin(path, found[1]) for found in _FILE.finditer(text))


async def _first_reply(http: httpx.AsyncClient, port: int) -> None:
    """As a newcomer does it: start a scenario, agree, ask, and read the answer."""
    async with _looking(http, port) as socket:
        at = "/local/api/places/clinical"
        start = {"name": "start", "options": {"scenario": SCENARIO}, "event_id": uuid4().hex}
        (await http.post(f"{at}/commands", json=start)).raise_for_status()
        notice = await _message(socket, lambda one: one["only_for"] and one["choices"])
        agree = {"message": notice["id"], "choice": notice["choices"][0]["id"]}
        (await http.post(f"{at}/press", json={**agree, "event_id": uuid4().hex})).raise_for_status()
        brief = await _message(socket, lambda one: one["pinned"])
        thread = brief["place"]
        said = {"text": "Where does it hurt?", "event_id": uuid4().hex}
        (await http.post(f"/local/api/places/{thread}/messages", json=said)).raise_for_status()
        mine = await _message(socket, lambda one: one["event_id"] == said["event_id"])
        await _message(
            socket,
            lambda one: (
                one["place"] == thread
                and one["seq"] > mine["seq"]
                and one["speaker"]["role"] == "character"
            ),
        )


async def _crowd(http: httpx.AsyncClient, port: int) -> Figure:
    """Many pages at once, each of which is told what somebody writes."""
    took: list[float] = []
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(_looking(http, port)) for _ in range(CLIENTS)]
        for number in range(ROUNDS):
            text = f"round {number}"
            begun = time.perf_counter()
            heard = [asyncio.create_task(_hears(one, text, begun)) for one in opened]
            said = {"text": text, "event_id": uuid4().hex}
            posted = await http.post("/local/api/places/phone/messages", json=said)
            posted.raise_for_status()
            took += await asyncio.gather(*heard)
        alive = sum(one.state.name == "OPEN" for one in opened)
    return {
        "clients": CLIENTS,
        "still_open": alive,
        "told": len(took),
        "told_p50_ms": round(statistics.median(took) * 1000, 1),
        "told_p99_ms": round(statistics.quantiles(took, n=100)[98] * 1000, 1),
    }


async def _hears(socket: ClientConnection, text: str, begun: float) -> float:
    await _message(socket, lambda one: one["text"] == text)
    return time.perf_counter() - begun


@asynccontextmanager
async def _looking(http: httpx.AsyncClient, port: int) -> AsyncGenerator[ClientConnection]:
    top = (await http.get("/local/api/start")).json()["seq"]
    live = f"ws://127.0.0.1:{port}/local/live?as=trainee-1&after={top}"
    async with connect(live) as socket:
        yield socket


async def _message(socket: ClientConnection, is_it: Any) -> dict[str, Any]:
    """The next message that it is."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found: dict[str, Any] = json.loads(await socket.recv()).get("message", {})
            if found and is_it(found):
                return found
