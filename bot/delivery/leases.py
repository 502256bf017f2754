"""Who works on which lane. A lease is fenced: whoever lost it can commit nothing more under it.

Leases run on the database's clock where it has one, so that machines need not agree on the time.
When work is due is told by the application's clock, which tests move.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.queues import LeaseRow
from engine.store import Transaction

LEASE_SECONDS: Final = 9.0
"""A process that stands still for longer loses its lanes to another."""


class LeaseLost(Exception):
    """Another process has this lane now; nothing was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lane in our hands. `owner` is the process and a token of this very lease."""

    lane: str
    owner: str
    tries: int = 0


def token_of(worker: str) -> str:
    """A new owner's name; it begins with the worker's id."""
    return f"{worker}:{uuid4().hex}"


async def touch(tx: Transaction, lane: str, due: datetime, *, needs: str = "") -> None:
    """Say that there is something to do on a lane from `due` on."""
    row = {"lane": lane, "needs": needs, "due": due, "owner": None, "until": None, "tries": 0}
    insert = _insert(tx).values(row)
    earlier = case(
        (or_(LeaseRow.due.is_(None), LeaseRow.due > due), literal(due, LeaseRow.due.type)),
        else_=LeaseRow.due,
    )
    await tx.execute(insert.on_conflict_do_update(index_elements=["lane"], set_={"due": earlier}))


async def any_due(tx: Transaction, now: datetime, needs: Iterable[str], within: str = "") -> bool:
    """Whether `claim` would find something. Only reads."""
    found = await tx.scalar(select(LeaseRow.lane).where(*_free(tx, now, needs, within)).limit(1))
    return found is not None


async def due_lanes(tx: Transaction, now: datetime, needs: Iterable[str], limit: int) -> list[str]:
    """Lanes that `claim` would take, the longest due first. Only reads."""
    free = select(LeaseRow.lane).where(*_free(tx, now, needs, ""))
    return list(await tx.scalars(free.order_by(LeaseRow.due).limit(limit)))


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
    wanted = select(LeaseRow.lane).where(*_free(tx, now, needs, within)).order_by(LeaseRow.due)
    # A table expression is worked out once; in a subquery the limit might count anew for each row.
    chosen = wanted.limit(limit).with_for_update(skip_locked=True).cte("chosen")
    return await _take(tx, worker, LeaseRow.lane.in_(select(chosen.c.lane)))


async def take(tx: Transaction, worker: str, lane: str, now: datetime) -> Lease | None:
    """Take a certain lane if something is due on it and nobody has it."""
    free = and_(LeaseRow.lane == lane, LeaseRow.due <= now, _unowned(tx))
    taken = await _take(tx, worker, free)
    return taken[0] if taken else None


async def fence(tx: Transaction, lease: Lease) -> None:
    """Keep the lane locked until this transaction ends, and ours for a whole lease from now.

    What the transaction stores counts as a success.

    Raises:
        LeaseLost: another process has it.
    """
    await _hold(tx, lease, tries=0)


async def hold(tx: Transaction, lease: Lease) -> None:
    """As `fence`, for what is no success yet."""
    await _hold(tx, lease)


async def _hold(tx: Transaction, lease: Lease, **values: int) -> None:
    held = await tx.scalar(
        update(LeaseRow)
        .where(*_held(lease))
        .values(until=_end(tx), **values)
        .returning(LeaseRow.lane)
    )
    if held is None:
        raise LeaseLost(lease.lane)


async def release(tx: Transaction, lease: Lease, due: datetime | None) -> bool:
    """Give a lane back, with more to do from `due` on, or nothing. False: it was lost."""
    if due is None:
        given = delete(LeaseRow).where(*_held(lease)).returning(LeaseRow.lane)
        return await tx.scalar(given) is not None
    kept = update(LeaseRow).where(*_held(lease)).values(owner=None, until=None, due=due)
    return await tx.scalar(kept.returning(LeaseRow.lane)) is not None


async def extend(tx: Transaction, held: Collection[Lease]) -> None:
    """Hold lanes for longer, but for those that their work holds locked: it holds them itself."""
    lanes = {lease.lane for lease in held}
    owners = {lease.owner for lease in held}
    if lanes:
        mine = select(LeaseRow.lane).where(LeaseRow.lane.in_(lanes), LeaseRow.owner.in_(owners))
        free_ = mine.with_for_update(skip_locked=True).cte("free")
        await tx.execute(
            update(LeaseRow)
            .where(LeaseRow.lane.in_(select(free_.c.lane)), LeaseRow.owner.in_(owners))
            .values(until=_end(tx))
        )


async def drop(tx: Transaction, lease: Lease) -> None:
    """Give a lane back with everything on it still to do."""
    await tx.execute(update(LeaseRow).where(*_held(lease)).values(owner=None, until=None))


async def free(tx: Transaction, workers: Sequence[str]) -> None:
    """Let others have the lanes of processes that are gone."""
    for worker in workers:
        await tx.execute(update(LeaseRow).where(_of(worker)).values(owner=None, until=None))


async def is_taken(tx: Transaction, lane: str) -> bool:
    """Whether somebody works on a lane just now."""
    found = await tx.scalar(
        select(LeaseRow.lane).where(
            LeaseRow.lane == lane, LeaseRow.owner.is_not(None), LeaseRow.until >= _clock(tx)
        )
    )
    return found is not None


async def count(tx: Transaction) -> tuple[int, int]:
    """How many lanes are worked on, and how many were left by somebody who stands still or died."""
    owned = select(func.count()).where(LeaseRow.owner.is_not(None))
    held = await tx.scalar(owned.where(LeaseRow.until >= _clock(tx)))
    left = await tx.scalar(owned.where(LeaseRow.until < _clock(tx)))
    return held or 0, left or 0


async def _take(tx: Transaction, worker: str, which: ColumnElement[bool]) -> list[Lease]:
    owner = token_of(worker)
    rows = await tx.execute(
        update(LeaseRow)
        .where(which)
        .values(owner=owner, until=_end(tx), tries=LeaseRow.tries + 1)
        .returning(LeaseRow.lane, LeaseRow.tries)
    )
    return [Lease(lane=row.lane, owner=owner, tries=row.tries) for row in rows]


def _free(
    tx: Transaction, now: datetime, needs: Iterable[str], within: str
) -> list[ColumnElement[bool]]:
    found = [LeaseRow.due <= now, LeaseRow.needs.in_(list(needs)), _unowned(tx)]
    if within:
        found.append(or_(LeaseRow.needs == "", LeaseRow.lane.startswith(within, autoescape=True)))
    return found


def _unowned(tx: Transaction) -> ColumnElement[bool]:
    return or_(LeaseRow.owner.is_(None), LeaseRow.until < _clock(tx))


def _held(lease: Lease) -> list[ColumnElement[bool]]:
    return [LeaseRow.lane == lease.lane, LeaseRow.owner == lease.owner]


def _of(worker: str) -> ColumnElement[bool]:
    return and_(LeaseRow.owner >= f"{worker}:", LeaseRow.owner < f"{worker};")


def _is_postgres(tx: Transaction) -> bool:
    return tx.get_bind().dialect.name == "postgresql"


def _insert(tx: Transaction) -> Any:
    build = postgresql.insert if _is_postgres(tx) else sqlite.insert
    return build(LeaseRow)


def _clock(tx: Transaction) -> ColumnElement[Any]:
    if _is_postgres(tx):
        return func.clock_timestamp()
    return literal(datetime.now(UTC), LeaseRow.until.type)


def _end(tx: Transaction) -> Any:
    length = timedelta(seconds=LEASE_SECONDS)
    return func.clock_timestamp() + length if _is_postgres(tx) else datetime.now(UTC) + length
