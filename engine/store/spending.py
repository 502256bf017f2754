"""Queries over spending: running sums, so that nobody adds up a day's calls for every turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, or_, select, text, update

from engine.llm.budget import SCOPES, Budgets, Scope
from engine.store import Transaction
from engine.store.model_tables import SpendingRow
from engine.store.often import often
from engine.store.upsert import insert_new

KEPT: Final = timedelta(days=100)
"""So long the sums of days are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A budget's warning, alert or stop was passed. `key` is whose: a session, person, workspace.

    `level` is 1 to 3 as in `engine.llm.budget`; money is micro-USD. `day` is empty for a
    conversation.
    """

    scope: Scope
    key: str
    day: str
    owner: str
    level: int
    micro_usd: int
    limit: int


def day_of(at: datetime) -> str:
    """The day in UTC on which something is counted, as `2026-03-01`."""
    return at.astimezone(UTC).date().isoformat()


async def add(
    tx: Transaction,
    *,
    session_id: str,
    owner: str,
    people: Sequence[str],
    micro_usd: int,
    at: datetime,
) -> None:
    """Count what was spent in a session for it, its people's day and its workspace's day.

    Less than nothing takes back what an estimate said too much.

    The rows stay locked until the transaction ends: two that count at once count both.
    """
    if not micro_usd:
        return
    # Always in this order, so that no two wait for each other.
    await _count(tx, "conversation", session_id, "", owner, micro_usd)
    for person in sorted(people):
        await _count(tx, "person", person, day_of(at), owner, micro_usd)
    await _count(tx, "workspace", owner, day_of(at), owner, micro_usd)


async def _count(
    tx: Transaction, scope: Scope, key: str, day: str, owner: str, micro_usd: int
) -> None:
    row = {
        "scope": scope,
        "key": key,
        "day": day,
        "owner": owner,
        "micro_usd": 0,
        "told": 0,
        "fresh": True,
    }
    await insert_new(tx, SpendingRow, row, key=("scope", "key", "day"))
    await tx.execute(
        update(SpendingRow)
        .where(*_is(scope, key, day))
        .values(micro_usd=SpendingRow.micro_usd + micro_usd, fresh=True)
    )


_SPENT: Final = often(
    select(SpendingRow.scope, SpendingRow.micro_usd).where(
        or_(
            *(
                and_(
                    SpendingRow.scope == scope,
                    SpendingRow.key == bindparam(f"{scope}_key"),
                    SpendingRow.day == bindparam(f"{scope}_day"),
                )
                for scope in SCOPES
            )
        )
    )
)
"""Built once: every turn asks for it."""


async def spent(
    tx: Transaction, *, session_id: str, person: str, owner: str, at: datetime
) -> dict[Scope, int]:
    """Micro-USD spent so far on a conversation, by a person today, by a workspace today."""
    keys: dict[Scope, tuple[str, str]] = {
        "conversation": (session_id, ""),
        "person": (person, day_of(at)),
        "workspace": (owner, day_of(at)),
    }
    given = {
        f"{scope}_{name}": value
        for scope, key in keys.items()
        for name, value in zip(("key", "day"), key, strict=True)
    }
    rows = {row.scope: row.micro_usd for row in await tx.execute(_SPENT, given)}
    return {scope: rows.get(scope, 0) for scope in SCOPES}


async def of_day(tx: Transaction, owner: str, at: datetime) -> int:
    """Micro-USD that a workspace spent on the day of a moment."""
    asked = select(SpendingRow.micro_usd).where(*_is("workspace", owner, day_of(at)))
    return await tx.scalar(asked) or 0


async def has_fresh(tx: Transaction) -> bool:
    """Whether `crossed` has something to look at. Only reads."""
    return await tx.scalar(select(SpendingRow.key).where(_fresh()).limit(1)) is not None


async def crossed(tx: Transaction, budgets: Budgets, *, limit: int = 200) -> list[Crossing]:
    """Crossings nobody was told of; from now on they count as told, so each comes once.

    Of several at once only the highest of a budget comes. Two processes that look at the same time
    get each crossing once between them. Where a limit was raised, what lies ahead again comes anew.
    """
    rows = (await tx.execute(select(*SpendingRow.__table__.c).where(_fresh()).limit(limit))).all()
    found: list[Crossing] = []
    for row in sorted(rows, key=lambda one: (one.scope, one.key, one.day)):
        scope: Scope = next(one for one in SCOPES if one == row.scope)
        level = budgets.level(scope, row.micro_usd)
        seen = (*_is(scope, row.key, row.day), SpendingRow.micro_usd == row.micro_usd)
        looked = update(SpendingRow).where(*seen, SpendingRow.told == row.told, _fresh())
        changed = looked.values(told=level, fresh=False).returning(SpendingRow.key)
        if await tx.scalar(changed) is not None and level > row.told:
            found.append(_crossing(row, scope, level, budgets))
    return found


async def look_again(tx: Transaction, at: datetime) -> None:
    """Limits may be others now: let `crossed` look once more at what it told of."""
    lasting = or_(SpendingRow.day == "", SpendingRow.day >= day_of(at))
    await tx.execute(update(SpendingRow).where(SpendingRow.told > 0, lasting).values(fresh=True))


def _crossing(row: Row[Any], scope: Scope, level: int, budgets: Budgets) -> Crossing:
    return Crossing(
        scope=scope,
        key=row.key,
        day=row.day,
        owner=row.owner,
        level=level,
        micro_usd=row.micro_usd,
        limit=budgets.limit(scope),
    )


async def of_session(tx: Transaction, session_id: str) -> int | None:
    """Micro-USD that a conversation has cost in all; None where nothing was counted."""
    mine = select(SpendingRow.micro_usd).where(*_is("conversation", session_id, ""))
    return await tx.scalar(mine)


async def forget_session(tx: Transaction, session_id: str) -> None:
    """Remove the sum of a session that is deleted."""
    await tx.execute(delete(SpendingRow).where(*_is("conversation", session_id, "")))


async def forget_person(tx: Transaction, person: str) -> None:
    """Remove the sums of somebody's days."""
    mine = (SpendingRow.scope == "person", SpendingRow.key == person)
    await tx.execute(delete(SpendingRow).where(*mine))


async def merge_person(tx: Transaction, old: str, into: str) -> None:
    """Count what one person spent as another's."""
    mine = select(SpendingRow.day, SpendingRow.owner, SpendingRow.micro_usd)
    rows = await tx.execute(mine.where(SpendingRow.scope == "person", SpendingRow.key == old))
    for day, owner, micro_usd in rows.all():
        await _count(tx, "person", into, day, owner, micro_usd)
    await forget_person(tx, old)


async def prune(tx: Transaction, now: datetime) -> None:
    """Remove the sums of days long past."""
    before = day_of(now - KEPT)
    await tx.execute(delete(SpendingRow).where(SpendingRow.day != "", SpendingRow.day < before))


def _is(scope: Scope, key: str, day: str) -> tuple[Any, ...]:
    return (SpendingRow.scope == scope, SpendingRow.key == key, SpendingRow.day == day)


def _fresh() -> Any:
    return text("fresh")
