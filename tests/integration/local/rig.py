"""A whole server with the workspace, and browsers that look at it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect

from adapters.kits import kits
from bot.platforms import Platforms, platforms_of
from bot.store.database import Database
from bot.wiring import App
from tests.integration.web.rig import PATIENCE, Served, app_over, served, settings_for

Frame = dict[str, Any]


def app_of(database: Database, folder: Path, **more: Any) -> App:
    url = database.url.render_as_string(hide_password=False)
    return app_over(database, settings_for(url, folder, **more))


def platforms(app: App) -> Platforms:
    return platforms_of(app, {"local": kits()["local"]})


@asynccontextmanager
async def workspace(app: App) -> AsyncIterator[Served]:
    async with served(app, platforms(app)) as server:
        yield server


@dataclass
class Browser:
    """One tab of one person."""

    address: str
    http: httpx.AsyncClient
    socket: ClientConnection
    seq: int
    got: list[Frame] = field(default_factory=list)

    async def get(self, path: str, **asked: Any) -> Frame:
        answer = await self.http.get(f"/local/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return cast("Frame", answer.json())

    async def does(self, place: str, what: str, **body: Any) -> Frame:
        body.setdefault("event_id", uuid4().hex)
        answer = await self.http.post(f"/local/api/places/{place}/{what}", json=body)
        assert answer.status_code == 202, answer.text
        return cast("Frame", answer.json())

    async def next(self) -> Frame:
        async with asyncio.timeout(PATIENCE):
            frame: Frame = orjson.loads(await self.socket.recv())
        self.got.append(frame)
        self.seq = frame.get("seq", self.seq)
        return frame

    async def message(self, **wanted: Any) -> Frame:
        """The next message that has all this."""
        while True:
            frame = await self.next()
            found = frame.get("message", {})
            if found and all(found[key] == value for key, value in wanted.items()):
                return cast("Frame", found)

    async def place(self, kind: str) -> Frame:
        """The next new place of a kind."""
        while True:
            frame = await self.next()
            if frame["type"] == "place" and frame["place"]["kind"] == kind:
                return cast("Frame", frame["place"])

    async def begins(self, scenario: str) -> str:
        """Start a scenario for the first time; its thread."""
        await self.does("clinical", "commands", name="start", options={"scenario": scenario})
        notice = await self.message(only_for="trainee-1")
        [agree] = notice["choices"]
        await self.does("clinical", "press", message=notice["id"], choice=agree["id"])
        return cast("str", (await self.place("thread"))["key"])


@asynccontextmanager
async def browser(
    address: str, person: str = "trainee-1", after: int | None = None
) -> AsyncIterator[Browser]:
    headers: Mapping[str, str] = {"X-Dressrun-As": person}
    async with httpx.AsyncClient(base_url=address, headers=headers) as http:
        start = (await http.get("/local/api/start")).json()
        seq = start["seq"] if after is None else after
        live = f"{address.replace('http', 'ws')}/local/live?as={person}&after={seq}"
        async with connect(live, origin=address) as socket:  # type: ignore[arg-type]
            one = Browser(address, http, socket, seq)
            assert (await one.next())["type"] == "hello"
            yield one
