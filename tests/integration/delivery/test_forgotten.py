"""Somebody is forgotten while their words wait for an answer: nothing of theirs is stored after."""

import asyncio

from sqlalchemy import func, select, update

from adapters.errors import PlatformDown
from bot import people
from bot.replaying import unlike_its_log
from bot.store.tables import IdentityRow, PersonRow
from engine.events import TraineeSaid
from engine.store.tables import EventRow
from tests.integration.bot.families import FAMILY, gathered, person_of
from tests.integration.bot.stage import CHANNEL
from tests.integration.delivery.rig import Line, Meanwhile

OTHERS = "Good morning to you both."
NAME = "Ana Silva"
THEIRS = "My own words, which I want gone."


async def test_words_under_way_are_not_stored_for_somebody_who_was_forgotten(line: Line) -> None:
    room = await line.started(FAMILY)
    await line.says("!join", where=room, who="U2")
    asked = await line.presses("agree-join", where=room, who="U2")
    seat = asked.split("`!join ")[1].split("`")[0]
    await line.presses(f"join:{seat}", where=room, who="U2")
    await line.says(OTHERS, where=room, who="U2")
    turn = Meanwhile(line)
    await turn.begin(THEIRS, room)
    line.works = False
    await line.leaves("/sim forget-me yes", where=CHANNEL)
    turn.work()
    async with asyncio.timeout(20):
        while await known(line, "U1"):  # noqa: ASYNC110 - another task forgets them
            await asyncio.sleep(0)
    await turn.go_on()
    async with line.database.reading() as tx:
        said = select(EventRow.body).where(EventRow.kind == TraineeSaid.kind)
        words = [one["text"] for one in await tx.scalars(said)]
    assert OTHERS in words
    assert THEIRS not in words


async def known(line: Line, account: str) -> int:
    """How many accounts are called that."""
    async with line.database.reading() as tx:
        held = select(func.count()).where(IdentityRow.user_id == account)
        return await tx.scalar(held) or 0


async def test_a_line_that_waits_is_shown_without_the_name_of_who_was_forgotten(line: Line) -> None:
    room = await gathered(line, "U2")
    line.adapter.failures = [PlatformDown()] * 90
    line.model.pieces = (f"So you are [{NAME}], are you?",)
    async with line.database.transaction() as tx:
        await tx.execute(update(PersonRow).values(name="Ben"))
        ana = select(IdentityRow.person_id).where(IdentityRow.user_id == "U1").scalar_subquery()
        await tx.execute(update(PersonRow).where(PersonRow.id == ana).values(name=NAME))
    await line.says(OTHERS, where=room, who="U2")
    assert any(NAME in one.body for one in await line.outbox())
    async with line.database.transaction() as tx:
        await people.forget(tx, await person_of(tx, "U1"))
    waiting = [one for one in await line.outbox() if "So you are" in one.body]
    assert waiting
    assert not any("Ana" in one.body or "Silva" in one.body for one in await line.outbox())
    record = await line.session_of(room)
    async with line.database.reading() as tx:
        assert await unlike_its_log(tx, line.app.services, record.id) == []
    line.adapter.failures = []
    await line.later(900)
    assert r"So you are \[\[removed\]\], are you?" in line.shown(room)
