"""Somebody is forgotten while their words wait for an answer: nothing of theirs is stored after."""

import asyncio

from sqlalchemy import func, select

from bot.store.tables import IdentityRow
from engine.events import TraineeSaid
from engine.store.tables import EventRow
from tests.integration.bot.families import FAMILY
from tests.integration.bot.stage import CHANNEL
from tests.integration.delivery.rig import Line, Meanwhile

OTHERS = "Good morning to you both."
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
