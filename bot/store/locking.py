"""The order in which rows are locked, so that no two transactions wait for each other.

First sessions and what hangs on them (their logs, people, doors, follow-ups); then the leases of
lanes, as `in_order` has them; then what waits on those lanes, in the inbox and the outbox. A new
row may come at any time: nobody waits for one. Why: `docs/decisions/0021-one-order-of-locks.md`.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from bot.store.queues import POST_LANE, LeaseRow
from engine.store import Transaction

SESSION_LANE: Final = "session:"
"""Begins the lane of what happens in a session."""


def rank(lane: str) -> tuple[int, str]:
    """Where a lane comes: those of sessions, then others of what came in, then what goes out."""
    if lane.startswith(POST_LANE):
        return 2, lane
    return (0 if lane.startswith(SESSION_LANE) else 1), lane


def in_order(lanes: Iterable[str]) -> list[str]:
    """Lanes as they are locked, each once."""
    return sorted(set(lanes), key=rank)


async def hold_lanes(tx: Transaction, lanes: Iterable[str]) -> None:
    """Keep others off these lanes, as far as there is something to do there, until the end."""
    for lane in in_order(lanes):
        await tx.execute(select(LeaseRow.lane).where(LeaseRow.lane == lane).with_for_update())
