"""The door in: an event is stored before its platform is told that it arrived."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from adapters.errors import NotStored
from adapters.port import CommandCalled, Event, InteractionRef, Pressed, Stopped, ThreadRef
from bot import doors
from bot.commands.session import AT_ONCE
from bot.delivery import inbox, leases, outbox
from bot.delivery.bell import Bell
from bot.delivery.lanes import session_lane, thread_lane
from bot.store.database import Database, StoreAway, StoreRefused
from engine.store import Transaction

log = structlog.get_logger(__name__)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Stores events."""

    database: Database
    bell: Bell
    now: Callable[[], datetime]
    interactions: Interactions

    async def accept(self, event: Event) -> None:
        """Return once the event is stored; a second delivery is left as it is.

        Raises:
            NotStored: it was not; the platform has to deliver it again.
        """
        key = inbox.key_of(event)
        try:
            async with self.database.transaction() as tx:
                session_id, lane = await self._lane(tx, event)
                stored = await inbox.store(tx, event, lane, self.now(), session_id=session_id)
                if stored:
                    await self._wake(tx, lane)
        except (StoreAway, StoreRefused) as error:
            log.warning("not_stored", event_kind=event.kind, code=error.code)
            raise NotStored(key) from error
        if stored:
            self.interactions.keep(key, getattr(event, "interaction", None))
            self.bell.work(lane)

    async def accept_from(self, client: Client, event: Event) -> bool:
        """Store what a client of the API sent; False where that came before and was answered.

        Raises:
            StoreAway, StoreRefused: nothing was stored.
        """
        async with self.database.transaction() as tx:
            lane = session_lane(client.session_id)
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
                await outbox.drop_kept(tx, inbox.key_of(event, client.session_id))
                await self._wake(tx, lane)
        self.bell.work(lane)
        return stored

    async def _wake(self, tx: Transaction, lane: str) -> None:
        await leases.touch(tx, lane, self.now())
        await self.bell.announce(tx)

    async def _lane(self, tx: Transaction, event: Event) -> tuple[str | None, str]:
        here: ThreadRef | None = getattr(event, "thread", None)
        if here is None:
            return None, f"person:{inbox.author_of(event)}"
        door = await doors.of_thread(tx, here)
        if door is None:
            return None, thread_lane(here)
        lane = session_lane(door.session_id)
        if ends_a_turn(event) and await leases.is_taken(tx, lane):
            # It does not queue behind the turn: the turn ends by it.
            return door.session_id, f"now:{lane}"
        return door.session_id, lane


def ends_a_turn(event: Event) -> bool:
    """Whether somebody wants out, which does not wait for a turn under way."""
    if isinstance(event, CommandCalled):
        return event.name in AT_ONCE
    if isinstance(event, Pressed):
        return event.choice.partition(":")[0] in AT_ONCE
    return isinstance(event, Stopped)
