"""A thread that was opened: its door, and what goes there and is to happen there."""

from contextlib import suppress
from datetime import datetime

from adapters.port import ThreadRef
from bot import doors
from bot.delivery import later, leases, outbox
from bot.delivery.leases import Lease
from bot.delivery.outbox import Outgoing
from bot.delivery.placing import lane_of
from bot.effects import OpenThread
from bot.store.locking import in_order
from engine.errors import NoSession
from engine.store import Transaction, sessions


async def fence(
    tx: Transaction, lease: Lease, row: Outgoing, thread: ThreadRef, now: datetime
) -> None:
    """As `leases.fence`, where `row` opened a thread; that leads to its session from now on.

    What comes before a lease in the order of locks is done before it.

    Raises:
        LeaseLost: another process has the lane.
        TypeError: the row opens no thread.
    """
    effect = row.effect
    if not isinstance(effect, OpenThread):
        raise TypeError(f"a row of kind {row.kind} opened a thread")
    with suppress(NoSession):  # It was deleted meanwhile, with all that was for its thread.
        await sessions.hold(tx, effect.session_id)
        purpose: doors.Purpose = "dm" if thread == row.to else "room"
        await doors.open_(tx, thread, effect.session_id, effect.seat, now, purpose)
        await later.wake(tx, effect.session_id, now)
    for lane in in_order((lease.lane, lane_of(thread))):
        if lane == lease.lane:
            await leases.fence(tx, lease)
        else:
            await outbox.touch(tx, lane, now)
