"""Lets go of what delivery kept: of somebody who is forgotten, and of what is old."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, or_, select, text, update

from bot.store.queues import OPEN, WAITING, InboxRow, LeaseRow, OutboxRow
from bot.store.tables import DoorRow
from engine.store import Transaction
from engine.store.tables import SessionRow

KEPT: Final = timedelta(days=7)
"""So long it is known that an event came: no platform delivers one again after more days."""


async def forget(tx: Transaction, person: str, accounts: Iterable[tuple[str, str, str]]) -> None:
    """Remove what came from a person and their accounts, (platform, workspace, id) each.

    Call it once their sessions are deleted: what was still to be shown of those goes as well.
    """
    authors = ["/".join(account) for account in accounts]
    await tx.execute(
        delete(InboxRow).where(or_(InboxRow.author.in_(authors), InboxRow.person_id == person))
    )
    await orphans(tx)


async def orphans(tx: Transaction) -> None:
    """Remove what belongs to sessions that are deleted."""
    for row in (InboxRow, OutboxRow):
        await tx.execute(
            delete(row).where(
                row.session_id.is_not(None),
                ~exists(select(SessionRow.id).where(SessionRow.id == row.session_id)),
            )
        )


async def old(tx: Transaction, now: datetime) -> None:
    """Remove what nobody will ask for any more; what is still to come stays."""
    since = now - KEPT
    handled = or_(InboxRow.state != "waiting", InboxRow.due < since)
    await tx.execute(delete(InboxRow).where(InboxRow.received_at < since, handled))
    await tx.execute(delete(OutboxRow).where(OutboxRow.created_at < since))
    waits = select(InboxRow.id).where(InboxRow.lane == LeaseRow.lane, text(WAITING))
    shows = select(OutboxRow.id).where(OutboxRow.lane == LeaseRow.lane, text(OPEN))
    await tx.execute(
        delete(LeaseRow).where(
            LeaseRow.owner.is_(None), LeaseRow.due < since, ~exists(waits), ~exists(shows)
        )
    )


async def shut(tx: Transaction, lanes: str, threads: str) -> None:
    """Close threads that nobody can show anything in any more, and what waits to be shown there.

    Both are the beginnings of names.
    """
    own = OutboxRow.lane.startswith(lanes, autoescape=True)
    await tx.execute(delete(OutboxRow).where(own, text(OPEN)))
    await tx.execute(delete(LeaseRow).where(LeaseRow.lane.startswith(lanes, autoescape=True)))
    await tx.execute(
        update(DoorRow)
        .where(DoorRow.thread_key.startswith(threads, autoescape=True))
        .values(open=False)
    )
