"""A family meeting that several trainees join."""

from collections.abc import Sequence

from sqlalchemy import select

from bot.store.tables import IdentityRow
from engine.store import Transaction
from tests.integration.bot.stage import Stage

FAMILY = "discharge-family-meeting"
ASKS = "Mrs Whitlock, what would you like to happen, and what makes a good day for you?"
GREETS = "Good morning to you both."


async def gathered(stage: Stage, *others: str) -> str:
    """U1 starts it, the others join; the thread."""
    room = await stage.started(FAMILY)
    for who in others:
        await stage.says("!join", where=room, who=who)
        asked = await stage.presses("agree-join", where=room, who=who)
        if "Which part" in asked:
            seat = asked.split("`!join ")[1].split("`")[0]
            await stage.presses(f"join:{seat}", where=room, who=who)
    return room


async def held(stage: Stage, *others: str, said: Sequence[tuple[str, str]]) -> str:
    """They gather, say these lines, each of somebody, and end it; the session's id."""
    room = await gathered(stage, *others)
    for who, line in said:
        await stage.says(line, where=room, who=who)
    await stage.says("!end", where=room)
    return (await stage.session_of(room)).id


async def person_of(tx: Transaction, user: str) -> str:
    """The id of the person with this account."""
    found = await tx.scalar(select(IdentityRow.person_id).where(IdentityRow.user_id == user))
    assert found is not None
    return found
