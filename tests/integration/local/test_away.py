"""The database goes away under a whole server: people see that, and what they wrote comes once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store.database import Database
from engine.events import TraineeSaid
from engine.store import events
from engine.store.tables import SessionRow
from tests.integration.bot.stage import Stoppable
from tests.integration.local.rig import Browser, Frame, app_of, browser, workspace

WORDS = "Where does it hurt?"


@asynccontextmanager
async def playing(
    database: Database, folder: Path
) -> AsyncIterator[tuple[Stoppable, Browser, str]]:
    """A server over a database that can be stopped, and somebody in a session's thread."""
    stoppable = Stoppable(database.url.render_as_string(hide_password=False))
    async with workspace(app_of(stoppable, folder)) as server, browser(server.address) as ana:
        thread = await ana.begins("chest-pain")
        await speaks(ana, thread)
        yield stoppable, ana, thread
    await stoppable.close()


async def speaks(ana: Browser, thread: str) -> None:
    """Wait for a line of a character."""
    while (await ana.message(place=thread))["speaker"]["role"] != "character":
        pass


async def told(ana: Browser, what: str) -> None:
    """Wait until the page is told to show its notice, or to take it away."""
    while (await ana.next())["type"] != what:
        pass


async def sends(ana: Browser, thread: str) -> int:
    """Send the words as the page does, with the same id each time; how that was answered."""
    said = {"text": WORDS, "event_id": "said-1"}
    return (await ana.http.post(f"/local/api/places/{thread}/messages", json=said)).status_code


async def standing(ana: Browser, thread: str) -> list[Frame]:
    found = (await ana.get(f"api/places/{thread}/messages"))["messages"]
    return [one for one in found if one["text"] == WORDS]


async def heard(database: Database) -> int:
    """How often the log has the words."""
    async with database.reading() as tx:
        [played] = await tx.scalars(select(SessionRow.id))
        log = await events.of_session(tx, played)
    return sum(isinstance(one, TraineeSaid) and one.text == WORDS for one in log)


async def test_what_cannot_be_stored_is_not_acknowledged_and_comes_once(
    sqlite: Database, tmp_path: Path
) -> None:
    async with playing(sqlite, tmp_path) as (store, ana, thread):
        store.left = 0
        for _ in range(3):
            assert await sends(ana, thread) == 503
        await told(ana, "down")
        store.left = None
        await told(ana, "up")
        for _ in range(2):
            assert await sends(ana, thread) == 202
        await speaks(ana, thread)
        assert len(await standing(ana, thread)) == 1
        assert await heard(store) == 1


@pytest.mark.parametrize("after", range(1, 9))
async def test_words_come_once_wherever_it_stopped(
    sqlite: Database, tmp_path: Path, after: int
) -> None:
    async with playing(sqlite, tmp_path) as (store, ana, thread):
        store.left = after
        first = await sends(ana, thread)
        assert first in {202, 503}
        store.left = None
        while first != 202:
            first = await sends(ana, thread)
        await speaks(ana, thread)
        assert len(await standing(ana, thread)) == 1
        assert await heard(store) == 1
