"""The door in: an event is stored before its platform is told that it arrived."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from adapters.errors import NotStored
from adapters.port import (
    Event,
    InteractionRef,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ThreadRef,
    UserRef,
)
from bot import doors
from bot.delivery import inbox, leases, outbox
from bot.delivery.bell import Bell, Taker
from bot.delivery.lanes import NOW, session_lane, thread_lane
from bot.delivery.leases import Lease
from bot.delivery.placing import lane_of
from bot.incoming import Incoming
from bot.leaving import AT_ONCE, command_of, sits
from bot.store.database import Database, StoreAway, StoreRefused
from engine.errors import NoSession
from engine.store import Transaction

log = structlog.get_logger(__name__)

SHORT: Final = 60
"""Characters of words that are looked at although the turn may run elsewhere, at most."""

WantsOut = Callable[[Transaction, str, str], Awaitable[bool]]
MayCut = Callable[[Transaction, str, UserRef, str], Awaitable[bool]]

_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class Interactions:
    """The rights to answer commands that came in here: secrets, so in memory alone."""

    _held: dict[str, InteractionRef] = field(default_factory=dict)

    def keep(self, key: str, interaction: InteractionRef | None) -> None:
        """Remember the interaction of an event; the oldest are forgotten."""
        if interaction is None:
            return
        self._held[key] = interaction
        while len(self._held) > _REMEMBERED:
            del self._held[next(iter(self._held))]

    def of(self, key: str, now: datetime) -> InteractionRef | None:
        """The interaction of an event, while it holds."""
        found = self._held.get(key)
        return found if found is not None and found.expires > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the API: in which session it writes, as whom.

    `agrees`: a message that is taken agrees to the notice.
    """

    session_id: str
    person: str
    agrees: bool = False


