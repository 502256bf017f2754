"""Lets go of what delivery kept: of somebody who is forgotten, and of what is old."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    text,
    update,
)

from bot.incoming import CLOCK
from bot.store.locking import hold_lanes
from bot.store.queues import OPEN, POST_LANE, WAITING, InboxRow, LeaseRow, OutboxRow
from bot.store.tables import DoorRow
from bot.store.wording import without
from engine.store import Transaction
from engine.store.forget import Forgotten
from engine.store.removal import Trace
from engine.store.tables import SessionRow

KEPT: Final = timedelta(days=7)
"""So long it is known that an event came: no platform delivers one again after more days."""

AT_ONCE: Final = 500
"""Rows that one transaction removes."""


async def forget(
    tx: Transaction,
    person: str,
    accounts: Iterable[tuple[str, str, str]],
    forgotten: Forgotten,
    letters: Sequence[str] = (),
    and_then: Iterable[str] = (),
) -> None:
    """Remove what came from a person and their accounts, (platform, workspace, id) each.

    What was still to be shown of sessions that were deleted goes as well, and what was to be shown
    because of `letters`; what is to be shown of others is shown without them. `and_then`: lanes
    that get work afterwards, in the same transaction.
    """
    sessions, traces = forgotten.deleted, forgotten.traces
    held = tuple(accounts)
    authors = ["/".join(account) for account in held]
    lanes = [f"{POST_LANE}{platform}/{space}/dm:{account}" for platform, space, account in held]
    came = or_(InboxRow.author.in_(authors), InboxRow.person_id == person)
    went = [*_answers(came), OutboxRow.lane.in_(lanes), OutboxRow.event.in_(letters)]
    busy = [await _busy(tx, InboxRow, came)] + [await _busy(tx, OutboxRow, one) for one in went]
    others = [OutboxRow.session_id.in_(some) for some in _parts(forgotten.cleaned)]
    busy += [await _busy(tx, OutboxRow, one) for one in others]
    await hold_lanes(tx, set(and_then).union(*busy, await _busy_for(tx, sessions)))
    for one in went:
        await tx.execute(delete(OutboxRow).where(one))
    await tx.execute(delete(InboxRow).where(came))
    await _of_sessions(tx, sessions)
    for session_id, trace in traces.items():
        await _take_out(tx, session_id, trace)


async def _take_out(tx: Transaction, session_id: str, trace: Trace) -> None:
    """Let what is to be shown of a session be shown without somebody."""
    here = (OutboxRow.session_id == session_id, OutboxRow.body != "")
    for row in (await tx.execute(select(OutboxRow.id, OutboxRow.body).where(*here))).all():
        body = without(row.body, trace)
        if body != row.body:
            await tx.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(body=body))


def _answers(came: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """What was to be shown because of what somebody wrote, sessions or not.

    What was made of it has the event's name in front of its own.
    """
    mine = select(InboxRow.tenant + ":" + InboxRow.event_id).where(came)
    events = [OutboxRow.event.in_(select(mine.subquery().c[0] + end)) for end in ("", ":dead")]
    names = mine.subquery()
    begins = func.substr(OutboxRow.event, 1, func.length(names.c[0]) + 1) == names.c[0] + "#"
    mishaps = OutboxRow.event.endswith(":not_shown")
    return [*events, and_(mishaps, exists(select(names.c[0]).where(begins)))]


async def _busy(
    tx: Transaction, row: type[InboxRow | OutboxRow], which: ColumnElement[bool]
) -> set[str]:
    """The lanes of what waits among these rows."""
    waits = text(WAITING if row is InboxRow else OPEN)
    return set(await tx.scalars(select(row.lane).where(which, waits).distinct()))


async def _busy_for(tx: Transaction, session_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in _parts(session_ids):
        for row in (InboxRow, OutboxRow):
            found |= await _busy(tx, row, row.session_id.in_(some))
    return found


def _parts(session_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(session_ids), AT_ONCE):
        yield session_ids[at : at + AT_ONCE]


async def of_sessions(tx: Transaction, session_ids: Sequence[str]) -> None:
    """Remove what belongs to sessions; call it in the transaction that deletes them."""
    await hold_lanes(tx, await _busy_for(tx, session_ids))
    await _of_sessions(tx, session_ids)


async def _of_sessions(tx: Transaction, session_ids: Sequence[str]) -> None:
    for some in _parts(session_ids):
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
        ids = (await tx.scalars(_free(select(row.id).where(*lost)))).all()
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
        ids = (await tx.scalars(_free(old_ones))).all()
        await tx.execute(delete(row).where(row.id.in_(ids)))
        if len(ids) == AT_ONCE:
            return True
    waits = select(InboxRow.id).where(InboxRow.lane == LeaseRow.lane, text(WAITING))
    shows = select(OutboxRow.id).where(OutboxRow.lane == LeaseRow.lane, text(OPEN))
    idle = LeaseRow.owner.is_(None), LeaseRow.due < since, ~exists(waits), ~exists(shows)
    lanes = (await tx.scalars(_free(select(LeaseRow.lane).where(*idle)))).all()
    await tx.execute(delete(LeaseRow).where(LeaseRow.lane.in_(lanes)))
    return len(lanes) == AT_ONCE


def _free(rows: Select[Any]) -> Select[Any]:
    """Some of these rows, without those that somebody holds: they go the next time."""
    return rows.limit(AT_ONCE).with_for_update(skip_locked=True)


async def shut(tx: Transaction, lanes: str, threads: str) -> None:
    """Close threads that nobody can show anything in any more, and what waits to be shown there.

    Both are the beginnings of names.
    """
    await shut_doors(tx, threads)
    await never_shown(tx, lanes)


async def shut_doors(tx: Transaction, threads: str) -> None:
    """Let threads lead nowhere."""
    here = DoorRow.thread_key.startswith(threads, autoescape=True)
    await tx.execute(update(DoorRow).where(here).values(open=False))


async def never_shown(tx: Transaction, lanes: str) -> None:
    """Let go of what waits to be shown on lanes that begin like this."""
    theirs = select(LeaseRow.lane).where(LeaseRow.lane.startswith(lanes, autoescape=True))
    held = (await tx.scalars(theirs)).all()
    await hold_lanes(tx, held)
    await tx.execute(delete(LeaseRow).where(LeaseRow.lane.in_(held)))
    own = OutboxRow.lane.startswith(lanes, autoescape=True)
    await tx.execute(delete(OutboxRow).where(own, text(OPEN)))
    await tx.execute(update(OutboxRow).where(own).values(card=None))  # Nobody can change it.
