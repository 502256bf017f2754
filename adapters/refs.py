"""Addresses: where something is said, by whom, and what was shown there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NewType

Platform = NewType("Platform", str)
"""The name of a platform, chosen by its kit: the folder's name in `adapters/`."""


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """One place where a conversation happens: a thread, a channel or a direct message.

    `workspace` is the tenant. `key` is opaque outside the adapter that made it and carries tenant,
    channel and root, so that it stays unique when two tenants use the same ids. A stored ref must
    work in a later process.
    """

    platform: Platform
    workspace: str
    key: str


@dataclass(frozen=True, slots=True)
class UserRef:
    """One account of one person. It carries no name: names change, see `ChatAdapter.profile`."""

    platform: Platform
    workspace: str
    id: str
    kind: Literal["user"] = field(default="user", repr=False)


@dataclass(frozen=True, slots=True)
class GroupRef:
    """A group, role or team of people, as the platform knows it."""

    platform: Platform
    workspace: str
    id: str
    kind: Literal["group"] = field(default="group", repr=False)


@dataclass(frozen=True, slots=True)
class InteractionRef:
    """The right to answer one command or press, until `expires`.

    `token` is a secret: it stays in memory, is never stored and never printed. `adapters.stored`
    leaves the whole ref out.
    """

    user: UserRef
    token: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class Whisper:
    """To one person, beside a thread: only `user` sees it.

    `interaction` lets a platform answer the very command; without it, or once it has expired, the
    adapter finds another way to reach this one person alone (at worst a direct message).
    """

    thread: ThreadRef
    user: UserRef
    interaction: InteractionRef | None = None


To = ThreadRef | Whisper
"""Where a message goes."""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One shown message. `id` is opaque and may stand for several parts of a long message."""

    thread: ThreadRef
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A file somebody sent. `locator` is opaque and only `ChatAdapter.fetch` follows it.

    `name` and `media_type` are the sender's claims. `size` is in bytes, None when not told.
    """

    platform: Platform
    workspace: str
    id: str
    name: str
    media_type: str
    size: int | None
    locator: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Absent:
    """The message was surely not shown: posting it now is safe."""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """The platform cannot tell whether the message was shown."""


ABSENT: Final = Absent()
UNKNOWABLE: Final = Unknowable()
