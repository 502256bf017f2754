"""Where there are no threads, one simulation is in front, and others are held for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.port import ThreadRef, UserRef
from bot import people
from bot.store.database import Database
from engine.store import sessions
from tests.contract.fake_platform import parse
from tests.contract.fake_platform.adapter import FakeAdapter
from tests.integration.bot.stage import Stage

DM = "DU1"


class Flat(FakeAdapter):
    """A platform without threads: whatever is opened is where one is."""

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        return near


class FlatStage(Stage):
    adapter_of = Flat


@pytest.fixture
async def flat(database: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    async with FlatStage(database, tmp_path).open() as stage:
        await stage.says("/sim start chest-pain", where=DM)
        await stage.presses("agree:chest-pain", where=DM)
        yield stage


async def standing(stage: Stage) -> dict[str, str]:
    async with stage.database.reading() as tx:
        person = await people.known(tx, people.account_of(parse.user_ref("U1")))
        assert person is not None
        found = await sessions.of_person(tx, person)
    return {one.scenario_id: one.status for one in found}


async def test_another_one_is_asked_for_once_and_holds_the_first(flat: Stage) -> None:
    assert "alf one" in await flat.says("When did it start?", where=DM)
    asked = await flat.says("/sim start first-visit", where=DM)
    assert "Start **" in asked
    assert "[Start it and hold the first] [Keep going]" in asked
    assert await standing(flat) == {"chest-pain": "in_progress"}
    started = await flat.presses("start:first-visit:" + mode_in(flat) + ":yes", where=DM)
    assert "is on hold; its clock stands" in started
    assert await standing(flat) == {"chest-pain": "paused", "first-visit": "in_progress"}
    heard = await flat.says("Hello, I am from the council.", where=DM)
    assert "Colin Marsh" not in heard


async def test_the_end_of_the_second_brings_the_first_back(flat: Stage) -> None:
    await flat.says("/sim start first-visit hold=yes", where=DM)
    ended = await flat.says("!end", where=DM)
    assert "A weight on the chest** is still on hold. Go on with it?" in ended
    back = await flat.presses("continue:chest-pain", where=DM)
    assert "You are back in **A weight on the chest**" in back
    assert await standing(flat) == {"chest-pain": "in_progress", "first-visit": "completed"}
    assert "alf one" in await flat.says("When did it start?", where=DM)
    assert "still on hold" not in await flat.says("!end", where=DM)


async def test_keeping_on_changes_nothing(flat: Stage) -> None:
    await flat.says("/sim start first-visit", where=DM)
    await flat.presses("continue:chest-pain", where=DM)
    assert await standing(flat) == {"chest-pain": "in_progress"}
    assert "alf one" in await flat.says("When did it start?", where=DM)


async def test_going_on_with_the_held_one_holds_the_other(flat: Stage) -> None:
    await flat.says("/sim start first-visit hold=yes", where=DM)
    told = await flat.says("/sim continue chest-pain", where=DM)
    assert "is on hold" in told
    assert await standing(flat) == {"chest-pain": "in_progress", "first-visit": "paused"}


def mode_in(stage: Stage) -> str:
    """The mode in the button that holds the first."""
    ids = [
        button["id"]
        for one in stage.server.posted.values()
        for button in one.body.get("buttons", ())
        if button["id"].startswith("start:first-visit:")
    ]
    return str(ids[-1].split(":")[2])
