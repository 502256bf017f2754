"""Queries for figures of a workspace: how much is played, what it costs, how long people wait."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, Subquery, func, select

from engine.store import Transaction
from engine.store.tables import CallRow, EventRow, SessionRow

_SAID: Final = ("trainee_said", "character_said")
_ANSWERS: Final = ("initial", "reply", "classify")
_PAUSES: Final = ("paused", "resumed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a workspace did since a moment, by the sessions that began since then.

    `tokens` are read and written ones together; money is micro-USD. Response times are of turns
    that a model answered, in milliseconds, all its calls together; None where there were none.
    `duration` is the mean of the completed sessions, without pauses. `estimated` calls were counted
    by estimate; `failed` ones brought no answer.
    """

    conversations: int
    completed: int
    messages: int
    calls: int
    estimated: int
    failed: int
    tokens: int
    cost: int
    mean_ms: int | None
    p95_ms: int | None
    duration: timedelta | None

    @property
    def cost_each(self) -> int | None:
        """What a conversation cost on average, in micro-USD."""
        return round(self.cost / self.conversations) if self.conversations else None


async def of_workspace(tx: Transaction, owner: str, since: datetime) -> Figures:
    """The figures of one workspace."""
    mine = (SessionRow.owner == owner, SessionRow.created_at >= since)
    ids = select(SessionRow.id).where(*mine)
    conversations = await tx.scalar(select(func.count()).select_from(ids.subquery())) or 0
    messages = await tx.scalar(
        select(func.count())
        .select_from(EventRow)
        .where(EventRow.session_id.in_(ids), EventRow.kind.in_(_SAID))
    )
    calls, estimated, failed, tokens, cost = await _calls(tx, ids)
    mean_ms, p95_ms = await _waits(tx, ids)
    completed, duration = await _durations(tx, ids)
    return Figures(
        conversations=conversations,
        completed=completed,
        messages=messages or 0,
        calls=calls,
        estimated=estimated,
        failed=failed,
        tokens=tokens,
        cost=cost,
        mean_ms=mean_ms,
        p95_ms=p95_ms,
        duration=duration,
    )


async def _calls(tx: Transaction, ids: Select[str]) -> tuple[int, int, int, int, int]:
    row = (
        await tx.execute(
            select(
                func.count(),
                func.count().filter(CallRow.estimated),
                func.count().filter(CallRow.status.in_(("failed", "lost"))),
                func.coalesce(func.sum(CallRow.tokens_in + CallRow.tokens_out), 0),
                func.coalesce(func.sum(CallRow.cost_micro_usd), 0),
            ).where(CallRow.session_id.in_(ids), CallRow.status != "started")
        )
    ).one()
    calls, estimated, failed, tokens, cost = (int(value) for value in row)
    return calls, estimated, failed, tokens, cost


async def _waits(tx: Transaction, ids: Select[str]) -> tuple[int | None, int | None]:
    """Mean and 95th percentile; the calls of one turn have one moment."""
    turns: Subquery = (
        select(func.sum(CallRow.latency_ms).label("ms"))
        .where(CallRow.session_id.in_(ids), CallRow.kind.in_(_ANSWERS))
        .where(CallRow.status.not_in(("started", "lost")))  # nobody knows how long these took
        .group_by(CallRow.session_id, CallRow.created_at)
        .subquery()
    )
    count, mean = (await tx.execute(select(func.count(), func.avg(turns.c.ms)))).one()
    if not count:
        return None, None
    place = math.ceil(0.95 * count) - 1
    p95 = await tx.scalar(select(turns.c.ms).order_by(turns.c.ms).offset(place).limit(1))
    return round(mean), int(p95 or 0)


async def _durations(tx: Transaction, ids: Select[str]) -> tuple[int, timedelta | None]:
    ended = await tx.execute(
        select(SessionRow.id, SessionRow.started_at, SessionRow.completed_at).where(
            SessionRow.id.in_(ids), SessionRow.status == "completed"
        )
    )
    spans = {
        row.id: row.completed_at - row.started_at
        for row in ended
        if row.started_at and row.completed_at
    }
    if not spans:
        return 0, None
    rows = await tx.execute(
        select(EventRow.session_id, EventRow.kind, EventRow.at)
        .where(EventRow.session_id.in_(ids), EventRow.kind.in_(_PAUSES))
        .order_by(EventRow.session_id, EventRow.seq)
    )
    rests = _rests(rows)
    lengths = [span - rests.get(session_id, timedelta()) for session_id, span in spans.items()]
    return len(spans), sum(lengths, timedelta()) / len(lengths)


def _rests(rows: Iterable[Any]) -> Mapping[str, timedelta]:
    """How long each session rested in all."""
    found: dict[str, timedelta] = {}
    since: dict[str, datetime] = {}
    for row in rows:
        if row.kind == "paused":
            since[row.session_id] = row.at
        elif row.session_id in since:
            rest = row.at - since.pop(row.session_id)
            found[row.session_id] = found.get(row.session_id, timedelta()) + rest
    return found
