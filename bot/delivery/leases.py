"""Who works on which lane. A lease is fenced: whoever lost it can commit nothing more under it.

Leases run on the database's clock where it has one, so that machines need not agree on the time.
When work is due is told by the application's clock, which tests move.
"""

import time
from collections.abc import Collection, Mapping
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

TABLE: Final = cast("Table", LeaseRow.__table__)

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


def clock_of(dialect: str) -> ColumnElement[Any]:
    """The time by which leases run, given as `moment` says."""
    if dialect == "postgresql":
        return func.clock_timestamp()
    return bindparam("clock", type_=TABLE.c.until.type)


def lease_end(dialect: str) -> ColumnElement[Any]:
    """A lease from now, given as `ends` says."""
    if dialect == "postgresql":
        return func.clock_timestamp() + timedelta(seconds=LEASE_SECONDS)
    return bindparam("end", type_=TABLE.c.until.type)


def _touching(dialect: str, **more: Any) -> Inserting:
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    given = {name: bindparam(name, type_=TABLE.c[name].type) for name in ("lane", "needs", "due")}
    free = {"owner": None, "since": None, "until": None}
    return build(TABLE).values({**given, **free, "tries": 0, **more})


def _touch(dialect: str) -> Inserting:
    insert = _touching(dialect)
    return often(
        insert.on_conflict_do_update(
            index_elements=["lane"], set_={"due": _earlier(insert.excluded)}
        )
    )


def _touch_and_take(dialect: str) -> Any:
    now = clock_of(dialect)
    insert = _touching(dialect, owner=bindparam("me"), since=now, until=lease_end(dialect))
    new = insert.excluded
    free = or_(TABLE.c.owner.is_(None), TABLE.c.until < now)
    taken = insert.on_conflict_do_update(
        index_elements=["lane"],
        set_={
            "due": _earlier(new),
            "owner": case((free, new.owner), else_=TABLE.c.owner),
            "since": case((free, new.since), else_=TABLE.c.since),
            "until": case((free, new.until), else_=TABLE.c.until),
        },
    )
    return often(taken.returning(TABLE.c.owner, TABLE.c.tries))


def _earlier(new: Any) -> ColumnElement[Any]:
    return case((or_(TABLE.c.due.is_(None), TABLE.c.due > new.due), new.due), else_=TABLE.c.due)


def _holding(dialect: str, **values: int) -> Update:
    kept = update(TABLE).where(_MINE).values(until=lease_end(dialect), **values)
    return often(kept.returning(TABLE.c.lane))


def _taken(dialect: str) -> Executable:
    mine = select(TABLE.c.lane).where(TABLE.c.lane == bindparam("held_lane"))
    return often(mine.where(TABLE.c.owner.is_not(None), TABLE.c.until >= clock_of(dialect)))


# Built once: putting a statement together costs more than running it.
DIALECTS: Final = ("sqlite", "postgresql")
_MINE: Final = and_(TABLE.c.lane == bindparam("held_lane"), TABLE.c.owner == bindparam("held_by"))
_TOUCH: Final = {one: _touch(one) for one in DIALECTS}
_TOUCH_AND_TAKE: Final = {one: _touch_and_take(one) for one in DIALECTS}
_FENCE: Final = {one: _holding(one, tries=0) for one in DIALECTS}
_HOLD: Final = {one: _holding(one) for one in DIALECTS}
_TAKEN: Final = {one: _taken(one) for one in DIALECTS}
ONE_MORE: Final = case((TABLE.c.tries % BASE < MOST, TABLE.c.tries + 1), else_=TABLE.c.tries)
_GIVEN: Final = often(delete(TABLE).where(_MINE).returning(TABLE.c.lane))
_EMPTY: Final = often(delete(TABLE).where(TABLE.c.lane == bindparam("held_lane")))
_DROPPED: Final = often(update(TABLE).where(_MINE).values(owner=None, until=None))
_LATER: Final = often(
    update(TABLE)
    .where(_MINE)
    .values(owner=None, until=None, due=bindparam("later", type_=TABLE.c.due.type))
    .returning(TABLE.c.lane)
)
_FAILED: Final = _LATER.values(tries=bindparam("bad"))


def token_of(worker: str) -> str:
    """A new owner's name; it begins with the worker's id."""
    return f"{worker}:{uuid4().hex}"


