"""What changes, told to every browser that looks: nothing missing, nothing twice, in order."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.clock import Clock
from adapters.errors import DeliveryFailed, PlatformDown
from adapters.kit import Database
from adapters.local import accounts, store
from adapters.local.limits import QUEUE
from adapters.local.rows import Body, Place

LOOK_SECONDS: Final = 0.5
"""So often the database is asked what other processes changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell. `seq` 0: a passing state, which is never told again."""

    frame: Body
    seq: int = 0
    place: Place | None = None
    only_for: str | None = None

    def is_for(self, person: str) -> bool:
        """Whether somebody is told."""
        if self.place is not None and not self.place.seen_by(person):
            return False
        return self.only_for is None or self.only_for == person


@dataclass(slots=True, eq=False)
class Follower:
    """One browser. `gone` says why it is told no more.

    `key` is the digest of what let it in; empty for demo people, whom nobody lets in.
    """

    person: str
    after: int
    key: str = ""
    queue: "asyncio.Queue[Item | None]" = field(default_factory=asyncio.Queue)
    gone: str = ""

    def offer(self, item: Item) -> None:
        """Tell it something, unless it knows that or is too far behind."""
        if self.gone or (item.seq and item.seq <= self.after) or not item.is_for(self.person):
            return
        if self.queue.qsize() >= QUEUE:
            self.leave("slow")
        else:
            self.queue.put_nowait(item)

    def leave(self, why: str) -> None:
        """Tell it nothing more."""
        self.gone = self.gone or why
        self.queue.put_nowait(None)


class Watched:
    """The database, telling the feed when it is away."""

    def __init__(self, database: Database, feed: "Feed") -> None:
        self._database = database
        self._feed = feed

    @property
    def stores(self) -> bool:
        """Whether what is written is stored."""
        return self._database.stores

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A transaction that may write."""
        async with self._noticed(), self._database.transaction() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A transaction that only reads."""
        async with self._noticed(), self._database.reading() as tx:
            yield tx

    @asynccontextmanager
    async def _noticed(self) -> AsyncGenerator[None]:
        try:
            yield
        except PlatformDown:
            self._feed.away("store")
            raise


class Feed:
    """One a process. Reads each change once, however many browsers look."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._followers: set[Follower] = set()
        self._rung = asyncio.Event()
        self._seq = 0
        self._down: set[str] = set()

    @property
    def is_down(self) -> bool:
        """Whether something that is needed was away when it was last asked."""
        return bool(self._down)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Tell what changes while the block runs."""
        async with self._database.reading() as tx:
            self._seq = await store.top(tx)
        reader = asyncio.create_task(self._read())
        try:
            yield
        finally:
            for one in tuple(self._followers):
                one.leave("restart")
            reader.cancel()
            await asyncio.wait({reader})
        if not reader.cancelled() and (error := reader.exception()):
            raise error

    def ring(self) -> None:
        """Say that something was stored in this process."""
        self._rung.set()

    def tell(self, frame: Body, place: Place | None = None, only_for: str | None = None) -> None:
        """Tell a passing state to whoever looks now."""
        item = Item(frame=frame, place=place, only_for=only_for)
        for one in tuple(self._followers):
            one.offer(item)

    def away(self, what: str) -> None:
        """Say that something is away; people see it once."""
        if not self._down:
            self.tell({"type": "down"})
        self._down.add(what)

    def back(self, what: str) -> None:
        """Say that it is there again."""
        if what in self._down:
            self._down.discard(what)
            if not self._down:
                self.tell({"type": "up"})

    @asynccontextmanager
    async def following(
        self, person: str, after: int | None, key: str = ""
    ) -> AsyncGenerator[Follower]:
        """Somebody who looks from now on, for as long as their `key` lets them in."""
        follower = Follower(person, after or 0, key)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def frames(self, follower: Follower, after: int | None) -> AsyncGenerator[Body]:
        """Everything after a change, then whatever comes, until the follower is gone."""
        # What comes from here on is in the queue; what was before is read from the tables.
        upto = self._seq
        if after is not None and after > upto and after > await self._top():
            yield {"type": "reset"}
            return
        seq = upto if after is None else after
        follower.after = max(seq, upto)
        yield {"type": "hello", "seq": seq}
        if self._down:
            yield {"type": "down"}
        while seq < upto:
            async with self._database.reading() as tx:
                items, seq = await changes(tx, seq, upto)
            for item in items:
                if item.is_for(follower.person):
                    yield item.frame
        while (item_ := await follower.queue.get()) is not None:
            if not item_.seq or item_.seq > follower.after:
                yield item_.frame

    async def _top(self) -> int:
        async with self._database.reading() as tx:
            return await store.top(tx)

    async def _read(self) -> None:
        while True:
            self._rung.clear()
            try:
                items = await self._news()
            except (PlatformDown, DeliveryFailed):
                self.away("store")
                await self._pause()
                continue
            if self._database.stores:
                self.back("store")
            else:
                self.away("store")  # It can be read, and that is all.
            for item in items:
                for one in tuple(self._followers):
                    one.offer(item)
            if not items:
                await self._pause()

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._rung.wait()

    async def _news(self) -> list[Item]:
        keys = {one.key for one in self._followers} - {""}
        async with self._database.reading() as tx:
            valid = await accounts.valid(tx, keys, self._clock.now()) if keys else set()
            top = await store.top(tx)
            items, upto = await changes(tx, self._seq, top) if top > self._seq else ([], self._seq)
        for one in tuple(self._followers):
            if one.key in keys - valid:
                one.leave("signed_out")
        self._seq = upto
        return items


async def changes(tx: AsyncSession, after: int, upto: int) -> tuple[list[Item], int]:
    """Changes after one number, in order, and the number up to which these are all."""
    messages = await store.changed_messages(tx, after, upto)
    if len(messages) == store.MOST:
        upto = messages[-1].seq
    places = await store.changed_places(tx, after, upto)
    where = {one.place for one in messages}
    known = {one.key: one for one in await store.places_named(tx, where)}
    last = await store.last_in(tx, [one.key for one in places])
    items = [
        Item(
            frame={"type": "message", "seq": one.seq, "message": one.shown},
            seq=one.seq,
            place=known.get(one.place),
            only_for=one.only_for,
        )
        for one in messages
    ]
    items += [
        Item(
            frame={
                "type": "place",
                "seq": one.seq,
                "place": one.shown(last.get(one.key, one.born), None),
            },
            seq=one.seq,
            place=one,
        )
        for one in places
    ]
    return sorted(items, key=lambda item: item.seq), upto