@dataclass(slots=True)
class _Waking:
    """A lane that somebody has to hear of, or the lease of one that `taker` took at once.

    `plain`: a turn was seen, so it is known already that these words end none.
    """

    plain: bool = False
    lane: str = ""
    cuts: str = ""
    lease: Lease | None = None
    taker: Taker | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Stores events.

    `wants_out`: whether words in a session say that somebody wants to get out of it. `may_cut`:
    whether an account ends its turn by a command, or by words. `shared`: turns run in other
    processes as well.
    """

    database: Database
    bell: Bell
    now: Callable[[], datetime]
    interactions: Interactions
    wants_out: WantsOut
    may_cut: MayCut
    shared: bool = False

    async def accept(self, event: Event) -> None:
        """Return once the event is stored; a second delivery is left as it is.

        Raises:
            NotStored: it was not; the platform has to deliver it again.
        """
        key, interaction = inbox.key_of(event), getattr(event, "interaction", None)
        try:
            async with self._waking() as waking, self.database.storing() as tx:
                session_id, lane = await self._lane(tx, event, waking)
                stored = await inbox.store(tx, event, lane, self.now(), session_id=session_id)
                if stored:
                    self.interactions.keep(key, interaction)
                    await self._wake(tx, lane, waking)
                    if isinstance(event, MessageEdited | MessageDeleted):
                        await self._amended(tx, event)
                    if session_id is not None:
                        await self._cut(tx, event, session_id, lane, waking)
            if stored and session_id is not None and not waking.plain:
                await self._look_again(event, session_id, key)
        except (StoreAway, StoreRefused) as error:
            log.warning("not_stored", event_kind=event.kind, code=error.code)
            raise NotStored(key) from error

    async def _amended(self, tx: Transaction, event: MessageEdited | MessageDeleted) -> None:
        if isinstance(event, MessageDeleted):
            gone = await inbox.waiting_at(tx, event.ref)
            if gone is not None and (grown := await outbox.growing_of(tx, gone)) is not None:
                # Whoever shows things there finds that nothing more will come. Its lane before
                # what waits on a lane, as everywhere.
                await outbox.touch(tx, lane_of(grown.thread), self.now())
        await inbox.amend(tx, event)

    async def accept_from(self, client: Client, event: Event) -> bool:
        """Store what a client of the API sent; False where that came before and was answered.

        Raises:
            StoreAway, StoreRefused: nothing was stored.
        """
        async with self._waking() as waking, self.database.storing() as tx:
            lane = session_lane(client.session_id)
            at = client.session_id
            if await self._ends_the_turn(tx, event, at, lane, waking, client.person):
                lane = f"{NOW}{lane}"
            stored = await inbox.store(
                tx,
                event,
                lane,
                self.now(),
                session_id=client.session_id,
                person_id=client.person,
                agrees=client.agrees,
            )
            if stored:
                await self._wake(tx, lane, waking)
                await outbox.drop_kept(tx, inbox.key_of(event, client.session_id))
                await self._cut(tx, event, client.session_id, lane, waking, client.person)
        if stored and not waking.plain:
            key = inbox.key_of(event, client.session_id)
            await self._look_again(event, client.session_id, key, client.person)
        return stored

    @asynccontextmanager
    async def _waking(self) -> AsyncGenerator[_Waking]:
        """Have what was stored meanwhile worked on; around the transaction that stores it."""
        waking = _Waking()
        try:
            yield waking
        except BaseException:
            if waking.lease is not None and waking.taker is not None:
                waking.taker.leave(waking.lease)  # It may be stored all the same.
            raise
        if waking.cuts:
            self.bell.hub.cut(waking.cuts)
        if waking.lane:
            self.bell.work(waking.lane)
        if waking.lease is None or waking.taker is None:
            return
        if waking.taker is self.bell.taker:
            waking.taker.begin(waking.lease)
        else:
            await self._give_back(waking.lease)

    async def _give_back(self, lease: Lease) -> None:
        """Let others have at once what was taken for somebody who stops just now."""
        with suppress(StoreAway):  # Then it runs out.
            async with self.database.transaction() as tx:
                await leases.drop(tx, lease)
                await self.bell.announce(tx)
            self.bell.work(lease.lane)

    async def _wake(self, tx: Transaction, lane: str, waking: _Waking) -> None:
        # Not the one of a moment ago: one may have begun, or ended, while the event was stored.
        taker = self.bell.taker
        worker = taker.takes(lane) if taker else None
        if worker is None:
            waking.lane = lane
            await leases.touch(tx, lane, self.now())
            await self.bell.announce(tx)
            return
        # Nobody has to hear of it: either it is ours now, or whoever has it looks once more.
        waking.taker = taker
        waking.lease = await leases.touch_and_take(tx, worker, lane, self.now())

    async def _cut(
        self,
        tx: Transaction,
        event: Event,
        session_id: str,
        lane: str,
        waking: _Waking,
        person: str = "",
    ) -> None:
        """End the turn under way wherever it runs, also one that begins just now."""
        if not lane.startswith(NOW):
            command = command_of(event)
            if command not in AT_ONCE or not await self._may(tx, event, session_id, person):
                return
            waking.cuts = session_id
        await self.bell.announce_cut(tx, session_id)

    async def _look_again(self, event: Event, session_id: str, key: str, person: str = "") -> None:
        """End a turn that began between the look whether one runs and the moment of storing."""
        hub = self.bell.hub
        if not isinstance(event, MessagePosted) or not hub.passed_over(session_id, key):
            return
        with suppress(StoreAway, NoSession):  # It is stored, and comes after the turn at worst.
            async with self.database.reading() as tx:
                wants = await self.wants_out(tx, session_id, event.text)
                wants = wants and await self._may(tx, event, session_id, person)
            if wants and hub.passed_over(session_id, key):
                hub.cut(session_id)

    async def _may(self, tx: Transaction, event: Event, session_id: str, person: str) -> bool:
        if person:
            return await sits(tx, person, session_id)
        return await self.may_cut(tx, session_id, event.user, command_of(event))

    async def _lane(self, tx: Transaction, event: Event, waking: _Waking) -> tuple[str | None, str]:
        here: ThreadRef | None = getattr(event, "thread", None)
        if here is None:
            return None, f"person:{inbox.author_of(event)}"
        door = await doors.of_thread(tx, here)
        if door is None:
            return None, thread_lane(here)
        lane = session_lane(door.session_id)
        if await self._ends_the_turn(tx, event, door.session_id, lane, waking):
            # It does not queue behind the turn: the turn ends by it.
            return door.session_id, f"{NOW}{lane}"
        return door.session_id, lane

    async def _ends_the_turn(
        self,
        tx: Transaction,
        event: Event,
        session_id: str,
        lane: str,
        waking: _Waking,
        person: str = "",
    ) -> bool:
        """Whether a turn is under way that somebody wants, and is entitled, to get out of.

        `person` is who writes, where that is not told by an account.
        """
        command = command_of(event)
        if command in AT_ONCE:
            running = await leases.is_taken(tx, lane)
        elif isinstance(event, MessagePosted):
            running = self.bell.hub.is_turning(session_id)
            if not running and self.shared and len(event.text) <= SHORT:
                running = await leases.is_taken(tx, lane)
            if running:
                running = await self.wants_out(tx, session_id, event.text)
                waking.plain = not running
        else:
            return False
        return running and await self._may(tx, event, session_id, person)


def finishes(event: Incoming) -> bool:
    """Whether somebody is through with a session: what they said before belongs to it."""
    return command_of(event) == "end"
