"""The terminal as a chat platform: one person, one screen, no network."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.clock import Clock
from adapters.errors import DeliveryFailed, Gone, NotRunning, Refused, TooLarge, Unreachable
from adapters.port import (
    ABSENT,
    UNKNOWABLE,
    Absent,
    Accept,
    AdapterHealth,
    Answer,
    Card,
    Chart,
    CommandSpec,
    Draft,
    Event,
    File,
    FileRef,
    GroupRef,
    Image,
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
from adapters.terminal import parse, render
from adapters.terminal.limits import LIMITS, PERSON, PLATFORM
from adapters.terminal.lines import LineSource
from adapters.terminal.person import Person
from adapters.terminal.screen import Screen, growing

if TYPE_CHECKING:
    from rich.console import Console

_PIECE = 64 * 1024
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


async def _at_once() -> None:
    return None


class TerminalAdapter:
    """One terminal.

    Args:
        lines: what the person types.
        console: where everything is shown.
        folder: where pictures and files are saved.
        clock: stamps what is said.
        specs: the commands, for completion and forms.
        name: what the person is called.
        answer_within: seconds a query may take.
        ready: awaited before each line is read, so that piped input can go turn by turn.
    """

    def __init__(
        self,
        *,
        lines: LineSource,
        console: "Console",
        folder: Path,
        clock: Clock,
        specs: tuple[CommandSpec, ...] = (),
        name: str = "You",
        answer_within: float = 1.0,
        ready: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._folder = folder
        self._name = name
        self._since = clock.now()
        self._run = self._since.strftime("%Y%m%d%H%M%S%f")
        self._main = parse.thread_ref(f"{self._run}:main")
        self._screen = Screen(console, self._main)
        self._person = Person(
            lines=lines,
            screen=self._screen,
            clock=clock,
            specs=specs,
            thread=self._main,
            run=self._run,
            answer_within=answer_within,
            ready=ready,
        )
        self._threads: dict[str, ThreadRef] = {}
        self._parents: dict[ThreadRef, ThreadRef] = {}
        self._by_key: dict[str, MessageRef] = {}
        self._refs: set[MessageRef] = set()
        self._saved = 0

    @property
    def platform(self) -> Platform:
        """The terminal."""
        return PLATFORM

    @property
    def limits(self) -> Limits:
        """What it carries."""
        return LIMITS

    @property
    def main(self) -> ThreadRef:
        """The thread in which everything begins."""
        return self._main

    @property
    def own(self) -> ThreadRef:
        """What the keys of all threads of this run begin with: no other run can show anything."""
        return parse.thread_ref(f"{self._run}:")

    async def closed(self) -> None:
        """Wait until there are no more lines."""
        await self._person.closed.wait()

    @asynccontextmanager
    async def running(self, accept: Accept, answer: Answer) -> AsyncGenerator[None]:
        """Read lines while the block runs. A line that was not stored is kept and tried again."""
        self._person.start(accept, answer)
        try:
            yield
        finally:
            broken = await self._person.stop()
        if broken:
            raise broken

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        """Print the message. Posting again with the same key prints nothing."""
        thread, whispered = self._addressed(to)
        if known := self._by_key.get(key):
            return known
        ref = self._new_ref(thread)
        await self._show(ref, message, note=render.PRIVATE if whispered else "")
        self._by_key[key] = ref
        return ref

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        """Print the message again, since what is printed stays printed.

        What was to be kept in sight has scrolled away: it is not repeated for each change.
        """
        self._addressed(ref.thread)
        if message.pinned and ref in self._refs:
            return ref
        if ref not in self._refs:
            ref = self._new_ref(ref.thread)
        await self._show(ref, message, note=render.CHANGED)
        return ref

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        """Print text as it grows."""
        thread, _ = self._addressed(to)
        ref = self._by_key[key] = self._new_ref(thread)
        async with growing(self._screen, ref, speaker) as draft:
            yield draft
        if draft.message is not None:
            await self._show_rest(ref, draft.message)

    async def find_posted(
        self, to: To, *, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        """What this run printed is known; what an earlier one printed is not."""
        self._addressed(to)
        if ref := self._by_key.get(key):
            return ref
        return ABSENT if since >= self._since else UNKNOWABLE

    async def typing(self, thread: ThreadRef, speaker: Speaker) -> None:
        """A dim line, when somebody watches."""
        if self._screen.is_live:
            self._screen.print(render.typing(speaker))

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        """Draw a rule with the title; what is typed from now on goes there."""
        self._addressed(near)
        thread = self._threads.get(key)
        if thread is None:
            thread = self._threads[key] = parse.thread_ref(f"{self._run}:{len(self._threads)}")
            self._parents[thread] = near
        self._person.thread = thread
        self._screen.enter(thread, title)
        return thread

    async def mark_thread(
        self, thread: ThreadRef, *, title: str | None = None, state: ThreadState | None = None
    ) -> None:
        """Draw a new title; after a closed thread, typing goes on where it was opened."""
        self._addressed(thread)
        if title is not None:
            self._screen.enter(thread, title)
        if state is ThreadState.CLOSED and thread == self._person.thread:
            self._person.thread = self._parents.get(thread, self._main)

    async def open_dm(self, user: UserRef) -> ThreadRef:
        """A thread of its own; there is nobody here but the one person."""
        self._addressed(self._main)
        if user != PERSON:
            raise Unreachable("nobody_else_here")
        return parse.thread_ref("dm")

    async def fetch(self, file: FileRef) -> AsyncIterator[bytes]:
        """Read a file that the person named in this run; no other."""
        self._addressed(self._main)
        if file.locator not in self._person.offered:
            raise Refused("not_offered")
        path, left = Path(file.locator), LIMITS.upload_bytes
        try:
            with await asyncio.to_thread(path.open, "rb") as stream:
                while piece := await asyncio.to_thread(stream.read, _PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise TooLarge(LIMITS.upload_bytes)
                    yield piece
        except OSError:
            raise Gone("unreadable") from None

    async def profile(self, user: UserRef) -> Profile:
        """The person's name."""
        self._addressed(self._main)
        return Profile(name=self._name if user == PERSON else user.id)

    async def members(self, of: ThreadRef | GroupRef) -> AsyncIterator[UserRef]:
        """The one person; groups are empty."""
        self._addressed(self._main)
        if isinstance(of, ThreadRef):
            yield PERSON

    async def missed(self, thread: ThreadRef, since: str) -> AsyncIterator[Event]:
        """What was typed in this run."""
        self._addressed(thread)
        for event in tuple(self._person.heard):
            if getattr(event, "thread", None) == thread and event.order > since:
                yield event

    def link(self, ref: MessageRef) -> str:
        """Nothing: a printed line has no address."""
        return ""

    def health(self) -> AdapterHealth:
        """Up while lines can come."""
        heard = self._person.heard[-1].at if self._person.heard else None
        if not self._person.is_here:
            return AdapterHealth(state="down", since=self._since, code="not_running", heard=heard)
        if self._person.closed.is_set():
            return AdapterHealth(state="down", since=self._since, code="end_of_input", heard=heard)
        return AdapterHealth(state="up", since=self._since, heard=heard)

    # --- what the person sees ------------------------------------------------------------------

    async def _show(self, ref: MessageRef, message: Message, *, note: str) -> None:
        if message.pinned:  # Its numbers would soon be out of sight: words do the same.
            message = replace(message, choices=())
        saved = await self._save(message)
        self._screen.enter(ref.thread)
        self._screen.print(render.message(message, saved, note=note))
        self._person.offer(ref, message)

    async def _show_rest(self, ref: MessageRef, message: Message) -> None:
        for below in render.rest(message, await self._save(message)):
            self._screen.print(below)
        self._person.offer(ref, message)

    async def _save(self, message: Message) -> dict[int, str]:
        """Write the message's pictures and files into the folder; where each one lies."""
        files: list[File] = list(message.files)
        for one in message.blocks:
            if isinstance(one, Image):
                files.append(one.file)
            elif isinstance(one, Chart | Card) and one.picture:
                files.append(one.picture)
        saved: dict[int, str] = {}
        for file in files:
            self._saved += 1
            path = self._folder / f"{self._run}-{self._saved}-{_UNSAFE.sub('_', file.name)[-80:]}"
            try:
                await asyncio.to_thread(path.write_bytes, file.content)
            except OSError:
                raise DeliveryFailed("not_saved") from None
            saved[id(file)] = str(path)
        return saved

    # --- bookkeeping ---------------------------------------------------------------------------

    def _addressed(self, to: To) -> tuple[ThreadRef, bool]:
        if not self._person.is_here:
            raise NotRunning
        thread, whispered = (to.thread, True) if isinstance(to, Whisper) else (to, False)
        if thread.platform != PLATFORM:
            raise Refused("foreign_ref")
        if isinstance(to, Whisper) and to.user != PERSON:
            raise Unreachable("nobody_else_here")
        return thread, whispered

    def _new_ref(self, thread: ThreadRef) -> MessageRef:
        ref = MessageRef(thread, f"{self._run}-{len(self._refs):08d}")
        self._refs.add(ref)
        return ref
