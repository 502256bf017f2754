"""Who works on which lane. A lease is fenced: whoever lost it can commit nothing more under it.

Leases run on the database's clock where it has one, so that machines need not agree on the time.
When work is due is told by the application's clock, which tests move.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Executable,
    ScalarSelect,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.delivery.tries import BASE, MOST, Tries
from bot.store.queues import LeaseRow
from engine.store import Transaction
from engine.store.often import often

_T: Final = cast("Table", LeaseRow.__table__)

LEASE_SECONDS: Final = 8.0
"""A process that stands still for longer loses its lanes to another."""

HOLD_SECONDS: Final = 2.0
"""So often leases are made longer."""


class LeaseLost(Exception):
    """Another process has this lane now; nothing was stored."""


@dataclass(slots=True)
class Known:
    """When a lease was ours for sure, by `time.monotonic`; it is told to all who have the lease."""

    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lane in our hands. `owner` is the process and a token of this very lease.

    `tries` is packed as `Tries` says.
    """

    lane: str
    owner: str
    tries: int = 0
    known: Known = field(default_factory=Known, compare=False)

    @property
    def tried(self) -> Tries:
        """How often work on it ended badly."""
        return Tries.of(self.tries)

    @property
    def shows_until(self) -> float:
        """Until when something may be shown under it without asking, by `time.monotonic`.

        What is on its way by then has as long again until anybody else may have the lane.
        """
        return self.known.at + LEASE_SECONDS / 2


Inserting = postgresql.Insert | sqlite.Insert


def _until(dialect: str) -> ColumnElement[Any]:
    """A lease from now."""
    if dialect == "postgresql":
        return func.clock_timestamp() + timedelta(seconds=LEASE_SECONDS)
    return bindparam("end", type_=_T.c.until.type)


def _touching(dialect: str, **more: Any) -> Inserting:
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    given = {name: bindparam(name, type_=_T.c[name].type) for name in ("lane", "needs", "due")}
    free = {"owner": None, "since": None, "until": None}
    return build(_T).values({**given, **free, "tries": 0, **more})


def _touch(dialect: str) -> Inserting:
    insert = _touching(dialect)
    return often(
        insert.on_conflict_do_update(
            index_elements=["lane"], set_={"due": _earlier(insert.excluded)}
        )
    )


def _touch_and_take(dialect: str) -> Any:
    given = bindparam("clock", type_=_T.c.until.type)
    now = func.clock_timestamp() if dialect == "postgresql" else given
    insert = _touching(dialect, owner=bindparam("me"), since=now, until=_until(dialect))
    new = insert.excluded
    free = or_(_T.c.owner.is_(None), _T.c.until < now)
    taken = insert.on_conflict_do_update(
        index_elements=["lane"],
        set_={
            "due": _earlier(new),
            "owner": case((free, new.owner), else_=_T.c.owner),
            "since": case((free, new.since), else_=_T.c.since),
            "until": case((free, new.until), else_=_T.c.until),
        },
    )
    return often(taken.returning(_T.c.owner, _T.c.tries))


def _earlier(new: Any) -> ColumnElement[Any]:
    return case((or_(_T.c.due.is_(None), _T.c.due > new.due), new.due), else_=_T.c.due)


def _holding(dialect: str, **values: int) -> Update:
    kept = update(_T).where(_MINE).values(until=_until(dialect), **values)
    return often(kept.returning(_T.c.lane))


# Built once: putting a statement together costs more than running it.
_DIALECTS: Final = ("sqlite", "postgresql")
_MINE: Final = and_(_T.c.lane == bindparam("held_lane"), _T.c.owner == bindparam("held_by"))
_TOUCH: Final = {one: _touch(one) for one in _DIALECTS}
_TOUCH_AND_TAKE: Final = {one: _touch_and_take(one) for one in _DIALECTS}
_FENCE: Final = {one: _holding(one, tries=0) for one in _DIALECTS}
_HOLD: Final = {one: _holding(one) for one in _DIALECTS}
_ONE_MORE: Final = case((_T.c.tries % BASE < MOST, _T.c.tries + 1), else_=_T.c.tries)
_GIVEN: Final = often(delete(_T).where(_MINE).returning(_T.c.lane))
_EMPTY: Final = often(delete(_T).where(_T.c.lane == bindparam("held_lane")))
_LATER: Final = often(
    update(_T)
    .where(_MINE)
    .values(owner=None, until=None, due=bindparam("later", type_=_T.c.due.type))
    .returning(_T.c.lane)
)
_FAILED: Final = _LATER.values(tries=bindparam("bad"))


