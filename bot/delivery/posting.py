"""Shows what waits in the outbox, thread by thread, once.

A row says `sending` before the platform is called. Whoever finds it so later asks the platform
whether it was shown, and only then shows it again.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import bindparam, select, text

from adapters.errors import (
    AdapterError,
    NotRunning,
    PlatformDown,
    RateLimited,
    Unknown,
    Unreachable,
)
from adapters.port import (
    ChatAdapter,
    Message,
    MessageRef,
    Platform,
    ThreadRef,
    To,
    Unknowable,
)
from adapters.port import Whisper as WhisperTo
from adapters.stored import thread_of
from bot.delivery import leases, opening, outbox, queueing, stopping
from bot.delivery.accepting import Interactions
from bot.delivery.bell import Bell
from bot.delivery.drawing import drawn
from bot.delivery.enduring import Patience
from bot.delivery.isolation import begun_alone, is_suspect
from bot.delivery.leases import LEASE_SECONDS, Lease, LeaseLost
from bot.delivery.outbox import Outgoing
from bot.delivery.placing import NOT_SHOWN, POST_LANE, Origin, cause_of
from bot.delivery.points import NO_POINTS, Reached
from bot.delivery.tries import Tries
from bot.effects import EditCard, Effect, MarkThread, OpenDM, OpenThread, Post, Whisper
from bot.observability import METRICS, correlated, report
from bot.services import Services
from bot.store.database import StoreAway
from bot.store.queues import OPEN, OutboxRow
from bot.views import errors as error_views
from engine.store import Transaction

log = structlog.get_logger(__name__)

POST_SECONDS: Final = LEASE_SECONDS / 2 - 0.1
"""A post takes no longer: nobody else may have the lane before it is over."""

DRAW_SECONDS: Final = 60.0
"""Drawing takes no longer: others wait meanwhile, in the thread, or for one that is shown alone."""

MOST_UNSURE: Final = 8
"""So often a row is tried of which nobody knows then whether it was shown."""

MOST_BUGS: Final = 3
"""So often one is tried that raises what no adapter should."""

CARD_SECONDS: Final = 1.0
"""So long a change waits at a time for a card that is still to be shown in another thread."""


_ALL_SHOWN: Final = leases.given_unless(
    select(OutboxRow.id).where(OutboxRow.lane == bindparam("held_lane"), text(OPEN)).exists()
)


@dataclass(frozen=True, slots=True)
class Shown:
    """It stands there, or is done."""

    ref: MessageRef | ThreadRef | None


@dataclass(frozen=True, slots=True)
class Later:
    """To be tried again. `shown` None: nobody knows whether it was shown.

    `tries`: how often this row ended badly.
    """

    due: datetime
    shown: bool | None
    tries: Tries


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It is not shown, and will not be."""

    code: str
    state: str = "dead"


