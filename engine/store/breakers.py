"""Queries over breakers: which models rest, as every process sees it. Each is one atomic step."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select, update

from engine.llm.breaker import TO_CLOSE, Rest
from engine.store import Transaction
from engine.store.model_tables import BreakerRow
from engine.store.upsert import put as put_row

KEPT: Final = timedelta(days=1)


async def look(tx: Transaction, key: str) -> Rest | None:
    """How a model rests; None: it works."""
    row = await tx.scalar(select(BreakerRow).where(BreakerRow.key == key))
    return None if row is None else _rest(row)


async def resting(tx: Transaction, keys: Collection[str], now: datetime) -> list[Rest]:
    """Which of some models are asked by nobody just now."""
    still = or_(BreakerRow.down, BreakerRow.open_until > now)
    asked = select(BreakerRow).where(BreakerRow.key.in_(list(keys)), still)
    return [_rest(row) for row in await tx.scalars(asked.order_by(BreakerRow.model))]


async def take_probe(tx: Transaction, key: str, token: str, now: datetime, until: datetime) -> bool:
    """Let the holder of `token` try a model that rested long enough, unless somebody does."""
    free = or_(
        BreakerRow.probe.is_(None),
        BreakerRow.probe_until.is_(None),
        BreakerRow.probe_until <= now,
    )
    taken = (
        update(BreakerRow)
        .where(BreakerRow.key == key, ~BreakerRow.down, BreakerRow.open_until <= now, free)
        .values(probe=token, probe_until=until, updated_at=now)
        .returning(BreakerRow.key)
    )
    return await tx.scalar(taken) is not None


async def put(tx: Transaction, key: str, rest: Rest, *, probe: str | None, now: datetime) -> None:
    """Let a model rest; of a probe that was lost nothing is kept."""
    values = {
        "model": rest.model,
        "reason": rest.reason,
        "down": rest.down,
        "open_until": rest.open_until,
        "strikes": rest.strikes,
        "successes": rest.successes,
        "probe": None,
        "probe_until": None,
        "updated_at": now,
    }
    if probe is None:
        await put_row(tx, BreakerRow, {"key": key, **values}, key=("key",))
    else:
        await tx.execute(update(BreakerRow).where(*_held(key, probe)).values(**values))


async def succeed(tx: Transaction, key: str, probe: str, now: datetime) -> None:
    """A probe went well: enough of them, and the model works again."""
    closed = delete(BreakerRow).where(*_held(key, probe), BreakerRow.successes + 1 >= TO_CLOSE)
    await tx.execute(closed)
    counted = update(BreakerRow).where(*_held(key, probe))
    await tx.execute(
        counted.values(
            successes=BreakerRow.successes + 1, probe=None, probe_until=None, updated_at=now
        )
    )


async def release(tx: Transaction, key: str, probe: str, now: datetime) -> None:
    """A probe told nothing; the next call may be one."""
    given = update(BreakerRow).where(*_held(key, probe))
    await tx.execute(given.values(probe=None, probe_until=None, updated_at=now))


async def revive(tx: Transaction, keys: Collection[str], now: datetime) -> None:
    """Let models that were down until settings change be tried once more."""
    down = (BreakerRow.key.in_(list(keys)), BreakerRow.down)
    await tx.execute(
        update(BreakerRow).where(*down).values(down=False, open_until=now, updated_at=now)
    )


async def prune(tx: Transaction, keys: Collection[str], now: datetime) -> None:
    """Forget models that are set no more, a day after anybody last had to do with them."""
    gone = (BreakerRow.key.not_in(list(keys)), BreakerRow.updated_at < now - KEPT)
    await tx.execute(delete(BreakerRow).where(*gone))


def _held(key: str, probe: str) -> tuple[ColumnElement[bool], ...]:
    return (BreakerRow.key == key, BreakerRow.probe == probe)


def _rest(row: BreakerRow) -> Rest:
    return Rest(
        model=row.model,
        reason=row.reason,
        open_until=row.open_until,
        strikes=row.strikes,
        successes=row.successes,
        down=row.down,
        probe=row.probe,
        probe_until=row.probe_until,
    )