def token_of(worker: str) -> str:
    """A new owner's name; it begins with the worker's id."""
    return f"{worker}:{uuid4().hex}"


async def touch(tx: Transaction, lane: str, due: datetime, *, needs: str = "") -> None:
    """Say that there is something to do on a lane from `due` on."""
    await tx.execute(_TOUCH[_dialect(tx)], {"lane": lane, "needs": needs, "due": due})


async def touch_and_take(
    tx: Transaction, worker: str, lane: str, now: datetime, *, needs: str = ""
) -> Lease | None:
    """Say that there is something to do on a lane from now on, and take it if nobody has it.

    That is stored as no try yet: should this process die before it begins, nothing was to blame.
    """
    owner, known = token_of(worker), Known()
    values = {"lane": lane, "needs": needs, "due": now, "me": owner, **_ends(tx)}
    if "end" in values:
        values["clock"] = datetime.now(UTC)
    row = (await tx.execute(_TOUCH_AND_TAKE[_dialect(tx)], values)).one()
    if row.owner != owner:
        return None
    return Lease(lane=lane, owner=owner, tries=_one_more(row.tries), known=known)


async def any_due(tx: Transaction, now: datetime, needs: Iterable[str], within: str = "") -> bool:
    """Whether `claim` would find something. Only reads."""
    found = await tx.scalar(select(_T.c.lane).where(*_free(tx, now, needs, within)).limit(1))
    return found is not None


async def due_lanes(tx: Transaction, now: datetime, needs: Iterable[str], limit: int) -> list[str]:
    """Lanes that `claim` would take, the longest due first. Only reads."""
    free = select(_T.c.lane).where(*_free(tx, now, needs, ""))
    return list(await tx.scalars(free.order_by(_T.c.due).limit(limit)))


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
    wanted = select(_T.c.lane).where(*_free(tx, now, needs, within)).order_by(_T.c.due)
    # A table expression is worked out once; in a subquery the limit might count anew for each row.
    chosen = wanted.limit(limit).with_for_update(skip_locked=True).cte("chosen")
    return await _take(tx, worker, _T.c.lane.in_(select(chosen.c.lane)))


async def take(tx: Transaction, worker: str, lane: str, now: datetime) -> Lease | None:
    """Take a certain lane if something is due on it and nobody has it."""
    free = and_(_T.c.lane == lane, _T.c.due <= now, _unowned(tx))
    taken = await _take(tx, worker, free)
    return taken[0] if taken else None


async def fence(tx: Transaction, lease: Lease) -> None:
    """Keep the lane locked until this transaction ends, and ours for a whole lease from now.

    What the transaction stores counts as a success.

    Raises:
        LeaseLost: another process has it.
    """
    await _hold(tx, _FENCE, lease)


async def hold(tx: Transaction, lease: Lease) -> None:
    """As `fence`, for what is no success yet."""
    await _hold(tx, _HOLD, lease)


async def _hold(tx: Transaction, held: Mapping[str, Update], lease: Lease) -> None:
    mine = {"held_lane": lease.lane, "held_by": lease.owner, **_ends(tx)}
    if await tx.scalar(held[_dialect(tx)], mine) is None:
        raise LeaseLost(lease.lane)


async def release(tx: Transaction, lease: Lease, due: datetime | None) -> bool:
    """Give a lane back, with more to do from `due` on, or nothing. False: it was lost."""
    mine: dict[str, object] = {"held_lane": lease.lane, "held_by": lease.owner}
    if due is None:
        return await tx.scalar(_GIVEN, mine) is not None
    return await tx.scalar(_LATER, {**mine, "later": due}) is not None


async def begin_alone(tx: Transaction, lease: Lease) -> None:
    """Keep that the work begins with nothing beside it, in case that ends the process.

    Raises:
        LeaseLost: another process has it.
    """
    kept = update(_T).where(*_held(lease)).values(tries=lease.tries).returning(_T.c.lane)
    if await tx.scalar(kept) is None:
        raise LeaseLost(lease.lane)


def given_unless(more: ColumnElement[bool]) -> Executable:
    """Gives a lane back unless there is more to do on it, which is a question about `held_lane`.

    For `give_back`.
    """
    return often(delete(_T).where(_MINE, ~more).returning(_T.c.lane))


async def give_back(tx: Transaction, lease: Lease, unless: Executable) -> bool:
    """Give a lane back that is fenced; False where there is more to do, and it is still ours."""
    return await tx.scalar(unless, {"held_lane": lease.lane, "held_by": lease.owner}) is not None


