"""Which thread leads to which session, seat and purpose."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update

from adapters.port import ThreadRef
from adapters.stored import thread_id, thread_of
from bot.store.tables import DoorRow
from engine.store import Transaction

Purpose = Literal["room", "dm", "brief", "watch", "phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A thread that leads to a session."""

    session_id: str
    seat: str
    purpose: Purpose


async def of_thread(tx: Transaction, thread: ThreadRef) -> Door | None:
    """The open door of a thread, or None: then what is written there belongs to no session."""
    row = await tx.scalar(
        select(DoorRow).where(DoorRow.thread_key == thread_id(thread), DoorRow.open.is_(True))
    )
    return Door(session_id=row.session_id, seat=row.seat, purpose=row.purpose) if row else None


async def open_(
    tx: Transaction,
    thread: ThreadRef,
    session_id: str,
    seat: str,
    at: datetime,
    purpose: Purpose = "room",
) -> None:
    """Make a thread lead to a session. A thread leads to one session at a time: the last opened."""
    key = thread_id(thread)
    await tx.execute(update(DoorRow).where(DoorRow.thread_key == key).values(open=False))
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
        known.open = True
    await tx.flush()


async def of_session(tx: Transaction, session_id: str, platform: str) -> tuple[ThreadRef, ...]:
    """The open rooms of a session on one platform."""
    rows = await tx.scalars(
        select(DoorRow.thread_key).where(
            DoorRow.session_id == session_id, DoorRow.open.is_(True), DoorRow.purpose == "room"
        )
    )
    threads = (thread_of(key) for key in rows)
    return tuple(thread for thread in threads if thread.platform == platform)
