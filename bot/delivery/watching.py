"""How delivery stands: what waits and for how long, what was given up, who works."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Select, Table, func, select, text

from bot.delivery import leases, workers
from bot.standing import Standing
from bot.store.queues import GIVEN_UP, OPEN, WAITING, InboxRow, OutboxRow
from engine.store import Transaction

MOST: Final = 10_000
"""So far it is counted: looking is to be quick, above all when things stand badly."""

_NONE: Final = timedelta(0)
_IN: Final = cast("Table", InboxRow.__table__)
_OUT: Final = cast("Table", OutboxRow.__table__)


async def standing(tx: Transaction, now: datetime) -> Standing:
    """How delivery stands. Only reads, and only what is not done yet or was given up."""
    waiting, due = await _open(tx, _IN, text(WAITING), _IN.c.due <= now)
    unsent, unsent_due = await _open(tx, _OUT, text(OPEN))
    held, left = await leases.count(tx)
    known = await workers.all_(tx)
    dead = workers.gone(known, now)
    return Standing(
        late=_since(due, now),
        waiting=waiting,
        dead=await _given_up(tx, _IN, "dead"),
        unsent_late=_since(unsent_due, now),
        unsent=unsent,
        unsent_dead=await _given_up(tx, _OUT, "dead"),
        unknown=await _given_up(tx, _OUT, "unknown"),
        held=held,
        left=left,
        alive=len(known) - len(dead),
        gone=len(dead),
    )


async def _open(tx: Transaction, table: Table, *which: Any) -> tuple[int, datetime | None]:
    """How many rows are open, and since when the oldest is due."""
    rows = select(table.c.due).where(*which).limit(MOST).subquery()
    found = (await tx.execute(select(func.count(), func.min(rows.c.due)))).one()
    return found[0], found[1]


async def _given_up(tx: Transaction, table: Table, state: str) -> int:
    is_so: ColumnElement[bool] = table.c.state == state
    rows: Select[Any] = select(table.c.id).where(text(GIVEN_UP), is_so).limit(MOST)
    return await tx.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _since(due: datetime | None, now: datetime) -> timedelta:
    return max(_NONE, now - due) if due else _NONE