def put_off(due: ScalarSelect[Any]) -> Executable:
    """Gives a lane back until `due`, which is asked of `held_lane`, unless that has come.

    For `give_back_until`.
    """
    is_later = or_(due.is_(None), due > bindparam("moment", type_=_T.c.due.type))
    later = update(_T).where(_MINE, is_later).values(owner=None, until=None, due=due)
    return often(later.returning(_T.c.due))


async def give_back_until(tx: Transaction, lease: Lease, until: Executable, now: datetime) -> bool:
    """Give a lane back that is fenced; False where more is due by `now`, and it is still ours."""
    mine = {"held_lane": lease.lane, "held_by": lease.owner, "moment": now}
    row = (await tx.execute(until, mine)).first()
    if row is not None and row.due is None:
        await tx.execute(_EMPTY, {"held_lane": lease.lane})
    return row is not None


async def back_off(tx: Transaction, lease: Lease, due: datetime) -> bool:
    """As `release`, where what is due on it is not done: what went wrong so far still counts."""
    mine = {"held_lane": lease.lane, "held_by": lease.owner, "later": due}
    return await tx.scalar(_FAILED, {**mine, "bad": lease.tried.given_back.packed}) is not None


async def extend(tx: Transaction, held: Collection[Lease]) -> list[Lease]:
    """Hold lanes for longer; which ones.

    Those that were lost are not among them, nor those that their work holds locked: it holds them
    itself.
    """
    lanes = {lease.lane for lease in held}
    owners = {lease.owner for lease in held}
    if lanes:
        mine = select(_T.c.lane).where(_T.c.lane.in_(lanes), _T.c.owner.in_(owners))
        free_ = mine.with_for_update(skip_locked=True).cte("free")
        rows = await tx.execute(
            update(_T)
            .where(_T.c.lane.in_(select(free_.c.lane)), _T.c.owner.in_(owners))
            .values(until=_until(_dialect(tx)))
            .returning(_T.c.owner, _T.c.lane),
            _ends(tx),
        )
        ours = {(row.owner, row.lane) for row in rows}
        return [lease for lease in held if (lease.owner, lease.lane) in ours]
    return []


async def drop(tx: Transaction, lease: Lease) -> None:
    """Give a lane back with everything on it still to do."""
    await tx.execute(update(_T).where(*_held(lease)).values(owner=None, until=None))


async def is_taken(tx: Transaction, lane: str) -> bool:
    """Whether somebody works on a lane just now."""
    found = await tx.scalar(
        select(_T.c.lane).where(_T.c.lane == lane, _T.c.owner.is_not(None), _T.c.until >= clock(tx))
    )
    return found is not None


def clock(tx: Transaction) -> ColumnElement[Any]:
    """The time by which leases run."""
    if _dialect(tx) == "postgresql":
        return func.clock_timestamp()
    return literal(datetime.now(UTC), _T.c.until.type)


async def _take(tx: Transaction, worker: str, which: ColumnElement[bool]) -> list[Lease]:
    owner, at = token_of(worker), time.monotonic()
    rows = await tx.execute(
        update(_T)
        .where(which)
        .values(owner=owner, since=clock(tx), until=_until(_dialect(tx)), tries=_ONE_MORE)
        .returning(_T.c.lane, _T.c.tries),
        _ends(tx),
    )
    return [Lease(lane=row.lane, owner=owner, tries=row.tries, known=Known(at)) for row in rows]


def _one_more(packed: int) -> int:
    return packed + (packed % BASE < MOST)


def _free(
    tx: Transaction, now: datetime, needs: Iterable[str], within: str
) -> list[ColumnElement[bool]]:
    found = [_T.c.due <= now, _T.c.needs.in_(list(needs)), _unowned(tx)]
    if within:
        found.append(or_(_T.c.needs == "", _T.c.lane.startswith(within, autoescape=True)))
    return found


def _unowned(tx: Transaction) -> ColumnElement[bool]:
    return or_(_T.c.owner.is_(None), _T.c.until < clock(tx))


def _held(lease: Lease) -> list[ColumnElement[bool]]:
    return [_T.c.lane == lease.lane, _T.c.owner == lease.owner]


def _dialect(tx: Transaction) -> str:
    return tx.get_bind().dialect.name


def _ends(tx: Transaction) -> dict[str, Any]:
    """The end of a lease from now; PostgreSQL has a clock of its own."""
    if _dialect(tx) == "postgresql":
        return {}
    return {"end": datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS)}
