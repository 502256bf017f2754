"""Lets go of what delivery kept: of somebody who is forgotten, and of what is old."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, exists, func, not_, or_, select, text, update

from bot.incoming import CLOCK
from bot.store.queues import OPEN, WAITING, InboxRow, LeaseRow, OutboxRow
from bot.store.tables import DoorRow
from engine.store import Transaction
from engine.store.tables import SessionRow

KEPT: Final = timedelta(days=7)
"""So long it is known that an event came: no platform delivers one again after more days."""

AT_ONCE: Final = 500
"""Rows that one transaction removes."""


async def forget(
    tx: Transaction,
    person: str,
    accounts: Iterable[tuple[str, str, str]],
    sessions: Sequence[str] = (),
) -> None:
    """Remove what came from a person and their accounts, (platform, workspace, id) each.

    `sessions`: those that were deleted with them. What was still to be shown of these goes as well.
    """
    held = tuple(accounts)
    authors = ["/".join(account) for account in held]
    await _answers(tx, person, authors)
    for platform, workspace, account in held:
        await tx.execute(
            delete(OutboxRow).where(OutboxRow.lane == f"post:{platform}/{workspace}/dm:{account}")
        )
    await tx.execute(
        delete(InboxRow).where(or_(InboxRow.author.in_(authors), InboxRow.person_id == person))
    )
    await of_sessions(tx, sessions)


async def _answers(tx: Transaction, person: str, authors: Sequence[str]) -> None:
    """Remove what was to be shown because of what somebody wrote, sessions or not.

    What was made of it has the event's name in front of its own.
    """
    mine = select(InboxRow.tenant + ":" + InboxRow.event_id).where(
        or_(InboxRow.author.in_(authors), InboxRow.person_id == person)
    )
    for end in ("", ":dead"):
        events = select(mine.subquery().c[0] + end)
        await tx.execute(delete(OutboxRow).where(OutboxRow.event.in_(events)))
    names = mine.subquery()
    begins = func.substr(OutboxRow.event, 1, func.length(names.c[0]) + 1) == names.c[0] + "#"
    mishaps = OutboxRow.event.endswith(":not_shown")
    await tx.execute(delete(OutboxRow).where(mishaps, exists(select(names.c[0]).where(begins))))


async def of_sessions(tx: Transaction, session_ids: Sequence[str]) -> None:
    """Remove what belongs to sessions; call it in the transaction that deletes them."""
    for at in range(0, len(session_ids), AT_ONCE):
        some = session_ids[at : at + AT_ONCE]
        for row in (InboxRow, OutboxRow):
            await tx.execute(delete(row).where(row.session_id.in_(some)))


async def spoken_to(tx: Transaction, session_ids: Sequence[str]) -> set[str]:
    """Those sessions in which what somebody did is still to be handled; the clock is nobody."""
    of_the_clock = InboxRow.tenant == f"{CLOCK.platform}/{CLOCK.workspace}"
    waits = select(InboxRow.session_id).where(InboxRow.session_id.in_(session_ids), text(WAITING))
    return {one for one in await tx.scalars(waits.where(not_(of_the_clock))) if one}


async def orphans(tx: Transaction) -> bool:
    """Remove some of what belongs to sessions that are not there; whether there may be more.

    Something may be stored for a session just as it goes.
    """
    for row in (InboxRow, OutboxRow):
        lost = row.session_id.is_not(None), ~exists().where(SessionRow.id == row.session_id)
        ids = (await tx.scalars(select(row.id).where(*lost).limit(AT_ONCE))).all()
        await tx.execute(delete(row).where(row.id.in_(ids)))
        if len(ids) == AT_ONCE:
            return True
    return False


async def old(tx: Transaction, now: datetime) -> bool:
    """Remove some of what nobody will ask for any more; whether there may be more of it.

    What waits stays, however old it is: a server that stood still handles and shows it once it is
    back. What ended is known for a week from then on. All of it in one go would keep others from
    writing.
    """
    since = now - KEPT
    # What a session's card needs to be changed stays for as long as the session does.
    card = and_(OutboxRow.kind == "post", OutboxRow.state == "sent", OutboxRow.card.is_not(None))
    came = select(InboxRow.id).where(
        InboxRow.received_at < since,
        InboxRow.state != "waiting",
        or_(InboxRow.done_at.is_(None), InboxRow.done_at < since),
    )
    went = select(OutboxRow.id).where(
        OutboxRow.created_at < since,
        OutboxRow.state.not_in(("queued", "sending")),
        not_(card),
        OutboxRow.due < since,
        or_(OutboxRow.attempted_at.is_(None), OutboxRow.attempted_at < since),
    )
    for row, old_ones in ((InboxRow, came), (OutboxRow, went)):
        ids = (await tx.scalars(old_ones.limit(AT_ONCE))).all()
        await tx.execute(delete(row).where(row.id.in_(ids)))
        if len(ids) == AT_ONCE:
            return True
    waits = select(InboxRow.id).where(InboxRow.lane == LeaseRow.lane, text(WAITING))
    shows = select(OutboxRow.id).where(OutboxRow.lane == LeaseRow.lane, text(OPEN))
    await tx.execute(
        delete(LeaseRow).where(
            LeaseRow.owner.is_(None), LeaseRow.due < since, ~exists(waits), ~exists(shows)
        )
    )
    return False


async def shut(tx: Transaction, lanes: str, threads: str) -> None:
    """Close threads that nobody can show anything in any more, and what waits to be shown there.

    Both are the beginnings of names.
    """
    own = OutboxRow.lane.startswith(lanes, autoescape=True)
    await tx.execute(delete(OutboxRow).where(own, text(OPEN)))
    await tx.execute(update(OutboxRow).where(own).values(card=None))  # Nobody can change it.
    await tx.execute(delete(LeaseRow).where(LeaseRow.lane.startswith(lanes, autoescape=True)))
    await tx.execute(
        update(DoorRow)
        .where(DoorRow.thread_key.startswith(threads, autoescape=True))
        .values(open=False)
    )
