"""Which thread leads to which session, seat and purpose."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, or_, select, update

from adapters.port import Platform, ThreadRef
from adapters.stored import thread_id, thread_of
from bot.store.tables import DoorRow
from engine.store import Transaction
from engine.store.often import often
from engine.store.tables import SessionRow

Purpose = Literal["room", "dm", "brief", "watch", "phone"]

# Built once: every message asks for them.
_T: Final = DoorRow.__table__
_OPEN: Final = often(
    select(_T.c.session_id, _T.c.seat, _T.c.purpose).where(
        _T.c.thread_key == bindparam("at"), _T.c.open.is_(True)
    )
)

ROOMS: Final[tuple[Purpose, ...]] = ("room", "dm")
"""Where a session is played: a thread of its own, or a direct message that it shares with others,
one of which is in front."""

_ROOMS: Final = often(
    select(_T.c.thread_key)
    .where(_T.c.session_id == bindparam("of"), _T.c.open.is_(True))
    .where(or_(*(_T.c.purpose == one for one in ROOMS)))
    .order_by(_T.c.created_at, _T.c.thread_key)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A thread that leads to a session."""

    session_id: str
    seat: str
    purpose: Purpose


async def of_thread(tx: Transaction, thread: ThreadRef) -> Door | None:
    """The open door of a thread, or None: then what is written there belongs to no session."""
    row = (await tx.execute(_OPEN, {"at": thread_id(thread)})).first()
    return Door(session_id=row.session_id, seat=row.seat, purpose=row.purpose) if row else None


async def open_(
    tx: Transaction,
    thread: ThreadRef,
    session_id: str,
    seat: str,
    at: datetime,
    purpose: Purpose = "room",
) -> None:
    """Make a thread lead to a session. A thread leads to one session at a time: the last opened.

    A seat has one open thread of a purpose on a platform, too: what happens is shown once. An older
    one is closed, and `moved_to` says where it went on.
    """
    key = thread_id(thread)
    await tx.execute(update(DoorRow).where(DoorRow.thread_key == key).values(open=False))
    older = [one for one in await _open_of(tx, session_id, seat, purpose) if _beside(one, thread)]
    if older:
        await tx.execute(
            update(DoorRow)
            .where(DoorRow.session_id == session_id, DoorRow.thread_key.in_(older))
            .values(open=False)
        )
    known = await tx.get(DoorRow, (key, session_id))
    if known is None:
        tx.add(
            DoorRow(
                thread_key=key,
                session_id=session_id,
                seat=seat,
                purpose=purpose,
                open=True,
                created_at=at,
            )
        )
    else:
        known.open, known.purpose = True, purpose
    await tx.flush()


async def moved_to(tx: Transaction, thread: ThreadRef) -> ThreadRef | None:
    """The thread in which a session goes on that was in this one before, if there is one."""
    row = await tx.scalar(
        select(DoorRow)
        .where(DoorRow.thread_key == thread_id(thread), DoorRow.open.is_(False))
        .order_by(DoorRow.created_at.desc())
        .limit(1)
    )
    if row is None:
        return None
    found = await _open_of(tx, row.session_id, row.seat, row.purpose)
    return next((thread_of(one) for one in found if _beside(one, thread)), None)


async def _open_of(tx: Transaction, session_id: str, seat: str, purpose: str) -> list[str]:
    """The keys of a seat's open threads."""
    rows = await tx.scalars(
        select(DoorRow.thread_key).where(
            DoorRow.session_id == session_id,
            DoorRow.seat == seat,
            DoorRow.purpose.in_(ROOMS if purpose in ROOMS else (purpose,)),
            DoorRow.open.is_(True),
        )
    )
    return list(rows)


async def in_use(
    tx: Transaction, platform: Platform, limit: int = 200
) -> list[tuple[ThreadRef, datetime]]:
    """The threads on a platform that lead to sessions which go on, with when each was opened."""
    rows = await tx.execute(
        select(DoorRow.thread_key, DoorRow.created_at)
        .join(SessionRow, SessionRow.id == DoorRow.session_id)
        .where(
            DoorRow.open.is_(True),
            DoorRow.thread_key.startswith(f"{platform}/", autoescape=True),
            SessionRow.status.in_(("in_progress", "paused")),
        )
        .order_by(DoorRow.created_at.desc())
        .limit(limit)
    )
    return [(thread_of(key), opened) for key, opened in rows]


def _beside(key: str, thread: ThreadRef) -> bool:
    """Whether a stored thread is another one on the same platform."""
    other = thread_of(key)
    return other.platform == thread.platform and other != thread


async def held(tx: Transaction, session_id: str) -> str | None:
    """The session that rests behind this one in a direct message, if any; the last one held."""
    here = select(DoorRow.thread_key).where(
        DoorRow.session_id == session_id, DoorRow.purpose == "dm", DoorRow.open.is_(True)
    )
    return await tx.scalar(
        select(DoorRow.session_id)
        .join(SessionRow, SessionRow.id == DoorRow.session_id)
        .where(DoorRow.thread_key.in_(here), DoorRow.session_id != session_id)
        .where(DoorRow.purpose == "dm", SessionRow.status == "paused")
        .order_by(DoorRow.created_at.desc())
        .limit(1)
    )


async def are_shut(tx: Transaction, session_id: str) -> bool:
    """Whether a session had threads and none leads to it any more: nobody would see anything."""
    rows = await tx.scalars(select(DoorRow.open).where(DoorRow.session_id == session_id))
    found = rows.all()
    return bool(found) and not any(found)


async def rooms(tx: Transaction, session_id: str) -> tuple[ThreadRef, ...]:
    """The open rooms of a session, on every platform."""
    rows = await tx.scalars(_ROOMS, {"of": session_id})
    return tuple(thread_of(key) for key in rows)


async def threads_of(tx: Transaction, session_ids: Collection[str]) -> tuple[ThreadRef, ...]:
    """Every thread that led to one of these sessions, and never to any other."""
    theirs = select(DoorRow.thread_key).where(DoorRow.session_id.in_(session_ids))
    others = select(DoorRow.thread_key).where(DoorRow.session_id.not_in(session_ids))
    found = await tx.scalars(theirs.where(DoorRow.thread_key.not_in(others)).distinct())
    return tuple(thread_of(key) for key in found)
