"""Handles what came in on a lane, one after another, under a fenced lease.

Everything an event leads to is stored in one transaction with the word that it was handled, so a
process that dies leaves it either wholly done or still to do.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.port import MessagePosted, MessageRef
from bot import doors, people
from bot.delivery import inbox, leases, outbox, queueing
from bot.delivery.accepting import finishes
from bot.delivery.bell import Bell
from bot.delivery.counting import count_ended
from bot.delivery.ending import Ending
from bot.delivery.inbox import Batch, Received
from bot.delivery.isolation import begun_alone, is_suspect
from bot.delivery.lanes import NOW, session_lane
from bot.delivery.leases import Lease, LeaseLost
from bot.delivery.outbox import Grown, Outgoing
from bot.delivery.placing import DEAD, Origin
from bot.delivery.points import NO_POINTS, Reached
from bot.delivery.streaming import Growing, Streams
from bot.delivery.tries import Tries
from bot.effects import Effect, Result, Whisper
from bot.grace import Grace
from bot.hub import Work
from bot.leaving import AT_ONCE, command_of, sits
from bot.observability import METRICS, correlated, report
from bot.router import Arrival, Router
from bot.store.database import Database, StoreAway
from bot.store.locking import SESSION_LANE
from bot.views import errors as error_views
from engine.errors import NoSession, SequenceTaken
from engine.store import Transaction

log = structlog.get_logger(__name__)

DOOR_SECONDS: Final = 0.5
DOOR_PATIENCE: Final = timedelta(seconds=15)
"""So long words wait at a time, and in all, for the door of a thread that is being opened."""

MOST_BUGS: Final = 2
"""An event that raised so often is given up at once."""

SLOWEST: Final = 30.0
"""So many seconds a lane waits at most for a store that fails, or for others that write."""

_FIRST_WAIT: Final = 0.1


HandOver = Callable[[Lease, Outgoing, MessageRef | None], object]
"""Shows a row that says already that it is being sent, and what follows it on its lane.

