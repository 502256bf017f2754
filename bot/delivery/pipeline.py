"""Delivery put together: what comes in is stored, handled once and in order, and shown once."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from adapters.port import ChatAdapter, Event, Platform, ThreadRef
from adapters.stored import thread_id
from bot.delivery import outbox, placing, queueing, workers
from bot.delivery.accepting import Acceptance, Client, Interactions
from bot.delivery.bell import Bell
from bot.delivery.carriers.local import SLOTS, LocalCarrier, needs_of
from bot.delivery.counting import count_ended
from bot.delivery.draining import Drain
from bot.delivery.ending import Ending
from bot.delivery.inbox import is_waiting, key_of
from bot.delivery.leases import Lease
from bot.delivery.placing import POST_LANE, Origin
from bot.delivery.points import NO_POINTS, Reached
from bot.delivery.posting import Poster
from bot.delivery.streaming import Streams
from bot.effects import EditCard, MarkThread, OpenDM, Post, Result
from bot.grace import Grace
from bot.router import Router
from bot.services import Services
from bot.store import pruning
from bot.store.database import StoreAway
from bot.telling import told
from engine.store import Transaction
from engine.turns import Outcome


@dataclass(slots=True, kw_only=True)
class Delivery:
    """The doors in, and what happens behind them. One a process.

    `seconds` is a clock that nobody sets. `grace` limits how long a stop of the process may take.
    """

    services: Services
    router: Router
    worth_growing: bool = False
    reached: Reached = NO_POINTS
    seconds: Callable[[], float] = time.monotonic
    grace: Grace = field(default_factory=Grace)
    bell: Bell = field(init=False)
    _acceptance: Acceptance = field(init=False)
    _interactions: Interactions = field(init=False)
    ending: Ending = field(init=False)

    def __post_init__(self) -> None:
        self.bell = Bell(self.services.database, self.services.hub)
        self.ending = Ending(database=self.services.database, bell=self.bell)
        self._interactions = Interactions()
        self._acceptance = Acceptance(
            database=self.services.database,
            bell=self.bell,
            now=self.services.now,
            interactions=self._interactions,
            wants_out=self.router.wants_out,
            may_cut=self.router.may_cut,
            shared=self.services.settings.carried_by != "local",
        )

    async def accept(self, event: Event) -> None:
        """Store what happened on a platform; see `Acceptance.accept`.

        Raises:
            NotStored: it was not.
        """
        await self._acceptance.accept(event)
        self.reached("accepted")

    async def accept_from(self, client: Client, event: Event) -> bool:
        """Store what a client of the API sent; see `Acceptance.accept_from`.

        Raises:
            StoreAway, StoreRefused: nothing was stored.
        """
        return await self._acceptance.accept_from(client, event)

    async def show(self, tx: Transaction, outcome: Outcome, key: str) -> None:
        """Show in a session's rooms what was stored outside of any event of theirs.

        Called in the transaction that stores it. `key` names it among all that happened.
        """
        shown = await told(tx, outcome, self.services)
        await self.show_in_rooms(tx, Result(shown), outcome.session.id, key)

    async def show_in_rooms(
        self, tx: Transaction, result: Result, session_id: str, key: str
    ) -> None:
        """Show in a session's rooms what of a result is for them; as `show`."""
        shown = tuple(
            one
            for one in result.effects
            if isinstance(one, EditCard)
            or (isinstance(one, Post | MarkThread) and one.to == "rooms")
        )
        if await outbox.is_known(tx, key):
            return  # A client that hears nothing may send the same again.
        count_ended(shown)
        await queueing.queue(tx, shown, Origin(key=key, session_id=session_id), self.services.now())
        await self.bell.announce(tx, session_id)

    async def write(
        self, tx: Transaction, letter: OpenDM, key: str, session_id: str | None
    ) -> list[str]:
        """Write to somebody directly, outside of any event; the lanes that got work by it.

        Called in the transaction that stores why. Once it is committed, `bell.work` those lanes.
        """
        origin = Origin(key=key, session_id=session_id)
        lanes = await queueing.queue(tx, (letter,), origin, self.services.now())
        await self.bell.announce(tx)
        return lanes

    async def is_open(self, event: Event) -> bool:
        """Whether an event, or something to be shown in its thread, still waits."""
        here: ThreadRef | None = getattr(event, "thread", None)
        async with self.services.database.reading() as tx:
            return await is_waiting(tx, event) or await outbox.unsent(tx, key_of(event), here) > 0

    @asynccontextmanager
    async def running(
        self,
        adapters: Mapping[Platform, ChatAdapter],
        *,
        turns: bool = True,
        within: ThreadRef | None = None,
    ) -> AsyncGenerator[None]:
        """Handle and show while the block runs. The adapters run longer than it does.

        `within`: show things only in threads whose key begins with that one's. Such a process is
        one person's own, and takes turns by itself whatever the carrier is.
        """
        if within is not None or self.services.settings.carried_by == "local":
            async with self.carrier(adapters, turns=turns, within=within).running():
                yield
            if within is not None:
                await self._shut(within)
            return
        from bot.delivery.carriers.procrastinate import ProcrastinateCarrier

        local = self.carrier(adapters, turns=False)
        local.slots = 2 * SLOTS  # so that turns leave room for what is to be shown
        async with ProcrastinateCarrier(local=local, slots=SLOTS if turns else 0).running():
            yield

    async def _shut(self, within: ThreadRef) -> None:
        """Nobody else can show anything in our threads, so nothing is to wait for that."""
        with suppress(StoreAway):
            async with self.services.database.transaction() as tx:
                await pruning.shut(tx, placing.lane_of(within), thread_id(within))

    def carrier(
        self,
        adapters: Mapping[Platform, ChatAdapter],
        *,
        turns: bool = True,
        within: ThreadRef | None = None,
    ) -> LocalCarrier:
        """What takes lanes in this process."""
        own = placing.lane_of(within) if within else ""
        poster, worker = self._poster(adapters), workers.this_process(adapters, own)

        async def work(lease: Lease) -> bool:
            return await (poster if lease.lane.startswith(POST_LANE) else drain).drain(lease)

        carrier = LocalCarrier(
            database=self.services.database,
            bell=self.bell,
            worker=worker,
            needs=needs_of(adapters, turns=turns),
            work=work,
            now=self.services.now,
            within=own,
            grace=self.grace,
        )
        drain = Drain(
            database=self.services.database,
            router=self.router,
            bell=self.bell,
            streams=self._streams(adapters),
            now=self.services.now,
            worker=worker.id,
            ending=self.ending,
            grace=self.grace,
            shows=lambda lane: outbox.platform_of(lane) in adapters and lane.startswith(own),
            hand_over=lambda lease, row, stands: carrier.begin(
                lease, poster.go_on(lease, row, stands)
            ),
            holding=carrier.holding,
            reached=self.reached,
        )
        return carrier

    def _streams(self, adapters: Mapping[Platform, ChatAdapter]) -> Streams:
        return Streams(
            database=self.services.database,
            hub=self.services.hub,
            adapters=adapters,
            now=self.services.now,
            worth=self.worth_growing,
            seconds=self.seconds,
            reached=self.reached,
        )

    def _poster(self, adapters: Mapping[Platform, ChatAdapter]) -> Poster:
        return Poster(
            services=self.services,
            adapters=adapters,
            interactions=self._interactions,
            bell=self.bell,
            now=self.services.now,
            reached=self.reached,
        )
