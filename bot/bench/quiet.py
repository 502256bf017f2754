"""A chat platform on which nothing happens by itself: what it costs is next to nothing."""

import math
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.port import (
    ABSENT,
    Absent,
    Accept,
    AdapterHealth,
    Answer,
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

PLATFORM: Final = Platform("bench")
WORKSPACE: Final = "bench"

LIMITS: Final = Limits(
    text=100_000,
    blocks=100,
    choices=100,
    upload_bytes=10_000_000,
    edits_per_minute=100_000,
    threads=True,
    whispers=True,
    draft="native",
    lookup=True,
)


def thread(name: str) -> ThreadRef:
    """A thread there."""
    return ThreadRef(PLATFORM, WORKSPACE, name)


def user(name: str) -> UserRef:
    """An account there."""
    return UserRef(PLATFORM, WORKSPACE, name)


class QuietAdapter:
    """The port, with as little behind it as it lets."""

    def __init__(self) -> None:
        self._count = 0
        self._since = datetime.now(UTC)

    @property
    def platform(self) -> Platform:
        """Which platform this is."""
        return PLATFORM

    @property
    def limits(self) -> Limits:
        """What it carries: everything."""
        return LIMITS

    @asynccontextmanager
    async def running(self, accept: Accept, answer: Answer) -> AsyncGenerator[None]:
        """Connected, in no way."""
        yield

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        """Let it stand there."""
        where = to.thread if isinstance(to, Whisper) else to
        self._count += 1
        ref = MessageRef(where, str(self._count))
        self.stands(where, key, message.text, ref)
        return ref

    def stands(self, where: ThreadRef, key: str, text: str, ref: MessageRef) -> None:
        """Called with what is shown anew."""

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        """Put another in its place."""
        return ref

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        """A message that grows."""
        ref = await self.post(to, Message(text="…", speaker=speaker), key=key)
        yield QuietDraft(self, ref, speaker)

    async def find_posted(
        self, to: To, *, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        """Nothing was posted before."""
        return ABSENT

    async def typing(self, thread: ThreadRef, speaker: Speaker) -> None:
        """Nobody looks."""

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        """A thread named by the key."""
        return thread(key)

    async def mark_thread(
        self, thread: ThreadRef, *, title: str | None = None, state: ThreadState | None = None
    ) -> None:
        """Nobody looks."""

    async def open_dm(self, user: UserRef) -> ThreadRef:
        """The thread with a person."""
        return thread(f"D{user.id}")

    async def fetch(self, file: FileRef) -> AsyncIterator[bytes]:
        """An empty file."""
        yield b""

    async def profile(self, user: UserRef) -> Profile:
        """Only the id is known."""
        return Profile(name=user.id)

    async def members(self, of: ThreadRef | GroupRef) -> AsyncIterator[UserRef]:
        """Nobody is known to be there."""
        nobody: tuple[UserRef, ...] = ()
        for one in nobody:
            yield one

    async def missed(self, thread: ThreadRef, since: str) -> AsyncIterator[Event]:
        """Nothing was missed."""
        nothing: tuple[Event, ...] = ()
        for one in nothing:
            yield one

    def link(self, ref: MessageRef) -> str:
        """There is no address."""
        return ""

    def health(self) -> AdapterHealth:
        """Up."""
        return AdapterHealth(state="up", since=self._since)


@dataclass(frozen=True, slots=True)
class QuietDraft:
    """A message that grows by edits that cost nothing."""

    adapter: QuietAdapter
    ref: MessageRef
    speaker: Speaker

    async def show(self, text: str, *, until: float = math.inf) -> None:
        """Put there what there is by now."""
        if time.monotonic() >= until:
            return
        await self.adapter.edit(self.ref, Message(text=text, speaker=self.speaker))

    async def finish(self, message: Message) -> MessageRef:
        """Put the whole there."""
        return await self.adapter.edit(self.ref, message)
