"""What people wrote while nobody listened, read from the platforms' own history afterwards."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy import func, select

from adapters.clock import Clock
from adapters.errors import AdapterError, NotStored, RateLimited
from adapters.port import ChatAdapter, Event, ThreadRef
from adapters.stored import thread_id
from bot import doors
from bot.observability import report
from bot.store.database import Database, StoreAway, StoreRefused
from bot.store.queues import InboxRow
from engine.store import Transaction

log = structlog.get_logger(__name__)

LOOK: Final = 1.0
"""Seconds between looks at how the connections are."""

LONGEST: Final = timedelta(days=1)
"""What is older is not taken up any more: nobody waits for an answer to it."""

OVERLAP: Final = timedelta(seconds=60)
"""So much of what came before the connection was back is read again."""


class Connection(Protocol):
    """A platform: its adapter, and the door in."""

    @property
    def adapter(self) -> ChatAdapter:
        """The adapter."""
        ...

    async def accept(self, event: Event) -> None:
        """Store what happened. Raises NotStored."""
        ...


@asynccontextmanager
async def following(
    connections: Sequence[Connection], database: Database, clock: Clock
) -> AsyncGenerator[None]:
    """Read what was missed, whenever an adapter says that it may have missed something."""
    tasks = {asyncio.create_task(_follow(one, database, clock)) for one in connections}
    for task in tasks:
        task.add_done_callback(_told)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _told(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        report(error)


async def _follow(one: Connection, database: Database, clock: Clock) -> None:
    done: datetime | None = None
    while True:
        back = one.adapter.health().back
        if back is not None and back != done and await caught_up(one, database, clock):
            done = back
        await clock.sleep(LOOK)


async def caught_up(one: Connection, database: Database, clock: Clock) -> bool:
    """Take up what was missed in every session's thread; False where it has to be tried again.

    It is read from what came last before the connection was back, for newer messages may have come
    since. What is known already is dropped by its id.
    """
    back = one.adapter.health().back or clock.now()
    try:
        async with database.reading() as tx:
            found = [
                (thread, opened, await _last_order(tx, thread, back - OVERLAP))
                for thread, opened in await doors.in_use(tx, one.adapter.platform)
            ]
        for thread, opened, since in found:
            oldest = max(opened, clock.now() - LONGEST)
            await _in_thread(one, thread, since, oldest)
    except RateLimited as error:
        await clock.sleep(error.retry_after)
        return False
    except (StoreAway, StoreRefused, NotStored) as error:
        log.warning("not_caught_up", code=error.code)
        return False
    return True


async def _last_order(tx: Transaction, thread: ThreadRef, before: datetime) -> str:
    """The order key of the last event that came from a thread by then; empty where none did."""
    found = await tx.scalar(
        select(func.max(InboxRow.order_key)).where(
            InboxRow.channel == thread_id(thread), InboxRow.received_at < before
        )
    )
    return found or ""


async def _in_thread(one: Connection, thread: ThreadRef, since: str, oldest: datetime) -> None:
    count = 0
    try:
        async for event in one.adapter.missed(thread, since):
            if event.at > oldest:
                await one.accept(event)
                count += 1
    except (RateLimited, NotStored):
        raise
    except AdapterError as error:
        log.info("missed_unknown", code=error.code)  # the thread is gone, or may not be read
    if count:
        log.info("caught_up", events=count)