async def touch(tx: Transaction, lane: str, due: datetime, *, needs: str = "") -> None:
    """Say that there is something to do on a lane from `due` on."""
    await tx.execute(_TOUCH[dialect_of(tx)], {"lane": lane, "needs": needs, "due": due})


async def touch_and_take(
    tx: Transaction, worker: str, lane: str, now: datetime, *, needs: str = ""
) -> Lease | None:
    """Say that there is something to do on a lane from now on, and take it if nobody has it.

    That is stored as no try yet: should this process die before it begins, nothing was to blame.
    """
    owner, known = token_of(worker), Known()
    values = {"lane": lane, "needs": needs, "due": now, "me": owner, **ends(tx), **moment(tx)}
    row = (await tx.execute(_TOUCH_AND_TAKE[dialect_of(tx)], values)).one()
    if row.owner != owner:
        return None
    return Lease(lane=lane, owner=owner, tries=_one_more(row.tries), known=known)


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
    mine = {"held_lane": lease.lane, "held_by": lease.owner, **ends(tx)}
    if await tx.scalar(held[dialect_of(tx)], mine) is None:
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
    kept = update(TABLE).where(*_held(lease)).values(tries=lease.tries).returning(TABLE.c.lane)
    if await tx.scalar(kept) is None:
        raise LeaseLost(lease.lane)


def given_unless(more: ColumnElement[bool]) -> Executable:
    """Gives a lane back unless there is more to do on it, which is a question about `held_lane`.

    For `give_back`.
    """
    return often(delete(TABLE).where(_MINE, ~more).returning(TABLE.c.lane))


async def give_back(tx: Transaction, lease: Lease, unless: Executable) -> bool:
    """Give a lane back that is fenced; False where there is more to do, and it is still ours."""
    return await tx.scalar(unless, {"held_lane": lease.lane, "held_by": lease.owner}) is not None


def put_off(due: ScalarSelect[Any]) -> Executable:
    """Gives a lane back until `due`, which is asked of `held_lane`, unless that has come.

    For `give_back_until`.
    """
    is_later = or_(due.is_(None), due > bindparam("moment", type_=TABLE.c.due.type))
    later = update(TABLE).where(_MINE, is_later).values(owner=None, until=None, due=due)
    return often(later.returning(TABLE.c.due))


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
        mine = select(TABLE.c.lane).where(TABLE.c.lane.in_(lanes), TABLE.c.owner.in_(owners))
        free_ = mine.with_for_update(skip_locked=True).cte("free")
        rows = await tx.execute(
            update(TABLE)
            .where(TABLE.c.lane.in_(select(free_.c.lane)), TABLE.c.owner.in_(owners))
            .values(until=lease_end(dialect_of(tx)))
            .returning(TABLE.c.owner, TABLE.c.lane),
            ends(tx),
        )
        ours = {(row.owner, row.lane) for row in rows}
        return [lease for lease in held if (lease.owner, lease.lane) in ours]
    return []


async def drop(tx: Transaction, lease: Lease) -> None:
    """Give a lane back with everything on it still to do."""
    await tx.execute(_DROPPED, {"held_lane": lease.lane, "held_by": lease.owner})


async def is_taken(tx: Transaction, lane: str) -> bool:
    """Whether somebody works on a lane just now."""
    given = {"held_lane": lane, **moment(tx)}
    return await tx.scalar(_TAKEN[dialect_of(tx)], given) is not None


def clock(tx: Transaction) -> ColumnElement[Any]:
    """The time by which leases run."""
    given = moment(tx)
    return literal(given["clock"], TABLE.c.until.type) if given else clock_of(dialect_of(tx))


def _one_more(packed: int) -> int:
    return packed + (packed % BASE < MOST)


def _held(lease: Lease) -> list[ColumnElement[bool]]:
    return [TABLE.c.lane == lease.lane, TABLE.c.owner == lease.owner]


def dialect_of(tx: Transaction) -> str:
    """The kind of database."""
    return tx.get_bind().dialect.name


def ends(tx: Transaction) -> dict[str, Any]:
    """The end of a lease from now; PostgreSQL has a clock of its own."""
    if dialect_of(tx) == "postgresql":
        return {}
    return {"end": datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS)}


def moment(tx: Transaction) -> dict[str, Any]:
    """The time by which leases run, for `clock_of`; PostgreSQL has a clock of its own."""
    return {} if dialect_of(tx) == "postgresql" else {"clock": datetime.now(UTC)}
