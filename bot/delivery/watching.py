"""How delivery stands: what waits and for how long, what was given up, who works."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Select, Table, case, func, select, text

from bot.delivery import leases, workers
from bot.standing import Standing, stuck_after
from bot.store.queues import GIVEN_UP, OPEN, WAITING, InboxRow, LeaseRow, OutboxRow
from engine.store import Transaction

MOST: Final = 10_000
"""So far it is counted: looking is to be quick, above all when things stand badly."""

_NONE: Final = timedelta(0)
_IN: Final = cast("Table", InboxRow.__table__)
_OUT: Final = cast("Table", OutboxRow.__table__)
_LEASES: Final = cast("Table", LeaseRow.__table__)


async def standing(tx: Transaction, now: datetime, *, turn_seconds: float) -> Standing:
    """How delivery stands. Only reads, and only what is not done yet or was given up.

    `turn_seconds`: how long a reply may take.
    """
    waiting, due = await _waiting(tx, now)
    unsent, since, put_off = await _unsent(tx, now)
    held, held_for, left = await _lanes(tx)
    known = await workers.all_(tx)
    dead = workers.gone(known, now)
    return Standing(
        late=_since(due, now),
        waiting=waiting,
        dead=await _given_up(tx, _IN, "dead"),
        unsent_late=_since(since, now),
        unsent=unsent,
        put_off=put_off,
        unsent_dead=await _given_up(tx, _OUT, "dead"),
        letters=await _given_up(tx, _OUT, "dead", _OUT.c.kind == "dm"),
        unknown=await _given_up(tx, _OUT, "unknown"),
        held=held,
        held_for=held_for,
        left=left,
        alive=len(known) - len(dead),
        gone=len(dead),
        unheard=max((_since(one.seen_at, now) for one in known), default=_NONE),
        most=stuck_after(turn_seconds),
    )


async def _waiting(tx: Transaction, now: datetime) -> tuple[int, datetime | None]:
    """How many events are to be handled, and since when the oldest is."""
    rows = select(_IN.c.due).where(text(WAITING), _IN.c.due <= now).limit(MOST).subquery()
    found = (await tx.execute(select(func.count(), func.min(rows.c.due)))).one()
    return found[0], found[1]


async def _unsent(tx: Transaction, now: datetime) -> tuple[int, datetime | None, int]:
    """How many things are to be shown, since when the oldest is, and how many were put off.

    What is tried again is due later than it was; whoever waits for it waits since it was stored.
    """
    rows = select(_OUT.c.created_at, _OUT.c.due).where(text(OPEN)).limit(MOST).subquery()
    put_off = func.sum(case((rows.c.due > now, 1), else_=0))
    found = (await tx.execute(select(func.count(), func.min(rows.c.created_at), put_off))).one()
    return found[0], found[1], found[2] or 0


async def _lanes(tx: Transaction) -> tuple[int, timedelta, int]:
    """How many lanes are worked on, for how long the longest, and how many were left.

    Those that were left somebody had who stands still or died.
    """
    clock = leases.clock(tx)
    owned, ends = _LEASES.c.owner.is_not(None), _LEASES.c.until
    held = select(func.count(), func.min(_LEASES.c.since), clock).where(owned, ends >= clock)
    count, since, now = (await tx.execute(held)).one()
    left = await tx.scalar(select(func.count()).where(owned, ends < clock))
    return count, _since(since, now), left or 0


async def _given_up(tx: Transaction, table: Table, state: str, *more: ColumnElement[bool]) -> int:
    is_so: ColumnElement[bool] = table.c.state == state
    rows: Select[Any] = select(table.c.id).where(text(GIVEN_UP), is_so, *more).limit(MOST)
    return await tx.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _since(due: datetime | None, now: datetime) -> timedelta:
    return max(_NONE, now - due) if due else _NONE
