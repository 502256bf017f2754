"""How delivery stands: what waits and for how long, what was given up, who works."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from bot.delivery import leases, workers
from bot.standing import Standing
from bot.store.queues import InboxRow, OutboxRow
from engine.store import Transaction

_NONE: Final = timedelta(0)


async def standing(tx: Transaction, now: datetime) -> Standing:
    """How delivery stands. Only reads, a handful of rows."""
    came = await _by_state(tx, InboxRow)
    goes = await _by_state(tx, OutboxRow)
    waiting = InboxRow.state == "waiting"
    due = await tx.scalar(select(func.min(InboxRow.due)).where(waiting))
    to_come = await tx.scalar(select(func.count()).where(waiting, InboxRow.due > now)) or 0
    unsent = OutboxRow.state.in_(("queued", "sending"))
    unsent_due = await tx.scalar(select(func.min(OutboxRow.due)).where(unsent))
    held, left = await leases.count(tx)
    known = await workers.all_(tx)
    dead = workers.gone(known, now)
    return Standing(
        late=_since(due, now),
        waiting=came.get("waiting", 0) - to_come,
        dead=came.get("dead", 0),
        unsent_late=_since(unsent_due, now),
        unsent=goes.get("queued", 0) + goes.get("sending", 0),
        unsent_dead=goes.get("dead", 0),
        unknown=goes.get("unknown", 0),
        held=held,
        left=left,
        alive=len(known) - len(dead),
        gone=len(dead),
    )


async def _by_state(tx: Transaction, table: type[InboxRow | OutboxRow]) -> dict[str, int]:
    rows = await tx.execute(select(table.state, func.count()).group_by(table.state))
    return {str(row[0]): int(row[1]) for row in rows}


def _since(due: datetime | None, now: datetime) -> timedelta:
    return max(_NONE, now - due) if due else _NONE
