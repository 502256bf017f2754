"""What is to happen later: inbox rows with a due time, found by whoever looks for work."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete

from bot.delivery import inbox, leases
from bot.delivery.lanes import session_lane
from bot.incoming import CLOCK, TICK, Errand
from bot.store.queues import InboxRow
from engine.errors import NoSession
from engine.store import Transaction, sessions


async def later(tx: Transaction, errand: Errand, now: datetime) -> bool:
    """Have an errand done from its time on; False where it was set before, whatever became of it.

    It is done once, by any process, in the order of its session where it has one.
    """
    lane = lane_of(errand)
    stored = await inbox.store(
        tx, errand, lane, now, session_id=errand.session_id, due=max(errand.at, now)
    )
    if stored:
        await leases.touch(tx, lane, errand.at)
    return stored


async def never(tx: Transaction, event_id: str) -> bool:
    """Take back an errand that was not done yet; whether there was one."""
    gone = delete(InboxRow).where(
        InboxRow.tenant == f"{CLOCK.platform}/{CLOCK.workspace}",
        InboxRow.event_id == event_id,
        InboxRow.state == "waiting",
    )
    return await tx.scalar(gone.returning(InboxRow.id)) is not None


async def arm(tx: Transaction, session_id: str, due: datetime, now: datetime) -> bool:
    """Let time pass in a session at `due`; False where that was set before."""
    errand = Errand(
        event_id=f"{TICK}:{session_id}:{due.isoformat()}",
        at=due,
        name=TICK,
        about=session_id,
        session_id=session_id,
    )
    return await later(tx, errand, now)


async def wake(tx: Transaction, session_id: str, now: datetime) -> None:
    """Let what is overdue in a session happen: it waited for a thread in which it can be seen."""
    with suppress(NoSession):
        record = await sessions.get(tx, session_id)
        if record.due is not None and record.due <= now:
            await arm(tx, session_id, now, now)


def lane_of(errand: Errand) -> str:
    """The lane of an errand: its session's, else one of its own."""
    return session_lane(errand.session_id) if errand.session_id else f"errand:{errand.event_id}"