Tried = Shown | Later | GivenUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """Works off lanes of what goes out, on the platforms whose adapters run in this process."""

    services: Services
    adapters: Mapping[Platform, ChatAdapter]
    interactions: Interactions
    bell: Bell
    now: Callable[[], datetime]
    reached: Reached = NO_POINTS
    draw_seconds: float = DRAW_SECONDS
    patience: Patience = field(default_factory=Patience)

    async def drain(self, lease: Lease) -> bool:
        """Show all that is due on a lane, then give it back; whether that worked.

        Raises nothing.
        """
        return await self._safely(lease, None)

    async def go_on(self, lease: Lease, row: Outgoing, stands: MessageRef | None = None) -> bool:
        """As `drain`, where `row` says already that it is being sent, by this process.

        `stands`: where it stands already.
        """
        return await self._safely(lease, row, stands)

    async def _safely(
        self, lease: Lease, row: Outgoing | None, stands: MessageRef | None = None
    ) -> bool:
        with correlated(lane=lease.lane):
            try:
                if is_suspect(lease):
                    lease = await begun_alone(self.services.database, lease, self._give_up_first)
                    row = row if lease.tries else None  # else it was what was given up
                row = row or await self._next(lease, None, None)
                while row is not None:
                    lease, row = await self._show_one(lease, row, stands)
                    stands = None
            except LeaseLost:
                log.warning("lease_lost")
            except StoreAway as error:
                log.warning("posting_waits", code=error.code)
                return await self._back_off(lease, lease.tried.given_back)
            except Exception as error:  # noqa: BLE001 - one thread's bug must not stop the others
                report(error)
                return await self._failed(lease)
        return True

    async def _show_one(
        self, lease: Lease, row: Outgoing, stands: MessageRef | None
    ) -> tuple[Lease, Outgoing | None]:
        """Show a row; the lease for what is next, and that."""
        adapter = self.adapters[thread_of(lease.lane.removeprefix(POST_LANE)).platform]
        tried = Shown(stands) if stands else await self._tried(adapter, lease, row)
        if isinstance(tried, Shown):
            self.reached("posted")
        left = tried.tries if isinstance(tried, Later) else Tries()
        after = replace(lease, tries=left.packed)
        following = await self._next(after, row, tried)
        if isinstance(tried, Shown) and not isinstance(tried.ref, ThreadRef):
            self.bell.tell()
        else:
            self.bell.ring()  # What waited for a thread can go there, or somebody is told.
        return after, following

    async def _next(
        self, lease: Lease, last: Outgoing | None, tried: Tried | None
    ) -> Outgoing | None:
        """Store how the last row went, and take the next, or give the lane back.

        One transaction, so that showing something costs one. What came back ended no process.
        """
        async with self.services.database.transaction() as tx:
            ref = tried.ref if isinstance(tried, Shown) else None
            if last is not None and isinstance(ref, ThreadRef):
                await opening.fence(tx, lease, last, ref, self.now())
            else:
                await (leases.hold if tried is None else leases.fence)(tx, lease)
            if last is not None and tried is not None:
                await self._noted(tx, last, tried)
            if await leases.give_back(tx, lease, _ALL_SHOWN):
                return None
            now = self.now()
            first = await outbox.first(tx, lease.lane)
            if first is not None and first.grows and await stopping.is_left(tx, first):
                if await stopping.is_worked_on(tx, first):
                    await leases.back_off(tx, lease, now + stopping.TURN_WITHIN)
                    return None
                await stopping.stop(tx, first)
                first = await outbox.first(tx, lease.lane)
            if first is None or first.grows:
                # What still grows is touched again by whoever lets it grow.
                await leases.release(tx, lease, None)
                return None
            if first.due > now:
                await leases.back_off(tx, lease, first.due)
                return None
            await outbox.sending(tx, first, now)
            return first

    async def _give_up_first(self, lease: Lease) -> None:
        """Give up on what ends the process that shows it, and tell whoever waits for it."""
        async with self.services.database.transaction() as tx:
            await leases.fence(tx, lease)
            row = await outbox.first(tx, lease.lane)
            if row is not None and not row.grows and row.due <= self.now():
                await self._noted(tx, row, GivenUp("failed"))
        self.bell.ring()

    async def _surely_ours(self, lease: Lease) -> None:
        """Go on with a lane that nobody else may have before a post is over.

        Raises:
            LeaseLost: we stood still for too long, and somebody has it.
        """
        now = time.monotonic()
        if now >= lease.shows_until:
            async with self.services.database.transaction() as tx:
                await leases.hold(tx, lease)
            lease.known.at = now

    async def _tried(self, adapter: ChatAdapter, lease: Lease, row: Outgoing) -> Tried:
        """Show one row; how that went."""
        # What was being sent before may stand there: not reaching the platform tells nothing.
        unsure, tries = None if row.state == "sending" else False, lease.tried.given_back
        self.patience.begin(row, self.now())
        try:
            effect = row.effect
            message = await drawn(effect, self.services, self.draw_seconds)
            await self._surely_ours(lease)
            async with asyncio.timeout(POST_SECONDS):
                return Shown(await self._carried_out(adapter, row, effect, message))
        except (RateLimited, PlatformDown, NotRunning) as error:
            wait = error.retry_after if isinstance(error, RateLimited) else _wait(row)
            return self._later(row, wait, tries, shown=unsure)
        except (Unknown, TimeoutError):
            once_more = replace(tries, waited=tries.waited + 1)
            return self._later(row, _wait(row), once_more, shown=None)
        except AdapterError as error:
            return GivenUp(error.code)
        except _NotNow as over:
            return over.given_up
        except (LeaseLost, StoreAway):
            raise
        except Exception as error:  # noqa: BLE001 - what follows in the thread must not wait for it
            report(error)
            once_more = replace(tries, raised=tries.raised + 1)
            return self._later(row, _wait(row), once_more, shown=unsure)

    def _later(self, row: Outgoing, seconds: float, tries: Tries, *, shown: bool | None) -> Tried:
        """Try again after a while, for as long as that makes sense."""
        now = self.now()
        if tries.raised >= MOST_BUGS:
            return GivenUp("failed")
        # Waiting for others in its thread, or processes that died, are no failures of its own.
        if tries.waited >= MOST_UNSURE or self.patience.is_over(row, now):
            return GivenUp("too_often")
        log.info("post_waits", seconds=round(seconds, 1), attempts=row.attempts)
        return Later(now + timedelta(seconds=seconds), shown, tries)

    async def _noted(self, tx: Transaction, row: Outgoing, tried: Tried) -> None:
        if isinstance(tried, Later):
            await outbox.later(tx, row, tried.due, shown=tried.shown)
            return
        if isinstance(tried, GivenUp):
            log.warning("not_shown", effect=row.kind, code=tried.code)
            METRICS.errors.labels("post_dead").inc()
            await outbox.give_up(tx, row, tried.code, state=tried.state)
            if _may_tell(row, tried.code) and isinstance(row.to, ThreadRef | WhisperTo):
                await self._tell(tx, row, row.to)
            return
        if isinstance(tried.ref, ThreadRef):
            await outbox.opened(tx, row, tried.ref)
        await outbox.sent(tx, row, tried.ref if isinstance(tried.ref, MessageRef) else None)

    async def _carried_out(
        self, adapter: ChatAdapter, row: Outgoing, effect: Effect, message: Message | None
    ) -> MessageRef | ThreadRef | None:
        to = row.to
        if isinstance(effect, OpenThread) and isinstance(to, ThreadRef):
            return await adapter.open_thread(to, effect.title, key=row.key)
        if isinstance(effect, MarkThread) and isinstance(to, ThreadRef):
            await adapter.mark_thread(to, title=effect.title, state=effect.state)
            return None
        if isinstance(effect, EditCard) and message is not None:
            return await self._changed(adapter, effect, message)
        if isinstance(effect, OpenDM):
            if effect.until is not None and self.now() > effect.until:
                raise _NotNow(GivenUp("too_late"))
            to = await adapter.open_dm(effect.user)
        if to is None or message is None:
            raise TypeError(f"a row of kind {row.kind} goes nowhere")
        if isinstance(to, WhisperTo):
            to = replace(to, interaction=self.interactions.of(cause_of(row.event), self.now()))
        return await self._posted(adapter, row, to, message)

    async def _changed(
        self, adapter: ChatAdapter, effect: EditCard, message: Message
    ) -> MessageRef | None:
        if effect.ref is not None:
            return await adapter.edit(effect.ref, message)
        async with self.services.database.reading() as tx:
            card, comes = await outbox.card_of(tx, effect.card)
        if comes:
            raise RateLimited(CARD_SECONDS)  # It waits in another thread's order.
        return None if card is None else await adapter.edit(card, message)

    async def _posted(
        self, adapter: ChatAdapter, row: Outgoing, to: To, message: Message
    ) -> MessageRef:
        standing = row.ref
        if row.state == "sending" and row.attempted_at is not None and standing is None:
            found = await adapter.find_posted(to, key=row.key, since=row.attempted_at)
            if isinstance(found, MessageRef):
                if row.kind != "draft":
                    return found
                standing = found
            if isinstance(found, Unknowable) and (row.kind == "dm" or row.attempts > 1):
                # Showing it once more on a guess is enough.
                raise _NotNow(GivenUp("unknowable", state="unknown"))
        if standing is not None:
            return await adapter.edit(standing, message)
        return await adapter.post(to, message, key=row.key)

    async def _tell(self, tx: Transaction, row: Outgoing, to: To) -> None:
        here = to if isinstance(to, ThreadRef) else to.thread
        sorry = error_views.error("not_shown")
        if isinstance(to, WhisperTo):
            origin = Origin(
                key=f"{row.key}{NOT_SHOWN}", here=here, user=to.user, session_id=row.session_id
            )
            await queueing.queue(tx, (Whisper(message=sorry),), origin, self.now())
            return
        origin = Origin(key=f"{row.key}{NOT_SHOWN}", here=here, session_id=row.session_id)
        await queueing.queue(tx, (Post(message=sorry),), origin, self.now())

    async def _failed(self, lease: Lease) -> bool:
        """What cannot be kept as shown is given up in the end: others wait behind it."""
        tries = lease.tried.given_back
        tries = replace(tries, raised=tries.raised + 1)
        try:
            if tries.raised >= MOST_BUGS:
                await self._give_up_first(lease)
                tries = Tries()
        except LeaseLost:
            return True
        except Exception as error:  # noqa: BLE001 - the lane is given back whatever happens
            report(error)
        return await self._back_off(lease, tries)

    async def _back_off(self, lease: Lease, tries: Tries) -> bool:
        later = self.now() + timedelta(seconds=min(60, 2.0 ** (1 + tries.raised)))
        try:
            async with self.services.database.transaction() as tx:
                await leases.back_off(tx, replace(lease, tries=tries.packed), later)
        except StoreAway as error:
            log.warning("lease_left", code=error.code)
            return False
        return True


class _NotNow(Exception):
    """Twice, or too late, would be worse than never."""

    def __init__(self, given_up: GivenUp) -> None:
        super().__init__(given_up.code)
        self.given_up = given_up


def _wait(row: Outgoing) -> float:
    return min(60.0, 0.5 * 2.0**row.attempts)


def _may_tell(row: Outgoing, code: str) -> bool:
    told = row.kind in ("post", "whisper", "open_thread", "draft")
    return told and code != Unreachable.code and NOT_SHOWN not in row.key