It may stand already.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """Works off lanes of what came in. One a process.

    `shows`: whether this process can show something on a lane. That is handed over at once, so that
    nobody has to find it; until then, it is held within `holding`.
    """

    database: Database
    router: Router
    bell: Bell
    streams: Streams
    now: Callable[[], datetime]
    hand_over: HandOver
    holding: Callable[[Lease], AbstractContextManager[None]]
    worker: str
    shows: Callable[[str], bool]
    ending: Ending
    grace: Grace
    reached: Reached = NO_POINTS

    async def drain(self, lease: Lease) -> bool:
        """Handle all that is due on a lane, then give it back; whether that worked.

        What comes next when the process is to stop is left to others.
        Raises nothing: what fails is tried again later, and in the end given up and told.
        """
        with correlated(lane=lease.lane):
            try:
                if is_suspect(lease):
                    lease = await begun_alone(self.database, lease, self._bury_first)
                while not await self._once(lease):
                    if self.grace.has_begun:
                        return False
                    lease = replace(lease, tries=0)  # what comes next has not failed yet
            except LeaseLost:
                log.warning("lease_lost")
            except (StoreAway, SequenceTaken) as error:
                log.warning("drain_waits", code=error.code)
                waited = Tries(waited=lease.tried.waited + 1, raised=lease.tried.raised)
                return await self._back_off(lease, waited, waited.waited)
            except Exception as error:  # noqa: BLE001 - one lane's bug must not stop the others
                report(error)
                return await self._failed(lease)
        return True

    async def _failed(self, lease: Lease) -> bool:
        """What raises would raise again: one more try, then whoever sent it is told."""
        raised = lease.tried.raised + 1
        try:
            if raised >= MOST_BUGS:
                await self._bury_first(lease)
                raised = 0  # What comes next did nothing yet.
        except LeaseLost:
            return True
        except Exception as error:  # noqa: BLE001 - the lane is given back whatever happens
            report(error)
        return await self._back_off(lease, Tries(raised=raised), raised)

    async def _once(self, lease: Lease) -> bool:
        """Handle what comes next; whether nothing is left and the lane was given back."""
        if not lease.lane.startswith(SESSION_LANE):
            return await self._looked(lease, Work())
        with self.bell.hub.working(lease.lane.removeprefix(SESSION_LANE)) as work:
            return await self._looked(lease, work)

    async def _looked(self, lease: Lease, work: Work) -> bool:
        now = self.now()
        async with self.database.reading() as tx:
            batch = await inbox.next_batch(tx, lease.lane, now)
            work.reads = _keys(batch)
            # Asked in this order: a door that is stored in between is seen by the second.
            coming = batch is not None and await self._door_is_coming(tx, batch.rows)
            moved = await self._door_of(tx, batch.rows) if batch and batch.rows else None
            if batch and not moved and coming:
                batch = Batch(rows=(), wait=now + timedelta(seconds=DOOR_SECONDS))
            grown = await self._grown(tx, batch.rows) if batch else None
            if batch and grown:
                # It stands above what came later, which is answered below it.
                batch = batch.up_to(grown.last)
                work.reads = _keys(batch)
        if batch is None or not batch.rows:
            async with self.database.transaction() as tx:
                await leases.fence(tx, lease)
                if batch and not coming:
                    # What waited for its rest: that may have come, or something else, until now.
                    batch = await inbox.next_batch(tx, lease.lane, self.now())
                    if batch and batch.rows:
                        return False
                return await self._given_back(tx, lease, batch.wait if batch else None)
        if moved is not None:
            async with self.database.transaction() as tx:
                await leases.touch(tx, session_lane(moved), now)
                await leases.fence(tx, lease)
                await inbox.move(tx, batch.rows, session_lane(moved), moved)
            self.bell.work(session_lane(moved))
            return False
        session_id = batch.rows[0].session_id or ""
        leaving = [one for one in batch.after if _may_want_out(one)]
        hushes = leaving and await self._may_leave(session_id, leaving)
        with self.bell.hub.hushed(session_id) if hushes else nullcontext():
            return await self._handled(lease, batch.rows, grown)

    async def _may_leave(self, session_id: str, leaving: Sequence[Received]) -> bool:
        """Whether somebody wants out who may: they wait for no answer to what was said before."""
        if not session_id:
            return False
        with suppress(NoSession):
            # Mostly these are plain words, for which no one who writes has to wait.
            async with self.database.reading() as tx:
                wanting = [one for one in leaving if await self._wants(tx, session_id, one)]
            if wanting:
                async with self.database.transaction() as tx:
                    for one in wanting:
                        if await self._may(tx, session_id, one):
                            return True
        return False

    async def _wants(self, tx: Transaction, session_id: str, one: Received) -> bool:
        if not isinstance(one.event, MessagePosted):
            return True
        return await self.router.wants_out(tx, session_id, one.event.text)

    async def _may(self, tx: Transaction, session_id: str, one: Received) -> bool:
        said = one.event
        if one.person_id is not None:
            return await sits(tx, one.person_id, session_id)
        return await self.router.may_cut(tx, session_id, said.user, command_of(said))

    async def _grown(self, tx: Transaction, rows: Sequence[Received]) -> Grown | None:
        """The reply to these, or the first of them, that began to grow in a turn that was lost."""
        if not rows or not isinstance(rows[0].event, MessagePosted):
            return None
        grown = await outbox.growing_in(tx, rows[0].event.thread)
        return grown if grown and any(row.key == grown.last for row in rows) else None

    async def _door_of(self, tx: Transaction, rows: Sequence[Received]) -> str | None:
        """The session a thread came to lead to after these were stored."""
        here = getattr(rows[0].event, "thread", None)
        if rows[0].session_id is not None or here is None:
            return None
        door = await doors.of_thread(tx, here)
        return door.session_id if door else None

    async def _door_is_coming(self, tx: Transaction, rows: Sequence[Received]) -> bool:
        """Whether these may stand in a thread that is just being opened for a session."""
        if not rows or rows[0].session_id is not None:
            return False
        said, since = rows[0].event, rows[0].received_at
        if not isinstance(said, MessagePosted) or self.now() - since > DOOR_PATIENCE:
            return False
        return await outbox.is_opening(tx, said.thread)

    async def _handled(self, lease: Lease, rows: Sequence[Received], grown: Grown | None) -> bool:
        first = rows[0]
        began = time.monotonic()
        freed = False
        to_show: list[tuple[Lease, Outgoing]] = []

        self.reached("leased")
        if lease.lane.startswith(NOW) and first.session_id is not None:
            await self._turn_ended(first.session_id, first)
        more = tuple(one.event for one in rows[1:] if isinstance(one.event, MessagePosted))
        async with self.streams.growing(lease, rows, grown) as growing:

            async def commit(tx: Transaction, result: Result) -> None:
                nonlocal freed
                to_show.clear()
                freed = await self._commit(tx, lease, rows, result, growing, to_show)

            result = await self.router.handle(
                Arrival(
                    event=first.event,
                    more=more,
                    session_id=first.session_id,
                    person=first.person_id,
                    commit=commit,
                    begins=growing.begins,
                    at_once=lease.lane.startswith(NOW),
                )
            )
            self.reached("committed")
            for taken, row in to_show:
                with self.holding(taken):
                    stands = await growing.finished(taken, row)
                self.hand_over(taken, row, stands)
        self._rang(result.session_id or first.session_id, first)
        if isinstance(first.event, MessagePosted):
            METRICS.turn_seconds.observe(time.monotonic() - began)
            METRICS.turns.labels(result.code or "answered").inc()
        count_ended(result.effects)
        log.info("handled", event_kind=first.event.kind, code=result.code, together=len(rows))
        return freed

    def _rang(self, session_id: str | None, row: Received) -> None:
        """Say what happened. What a turn leads to is on its way; other things may be new work."""
        if isinstance(row.event, MessagePosted):
            self.bell.tell(session_id)
        else:
            self.bell.ring(session_id)

    async def _turn_ended(self, session_id: str, row: Received) -> None:
        """End the turn under way; whoever is through is not to lose what they said before."""
        if finishes(row.event):
            await self.ending.what_was_said(session_id, row.id)
        else:
            await self.ending.turn(session_id)

    async def _commit(
        self,
        tx: Transaction,
        lease: Lease,
        rows: Sequence[Received],
        result: Result,
        growing: Growing,
        to_show: list[tuple[Lease, Outgoing]],
    ) -> bool:
        """Store what an event led to; whether the lane was given back with it.

        `to_show` gets what this process is to show once it is stored.
        """
        self.reached("thought")
        first, now = rows[0], self.now()
        if not result.code and first.person_id and any(row.agrees for row in rows):
            await people.consent(tx, first.person_id, at=now)
        await leases.fence(tx, lease)
        origin = Origin(
            key=first.key,
            here=getattr(first.event, "thread", None),
            user=first.event.user,
            session_id=None if result.forgot else result.session_id or first.session_id,
            kept=first.person_id is not None,
            code=result.code,
        )
        to_show += await queueing.queue_and_take(
            tx, result.effects, origin, now, growing.grown, worker=self.worker, shows=self.shows
        )
        await inbox.done(tx, rows, now, result.code)
        await self.bell.announce(tx, origin.session_id)
        return await self._given_back(tx, lease, None)

    async def _given_back(self, tx: Transaction, lease: Lease, wait: datetime | None) -> bool:
        """Give the lane back unless more is due on it. It is fenced: its row is locked.

        So whoever stores something now waits, and then says so anew.
        """
        if wait is None:
            return await inbox.give_back(tx, lease, self.now())
        if wait <= self.now():
            return False
        await leases.release(tx, lease, wait)
        return True

    async def _back_off(self, lease: Lease, tries: Tries, times: int) -> bool:
        """Give the lane back for a while, which is longer the more times that was so."""
        wait = timedelta(seconds=min(SLOWEST, _FIRST_WAIT * 2.0**times))
        lease = replace(lease, tries=tries.packed)
        try:
            async with self.database.transaction() as tx:
                await leases.back_off(tx, lease, self.now() + wait)
        except StoreAway as error:
            log.warning("lease_left", code=error.code)
            return False
        return True

    async def _bury_first(self, lease: Lease) -> None:
        """Give up on what fails again and again, and tell whoever sent it, if that can be read."""
        now = self.now()
        first: Received | None = None
        try:
            async with self.database.reading() as tx:
                batch = await inbox.next_batch(tx, lease.lane, now)
            first = batch.rows[0] if batch and batch.rows else None
            dead = first.id if first else None
        except inbox.Unreadable as error:
            report(error)
            dead = error.row_id
        if dead is None:
            return
        async with self.database.transaction() as tx:
            await leases.fence(tx, lease)
            if first is not None:
                grown = await outbox.growing_of(tx, first.key)
                await queueing.queue(tx, _sorry(), _origin_of_dead(first), now, grown)
            await inbox.bury(tx, dead, now, "failed")
        METRICS.errors.labels("event_dead").inc()
        log.error("event_dead", event_kind=first.event.kind if first else "unreadable")
        self.bell.ring(first.session_id if first else None)


def _keys(batch: Batch | None) -> frozenset[str]:
    return frozenset(row.key for row in batch.rows) if batch else frozenset()


def _may_want_out(one: Received) -> bool:
    return isinstance(one.event, MessagePosted) or command_of(one.event) in AT_ONCE


def _sorry() -> tuple[Effect, ...]:
    return (Whisper(message=error_views.error("failed")),)


def _origin_of_dead(row: Received) -> Origin:
    return Origin(
        key=f"{row.key}{DEAD}",
        here=getattr(row.event, "thread", None),
        user=row.event.user,
        session_id=row.session_id,
        kept=row.person_id is not None,
        code="failed",
    )
