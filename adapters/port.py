"""The port between the application and a chat platform.

Everything the application needs to name is importable from here, but for kits (`adapters.kit`)
and errors (`adapters.errors`).
"""

import math
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from adapters.events import (
    NOTHING,
    Accept,
    Answer,
    Answered,
    CardShown,
    CommandCalled,
    Completing,
    Completions,
    Event,
    FieldErrors,
    FormChecked,
    FormSent,
    FormWanted,
    HomeOpened,
    HomeShown,
    Joined,
    Left,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Nothing,
    Pressed,
    Query,
    ReachableChanged,
    Shown,
    Stopped,
)
from adapters.forms import (
    ChoiceField,
    Field,
    FileField,
    Form,
    FormValue,
    FormValues,
    NumberField,
    PersonField,
    TextField,
    TimeField,
)
from adapters.messages import (
    BOT,
    Block,
    Card,
    Chart,
    Choice,
    Fields,
    File,
    Image,
    Message,
    Quote,
    Speaker,
    Table,
    Text,
)
from adapters.refs import (
    ABSENT,
    UNKNOWABLE,
    Absent,
    FileRef,
    GroupRef,
    InteractionRef,
    MessageRef,
    Platform,
    ThreadRef,
    To,
    Unknowable,
    UserRef,
    Whisper,
)
from adapters.specs import CommandSpec, OptionSpec

