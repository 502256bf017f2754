"""Whoever looks in one process sees what another one does."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.port import ChatAdapter, Platform
from bot.delivery.pipeline import Delivery
from bot.store.database import Database
from bot.wiring import App
from tests.integration.web.rig import app_over, begin, served, settings_for


class OnlyDoors(Delivery):
    """Takes no turns."""

    @asynccontextmanager
    async def running(
        self, adapters: Mapping[Platform, ChatAdapter], **_options: Any
    ) -> AsyncGenerator[None]:
        async with super().running(adapters, turns=False):
            yield


def without_turns(app: App) -> App:
    return replace(app, delivery=OnlyDoors(services=app.services, router=app.router))


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Database]:
    database = Database(url)
    yield database
    await database.close()


async def test_a_chat_shows_what_a_worker_answers(url: str, tmp_path: Path) -> None:
    settings = settings_for(url, tmp_path, carrier="procrastinate")
    async with (
        opened(url) as here,
        opened(url) as there,
        app_over(there, settings).delivery.running({}),
        served(without_turns(app_over(here, settings))) as server,
        server.http() as client,
        server.chat((await begin(client))["session_id"]) as chat,
    ):
        await chat.begin()
        first = await chat.say("Where exactly does it hurt?", "e1")
        again = await chat.say("Where exactly does it hurt?", "e1")
        assert first["content"]
        assert first["message_id"] == again["message_id"]
