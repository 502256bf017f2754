"""Gives up on what nobody can show any more: its platform was removed, or its terminal is gone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import case, not_, or_, select, text, update

from bot.delivery import workers
from bot.delivery.leases import clock
from bot.delivery.placing import POST_LANE
from bot.delivery.workers import Worker
from bot.observability import METRICS
from bot.store.pruning import AT_ONCE, KEPT
from bot.store.queues import OPEN, LeaseRow, OutboxRow
from engine.store import Transaction

log = structlog.get_logger(__name__)

SETTLED: Final = timedelta(hours=1)
"""So long after a start whoever shows things is surely there again."""


async def give_up(tx: Transaction, now: datetime, *, began: datetime) -> bool:
    """Give up on some of what has waited for a week and nobody can show; whether there may be more.

    What waited because the server stood still is shown instead: so nothing is given up before a
    process has shown things for a while, nor soon after `began`, when the one that gives up did: it
    may be about to show them itself. What others are at work on waits for the next time. It is
    health that tells; there is no other way to anybody.
    """
    if now - began < SETTLED:
        return False
    known = await workers.all_(tx)
    dead = workers.gone(known, now)
    alive = [one for one in known if one not in dead]
    if not any(_is_settled(one) for one in alive):
        return False
    shown = [OutboxRow.lane.startswith(lanes, autoescape=True) for lanes in _shown(alive)]
    left = select(OutboxRow.id, OutboxRow.lane).where(text(OPEN), OutboxRow.created_at < now - KEPT)
    left = left.where(*(not_(one) for one in shown)).limit(AT_ONCE)
    ids = await _held(tx, {row.id: row.lane for row in await tx.execute(left)})
    # What was being sent may stand there.
    state = case((OutboxRow.state == "sending", "unknown"), else_="dead")
    given_up = update(OutboxRow).where(OutboxRow.id.in_(ids), text(OPEN))
    await tx.execute(given_up.values(state=state, code="nobody_shows_it", due=now))
    if ids:
        METRICS.errors.labels("post_dead").inc(len(ids))
        log.warning("not_shown", code="nobody_shows_it", count=len(ids))
    return len(ids) == AT_ONCE


async def _held(tx: Transaction, rows: Mapping[int, str]) -> Sequence[int]:
    """Those of these rows that nobody is at work on, with their lanes kept from others.

    `rows`: their lanes by their ids. A lane without a lease is nobody's.
    """
    leases = select(LeaseRow.lane).where(LeaseRow.lane.in_(set(rows.values())))
    known = set(await tx.scalars(leases))
    idle = leases.where(or_(LeaseRow.owner.is_(None), LeaseRow.until < clock(tx)))
    busy = known - set(await tx.scalars(idle.with_for_update(skip_locked=True)))
    ids = [one for one, lane in rows.items() if lane not in busy]
    free = select(OutboxRow.id).where(OutboxRow.id.in_(ids), text(OPEN))
    return (await tx.scalars(free.with_for_update(skip_locked=True))).all()


def _is_settled(worker: Worker) -> bool:
    if not worker.platforms or worker.started_at is None or worker.seen_at is None:
        return False
    return worker.seen_at - worker.started_at >= SETTLED


def _shown(alive: list[Worker]) -> set[str]:
    """The beginnings of the lanes that somebody can show something on."""
    everywhere = {
        f"{POST_LANE}{name}/" for one in alive if not one.within for name in one.platforms
    }
    return everywhere | {one.within for one in alive if one.within}
