"""A worker beside the server: its replies grow on the page of somebody who looks there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from adapters.kits import kits
from adapters.local.routes import routes_of
from adapters.local.tables import PEOPLE
from bot.platforms import Connected, Platforms, platforms_of, shown_by
from bot.store.database import Database
from bot.wiring import App
from engine.llm.port import Text
from tests.integration.local.rig import platforms
from tests.integration.web.rig import PATIENCE, Scripted, app_over, settings_for


class Slow(Scripted):
    """Says one sentence, and the next when it is let."""

    async def stream(self, prompt: Any, deadline: Any) -> Any:
        async for piece in Scripted.stream(self, prompt, deadline):
            yield piece
            if piece == Text(self.pieces[0]):
                self.go_on.clear()
                await self.go_on.wait()


def growing(app: App) -> App:
    return replace(app, delivery=replace(app.delivery, worth_growing=True))


@asynccontextmanager
async def door(app: App) -> AsyncIterator[tuple[Any, httpx.AsyncClient]]:
    """A server that takes no turns, and somebody at its page."""
    [local] = platforms_of(app, {"local": kits()["local"]}).connected
    adapter: Any = local.adapter
    accept = Connected(kit=local.kit, adapter=adapter, app=app).accept
    transport = httpx.ASGITransport(Starlette(routes=routes_of(adapter)))

    async def unanswered(_query: Any) -> Any:
        return None

    async with (
        adapter.running(accept, unanswered),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):
        yield adapter, http


@pytest.mark.usefixtures("postgres")
async def test_a_worker_lets_a_reply_grow_on_the_page(postgres: Any, tmp_path: Path) -> None:
    with postgres.database(migrated=True) as url:
        one, two = Database(url), Database(url)
        model = Slow()
        settings = settings_for(url, tmp_path)
        here, there = app_over(one, settings), growing(app_over(two, settings, model))
        async with (
            asyncio.timeout(2 * PATIENCE),
            shown_by(there, {"local": kits()["local"]}),
            door(here) as (adapter, http),
            adapter.feed.following("trainee-1", None) as follower,
        ):
            frames = adapter.feed.frames(follower, None)
            at = "/local/api/places/clinical"
            start = {"name": "start", "options": {"scenario": "chest-pain"}}
            assert (await http.post(f"{at}/commands", json=start)).is_success
            notice = await message(frames, only_for="trainee-1")
            agreed = {"message": notice["id"], "choice": notice["choices"][0]["id"]}
            assert (await http.post(f"{at}/press", json=agreed)).is_success
            thread = (await message(frames, pinned=True))["place"]
            said = {"text": "Where does it hurt?"}
            said_there = f"/local/api/places/{thread}/messages"
            assert (await http.post(said_there, json=said)).is_success
            model.go_on.set()
            grown = await message(frames, draft=True, text="I see.")
            model.go_on.set()
            whole = await message(frames, draft=False, id=grown["id"])
        await one.close()
        await two.close()
    assert whole["text"] == "I see. That is how it is."


async def message(frames: Any, **wanted: Any) -> Any:
    """The next message that has all this."""
    async for frame in frames:
        found = frame.get("message", {})
        if found and all(found[key] == value for key, value in wanted.items()):
            return found
    raise AssertionError("the stream ended")


async def test_a_worker_makes_nobody_and_nothing_in_the_workspace(
    sqlite: Database, tmp_path: Path
) -> None:
    app = app_over(sqlite, settings_for(f"sqlite:///{tmp_path}/x.db", tmp_path))
    async with shown_by(app, kits()) as shown:
        assert [one.kit.name for one in shown.connected] == ["local"]
        async with sqlite.reading() as tx:
            people = await tx.scalar(select(func.count()).select_from(PEOPLE))
    assert people == 0
    assert isinstance(platforms(app), Platforms)
