"""The workspace as a chat platform: what the bot sees of it and does in it."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.clock import Clock
from adapters.errors import Gone, NotRunning, Refused, TooLarge, Unreachable
from adapters.kit import Database
from adapters.local import again, heard, parse, render, seed, store
from adapters.local.access import Gate
from adapters.local.groups import GROUPS, groups_of
from adapters.local.growing import Growing
from adapters.local.handover import Handover
from adapters.local.limits import BOT_ID, LIMITS, PLATFORM
from adapters.local.live import Feed, Watched
from adapters.local.rows import Place
from adapters.port import (
    ABSENT,
    Absent,
    Accept,
    AdapterHealth,
    Answer,
    CommandSpec,
    Draft,
    Event,
    FileRef,
    GroupRef,
    Limits,
    Message,
    MessageRef,
    Platform,
    Profile,
    Speaker,
    ThreadRef,
    ThreadState,
    To,
    Unknowable,
    UserRef,
    Whisper,
)

if TYPE_CHECKING:
    from collections.abc import Collection

_PIECE: Final = 64 * 1024
_TYPING_SECONDS: Final = 5


class LocalAdapter:
    """One workspace.

    Args:
        database: where everything is.
        clock: stamps what is written.
        gate: who is let in.
        specs: the commands, for the palette.
        root: the address of the page, as people reach it.
        answer_within: seconds a query may take.
        doors: people come in here; otherwise it only shows things, through the tables.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        gate: Gate,
        specs: tuple[CommandSpec, ...] = (),
        root: str = "",
        answer_within: float = 1.0,
        doors: bool = True,
    ) -> None:
        self.feed = Feed(database, clock)
        self.database = Watched(database, self.feed)
        self.clock = clock
        self.gate = gate
        self.specs = specs
        self.answer_within = answer_within
        self.handover = Handover(database, clock, self.feed)
        self._root = root.rstrip("/")
        self._doors = doors
        self._answer: Answer | None = None
        self._since = clock.now()

    @property
    def platform(self) -> Platform:
        """The workspace."""
        return PLATFORM

    @property
    def limits(self) -> Limits:
        """What it carries."""
        return LIMITS

    @property
    def answer(self) -> Answer:
        """Who answers queries.

        Raises:
            NotRunning: nobody, outside `running`.
        """
        if self._answer is None:
            raise NotRunning
        return self._answer

    @asynccontextmanager
    async def running(self, accept: Accept, answer: Answer) -> AsyncGenerator[None]:
        """Take part while the block runs. What people did before is handed over first."""
        if not self._doors:
            self._answer = answer
            try:
                yield
            finally:
                self._answer = None
            return
        async with self.database.transaction() as tx:
            await seed.sow(tx, self.clock.now(), demo=self.gate.demo)
        async with self.feed.running():
            self._answer = answer
            self._since = self.clock.now()
            await self.handover.start(accept)
            try:
                yield
            finally:
                self._answer = None
                broken = await self.handover.stop()
        if broken:
            raise broken

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        """Put the message there, once for each key."""
        thread, only_for = self._addressed(to)
        async with self.database.transaction() as tx:
            place = await _there(tx, thread)
            known = await store.keyed(tx, place.key, key)
            stood = known.id if known else await again.said(tx, place, message, key)
            id_ = stood or await self._add(tx, place, message, key, only_for)
        self.feed.ring()
        return MessageRef(thread, id_)

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        """Put other words there, or a new message where it was deleted."""
        self._addressed(ref.thread)
        async with self.database.transaction() as tx:
            known = await store.message(tx, ref.id)
            if known is None or known.deleted:
                ref = await self._anew(tx, ref, message, known.only_for if known else None)
            else:
                shown = render.rendered(message, ref.id)
                if known.draft or (known.text, known.body) != (shown.text, shown.body):
                    await heard.add_files(tx, shown.files, self.clock.now())
                    changed = {"text": shown.text, "body": shown.body, "draft": False}
                    await store.change_message(tx, ref.id, **changed, pinned=message.pinned)
        self.feed.ring()
        return ref

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        """Let a message grow: at once for who looks, now and then in the tables."""
        thread, _ = self._addressed(to)
        async with self.database.transaction() as tx:
            place = await _there(tx, thread)
            known = await store.keyed(tx, place.key, key)
            empty = Message(text="", speaker=speaker)
            id_ = known.id if known else await self._add(tx, place, empty, key, None, draft=True)
        self.feed.ring()
        growing = Growing(
            MessageRef(thread, id_),
            place,
            speaker,
            edit=self.edit,
            database=self.database,
            feed=self.feed,
            clock=self.clock,
        )
        async with growing.running():
            yield growing

    async def find_posted(
        self, to: To, *, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        """Look the key up."""
        thread, _ = self._addressed(to)
        async with self.database.reading() as tx:
            known = await store.keyed(tx, thread.key, key)
        return MessageRef(thread, known.id) if known else ABSENT

    async def typing(self, thread: ThreadRef, speaker: Speaker) -> None:
        """Tell who looks now."""
        self._addressed(thread)
        place = await self._place(thread)
        frame = {"type": "typing", "place": thread.key, "seconds": _TYPING_SECONDS}
        if place is not None:
            self.feed.tell({**frame, "speaker": render.speaker(speaker)}, place)

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        """A thread in the channel or direct message of `near`, once for each key."""
        self._addressed(near)
        async with self.database.transaction() as tx:
            beside = await _there(tx, near)
            known = await store.opened(tx, key)
            if known is None:
                await store.add_place(
                    tx,
                    key=f"t{uuid4().hex[:20]}",
                    kind="thread",
                    title=title,
                    at=self.clock.now(),
                    parent=beside.parent or beside.key,
                    open_key=key,
                    members={one.id for one in private_to} or _theirs(beside),
                    private=bool(private_to) or beside.private,
                )
                known = await store.opened(tx, key)
        self.feed.ring()
        if known is None:
            raise Unreachable("thread_lost")
        return parse.thread_ref(known.key)

    async def mark_thread(
        self, thread: ThreadRef, *, title: str | None = None, state: ThreadState | None = None
    ) -> None:
        """Show another title or state."""
        self._addressed(thread)
        given = {"title": title, "state": str(state) if state else None}
        changed = {name: value for name, value in given.items() if value is not None}
        if changed:
            async with self.database.transaction() as tx:
                await store.change_place(tx, thread.key, **changed)
            self.feed.ring()

    async def open_dm(self, user: UserRef) -> ThreadRef:
        """The direct message of this person and the bot."""
        self.require_running()
        async with self.database.transaction() as tx:
            if user.platform != PLATFORM or await store.person(tx, user.id) is None:
                raise Unreachable("not_here")
            key = await dm_of(tx, (user.id, BOT_ID), self.clock.now())
        self.feed.ring()
        return parse.thread_ref(key)

    async def fetch(self, file: FileRef) -> AsyncIterator[bytes]:
        """What somebody uploaded; nothing else."""
        self.require_running()
        id_ = parse.upload_id(file.locator)
        if id_ is None or file.platform != PLATFORM:
            raise Refused("foreign_place")
        async with self.database.reading() as tx:
            size = await heard.size(tx, id_)
            if size is None:
                raise Gone("file")
            if size > LIMITS.upload_bytes:
                raise TooLarge(LIMITS.upload_bytes)
            content = await heard.content(tx, id_) or b""
        for at in range(0, len(content), _PIECE):
            yield content[at : at + _PIECE]

    async def profile(self, user: UserRef) -> Profile:
        """What somebody is called, and the groups that their role puts them in."""
        self.require_running()
        async with self.database.reading() as tx:
            person = await store.person(tx, user.id)
        if person is None or user.platform != PLATFORM:
            return Profile(name=user.id)
        return Profile(name=person.name, groups=groups_of(person.role))

    async def members(self, of: ThreadRef | GroupRef) -> AsyncIterator[UserRef]:
        """Everybody in a channel, those who take part in a thread, those with a group's role."""
        self.require_running()
        async with self.database.reading() as tx:
            if isinstance(of, GroupRef):
                role = GROUPS.get(of.id)
                found = [one.id for one in await store.people(tx, role)] if role else []
            else:
                place = await store.place(tx, of.key)
                everybody = place is not None and place.kind == "channel" and not place.private
                among = [one.id for one in await store.people(tx)] if everybody else []
                found = among or sorted(place.members if place else ())
        for one in found:
            if one != BOT_ID:
                yield parse.user_ref(one)

    async def missed(self, thread: ThreadRef, since: str) -> AsyncIterator[Event]:
        """Everything that people did there later."""
        self._addressed(thread)
        async with self.database.reading() as tx:
            found = await heard.since(tx, thread.key, parse.seq_of(since))
        for event in found:
            yield event

    def link(self, ref: MessageRef) -> str:
        """The message's address on the page."""
        return f"{self._root}/{render.link(ref.thread.key, ref.id)}" if self._root else ""

    def health(self) -> AdapterHealth:
        """Up while the tables can be read."""
        heard_at = self.handover.heard
        if self._answer is None:
            return AdapterHealth(
                state="down", since=self._since, code="not_running", heard=heard_at
            )
        if self.feed.is_down:
            return AdapterHealth(
                state="degraded", since=self._since, code="store_away", heard=heard_at
            )
        return AdapterHealth(state="up", since=self._since, heard=heard_at)

    # --- bookkeeping ---------------------------------------------------------------------------

    def require_running(self) -> None:
        """Go on only inside `running`.

        Raises:
            NotRunning: it is not entered.
        """
        if self._answer is None:
            raise NotRunning

    def _addressed(self, to: To) -> tuple[ThreadRef, str | None]:
        self.require_running()
        thread, only_for = (to.thread, to.user.id) if isinstance(to, Whisper) else (to, None)
        if thread.platform != PLATFORM:
            raise Refused("foreign_ref")
        return thread, only_for

    async def _place(self, thread: ThreadRef) -> Place | None:
        async with self.database.reading() as tx:
            return await store.place(tx, thread.key)

    async def _add(
        self,
        tx: AsyncSession,
        place: Place,
        message: Message,
        key: str,
        only_for: str | None,
        *,
        draft: bool = False,
    ) -> str:
        id_ = uuid4().hex
        shown = render.rendered(message, id_)
        await heard.add_files(tx, shown.files, self.clock.now())
        if only_for and place.kind != "thread" and message.title:
            # A newer list, help or notice takes the place of the one before.
            await store.take_down(tx, place.key, only_for, shown.body["title"])
        new = store.Draft(
            id=id_,
            place=place.key,
            text=shown.text,
            body=shown.body,
            at=self.clock.now(),
            key=key,
            only_for=only_for,
            pinned=message.pinned,
            draft=draft,
        )
        await store.add_message(tx, new)
        if place.kind == "thread":
            named = {one.id for one in message.mentions if one.kind == "user"}
            await store.join(tx, place.key, named - place.members)
        return id_

    async def _anew(
        self, tx: AsyncSession, ref: MessageRef, message: Message, only_for: str | None
    ) -> MessageRef:
        place = await _there(tx, ref.thread)
        key = f"{ref.id}+"
        known = await store.keyed(tx, place.key, key)
        id_ = known.id if known else await self._add(tx, place, message, key, only_for)
        return MessageRef(ref.thread, id_)


async def dm_of(tx: AsyncSession, people: "Collection[str]", at: datetime) -> str:
    """The key of the direct message of two, made on first use."""
    key = "dm:" + ":".join(sorted(people))
    if await store.place(tx, key) is None:
        await store.add_place(tx, key=key, kind="dm", title="", at=at, members=people, private=True)
    return key


async def _there(tx: AsyncSession, thread: ThreadRef) -> Place:
    place = await store.place(tx, thread.key)
    if place is None:
        raise Unreachable("no_such_place")
    return place


def _theirs(beside: Place) -> frozenset[str]:
    """Who sees a thread from its start on; in an open channel everybody may come."""
    return beside.members if beside.private else frozenset()
