"""Taking lanes with something to do: a certain one, or as many as there is room for."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, and_, bindparam, false, or_, select, update

from bot.delivery.leases import (
    DIALECTS,
    ONE_MORE,
    TABLE,
    Known,
    Lease,
    clock_of,
    dialect_of,
    ends,
    lease_end,
    moment,
    token_of,
)
from engine.store import Transaction
from engine.store.often import often

_KINDS: Final = 64
"""A process has one kind of needs, or two; tests have more."""


async def any_due(tx: Transaction, now: datetime, needs: Iterable[str], within: str = "") -> bool:
    """Whether `claim` would find something. Only reads."""
    found = await tx.scalar(_search(tx, needs, within).any, {"now": now, **moment(tx)})
    return found is not None


async def due_lanes(tx: Transaction, now: datetime, needs: Iterable[str], limit: int) -> list[str]:
    """Lanes that `claim` would take, the longest due first. Only reads."""
    given = {"now": now, "most": limit, **moment(tx)}
    return list(await tx.scalars(_search(tx, needs, "").due, given))


async def claim(
    tx: Transaction,
    worker: str,
    now: datetime,
    needs: Iterable[str],
    limit: int,
    *,
    within: str = "",
) -> list[Lease]:
    """Take up to `limit` lanes with something to do, the longest due first.

    Of lanes that need a platform only those that begin with `within`.
    """
    return await _taken(tx, worker, _search(tx, needs, within).claim, {"now": now, "most": limit})


async def take(tx: Transaction, worker: str, lane: str, now: datetime) -> Lease | None:
    """Take a certain lane if something is due on it and nobody has it."""
    taken = await _taken(tx, worker, _TAKE[dialect_of(tx)], {"now": now, "wanted": lane})
    return taken[0] if taken else None


async def _taken(
    tx: Transaction, worker: str, taking: Executable, given: dict[str, Any]
) -> list[Lease]:
    owner, at = token_of(worker), time.monotonic()
    rows = await tx.execute(taking, {**given, "me": owner, **moment(tx), **ends(tx)})
    return [Lease(lane=row.lane, owner=owner, tries=row.tries, known=Known(at)) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """Statements about lanes of certain needs."""

    any: Executable
    due: Executable
    claim: Executable


def _search(tx: Transaction, needs: Iterable[str], within: str) -> _Search:
    return _built(dialect_of(tx), tuple(sorted(needs)), within)


# Built once: putting a statement together costs more than running it.
@lru_cache(_KINDS)
def _built(dialect: str, needs: tuple[str, ...], within: str) -> _Search:
    free = [_is_due(), or_(false(), *(TABLE.c.needs == one for one in needs)), _unowned(dialect)]
    if within:
        free.append(or_(TABLE.c.needs == "", TABLE.c.lane.startswith(within, autoescape=True)))
    found = select(TABLE.c.lane).where(*free)
    longest = found.order_by(TABLE.c.due).limit(bindparam("most"))
    # A table expression is worked out once; in a subquery the limit might count anew for each row.
    chosen = longest.with_for_update(skip_locked=True).cte("chosen")
    return _Search(
        any=often(found.limit(1)),
        due=often(longest),
        claim=_taking(dialect, TABLE.c.lane.in_(select(chosen.c.lane))),
    )


def _take(dialect: str) -> Executable:
    return _taking(dialect, and_(TABLE.c.lane == bindparam("wanted"), _is_due(), _unowned(dialect)))


def _taking(dialect: str, which: ColumnElement[bool]) -> Executable:
    taken = update(TABLE).where(which)
    taken = taken.values(
        owner=bindparam("me"), since=clock_of(dialect), until=lease_end(dialect), tries=ONE_MORE
    )
    return often(taken.returning(TABLE.c.lane, TABLE.c.tries))


def _is_due() -> ColumnElement[bool]:
    return TABLE.c.due <= bindparam("now", type_=TABLE.c.due.type)


def _unowned(dialect: str) -> ColumnElement[bool]:
    return or_(TABLE.c.owner.is_(None), TABLE.c.until < clock_of(dialect))


_TAKE: Final = {one: _take(one) for one in DIALECTS}