__all__ = [
    "ABSENT",
    "BOT",
    "NOTHING",
    "UNKNOWABLE",
    "Absent",
    "Accept",
    "AdapterHealth",
    "Answer",
    "Answered",
    "Block",
    "Card",
    "CardShown",
    "Chart",
    "ChatAdapter",
    "Choice",
    "ChoiceField",
    "CommandCalled",
    "CommandSpec",
    "Completing",
    "Completions",
    "Draft",
    "Event",
    "Field",
    "FieldErrors",
    "Fields",
    "File",
    "FileField",
    "FileRef",
    "Form",
    "FormChecked",
    "FormSent",
    "FormValue",
    "FormValues",
    "FormWanted",
    "GroupRef",
    "HomeOpened",
    "HomeShown",
    "Image",
    "InteractionRef",
    "Joined",
    "Left",
    "Limits",
    "Message",
    "MessageDeleted",
    "MessageEdited",
    "MessagePosted",
    "MessageRef",
    "Nothing",
    "NumberField",
    "OptionSpec",
    "PersonField",
    "Platform",
    "Pressed",
    "Profile",
    "Query",
    "Quote",
    "ReachableChanged",
    "Shown",
    "Speaker",
    "Stopped",
    "Table",
    "Text",
    "TextField",
    "ThreadRef",
    "ThreadState",
    "TimeField",
    "To",
    "Unknowable",
    "UserRef",
    "Whisper",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the platform carries. Nobody has to obey it: adapters split and fall back themselves.

    `text` is the characters of one message; longer text is split, never cut. `blocks` and
    `choices` count per message. `upload_bytes` holds for files both ways. `draft` says how growing
    text looks: the platform's own stream, paced edits, or only the whole at the end. `threads` and
    `whispers` say whether these are native. `lookup` says whether `find_posted` can tell.
    """

    text: int
    blocks: int
    choices: int
    upload_bytes: int
    edits_per_minute: int
    threads: bool
    whispers: bool
    draft: Literal["native", "paced", "whole"]
    lookup: bool


class ThreadState(StrEnum):
    """What a thread shows about its session."""

    ACTIVE = "active"
    BUSY = "busy"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the platform tells about a person.

    `picture` is an https address. `time_zone` is an IANA name. `groups` are those of the workspace
    that can be mapped to roles.
    """

    name: str
    picture: str | None = None
    time_zone: str | None = None
    locale: str | None = None
    groups: tuple[GroupRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterHealth:
    """How the connection is. `code` says why it is not up; `heard` is when an event last came.

    `back` is when we last began to hear again: what happened before may have been lost, and
    `missed` may tell. None where nothing can get lost.
    """

    state: Literal["up", "degraded", "down"]
    since: datetime
    code: str = ""
    heard: datetime | None = None
    back: datetime | None = None


class Draft(Protocol):
    """A message that grows before people's eyes."""

    @property
    def ref(self) -> MessageRef:
        """The message that grows. It is there from the start and stays the same until `finish`."""
        ...

    async def show(self, text: str, *, until: float = math.inf) -> None:
        """Show all of the text so far. Returns at once; several calls may become one edit.

        A failure here is not raised: `finish` says how it ended.

        Args:
            text: as far as it is known.
            until: seconds of `time.monotonic`. What was not sent by then is not sent any more:
                somebody else may be writing the message.
        """
        ...

    async def finish(self, message: Message) -> MessageRef:
        """Put the whole message there; returns a new ref when the growing one is gone.

        Idempotent: after a failure call it again, or `edit` the ref.

        Raises:
            RateLimited: the text shown so far stands; try again after `retry_after` seconds.
            Unknown: the message may or may not stand there; finishing again is safe.
        """
        ...


class ChatAdapter(Protocol):
    """The port. Every method raises `AdapterError` and nothing platform-specific.

    All methods but `limits`, `link` and `health` work only inside `running`. A ref of another
    platform raises `Refused`.
    """

    @property
    def platform(self) -> Platform:
        """Which platform this is."""
        ...

    @property
    def limits(self) -> Limits:
        """What it carries. Constant."""
        ...

    def running(self, accept: Accept, answer: Answer) -> AbstractAsyncContextManager[None]:
        """Stay connected while the block runs, handing over whatever people do.

        `accept(event)` returns when the event is stored; only then is the platform acknowledged.
        If it raises `NotStored`, the adapter answers so that the platform delivers again, or, where
        there is no such answer, leaves the gap to `missed`. `answer(query)` is for what must be
        answered inside the request; after a second the adapter gives the neutral answer itself.

        Events of one thread are handed over one at a time, in order. What the bot itself wrote is
        never handed over. When the block ends, no call of `accept` is under way any more.
        """
        ...

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        """Show `message`. `key` travels with it, so that `find_posted` can find it after a crash.

        Long text becomes several parts in order under one ref; posting again with the same key adds
        only the parts that lack. The last part carries blocks, choices and files.

        Raises:
            RateLimited: nothing (more) was shown; `retry_after` seconds from now it may be.
            PlatformDown: nothing was shown; try later.
            Unreachable: nobody can be reached there any more; do not retry.
            DeliveryFailed: the platform refused it and would again.
            Unknown: it may or may not have been shown; ask `find_posted` before posting again.
        """
        ...

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        """Put `message` in the place of what was shown; idempotent.

        Returns `ref`, or the ref of a new message when the old one is gone or cannot be edited.
        Raises as `post`; after `Unknown` edit again.
        """
        ...

    def draft(
        self, to: ThreadRef, *, key: str, speaker: Speaker
    ) -> AbstractAsyncContextManager[Draft]:
        """Show a placeholder at once and let it grow.

        Entering posts the placeholder with `key` and raises as `post`. The last `show` is always
        sent, even when the block ends without `finish`; if it ends by an error, what stands there
        stays.
        """
        ...

    async def find_posted(
        self, to: To, *, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        """The message posted with `key` at or after `since`.

        `ABSENT`: surely not all of it is shown, so posting with this key is safe. `UNKNOWABLE`: the
        platform cannot tell; the caller decides between twice and never.
        """
        ...

    async def typing(self, thread: ThreadRef, speaker: Speaker) -> None:
        """Show for some seconds that `speaker` is about to write. Never raises for a failure."""
        ...

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        """Open a thread beside `near`; `private_to` are the only ones who see it, if any are named.

        Repeating the call with the same `key` returns the same thread. Where there are no threads,
        it is the closest thing the platform has, at worst `near` itself.
        """
        ...

    async def mark_thread(
        self, thread: ThreadRef, *, title: str | None = None, state: ThreadState | None = None
    ) -> None:
        """Show a new title or state where the platform can; None leaves it. Idempotent."""
        ...

    async def open_dm(self, user: UserRef) -> ThreadRef:
        """The direct message thread with this person; the same each time.

        Raises:
            Unreachable: final, not retried until `ReachableChanged` says otherwise.
        """
        ...

    def fetch(self, file: FileRef) -> AsyncIterator[bytes]:
        """The file's bytes, in pieces. The limit counts what really arrives, not what was claimed.

        Raises:
            Refused: it lies on a host that is not the platform's own; nothing was sent there.
            TooLarge: it is above `limits.upload_bytes`.
            Gone: it is no longer there.
        """
        ...

    async def profile(self, user: UserRef) -> Profile:
        """What the platform tells about this person; with the id as name when it tells nothing."""
        ...

    def members(self, of: ThreadRef | GroupRef) -> AsyncIterator[UserRef]:
        """The people in a thread or group; bots are left out."""
        ...

    def missed(self, thread: ThreadRef, since: str) -> AsyncIterator[Event]:
        """What happened in the thread after the order key `since`, first to last.

        With the same event ids as if delivered. Empty where the platform keeps no history.
        """
        ...

    def link(self, ref: MessageRef) -> str:
        """An address that leads a person to this message, or empty where there is none."""
        ...

    def health(self) -> AdapterHealth:
        """How the connection is, without asking the platform."""
        ...
