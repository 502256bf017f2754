"""A message that began to grow, and whose question was taken back or given up since."""

from datetime import timedelta
from typing import Final

from sqlalchemy import update

from bot.delivery import inbox, leases
from bot.delivery.lanes import session_lane
from bot.delivery.outbox import Outgoing
from bot.delivery.queueing import STOPPED
from bot.delivery.stored import dump_effect
from bot.store.queues import OutboxRow
from engine.store import Transaction

TURN_WITHIN: Final = timedelta(seconds=6)
"""So long a turn whose question is gone may take at a time until it ends."""


async def is_left(tx: Transaction, row: Outgoing) -> bool:
    """Whether nobody will handle any more what a growing message answers."""
    return not await inbox.waits(tx, row.session_id or "", row.event)


async def is_worked_on(tx: Transaction, row: Outgoing) -> bool:
    """Whether the turn may run all the same, and give the message its end."""
    return await leases.is_taken(tx, session_lane(row.session_id or ""))


async def stop(tx: Transaction, row: Outgoing) -> None:
    """Let a growing message say that it was stopped."""
    body = dump_effect(STOPPED)
    await tx.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(body=body))
