"""What a handler wants done outside: values that the delivery carries out after the transaction.

No handler holds an adapter. An effect's key is its event's id and its number among the effects; its
`kind` tells what a stored one was.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from adapters.port import Message, MessageRef, ThreadRef, ThreadState, UserRef
from bot.exhibits.scores import ScorePicture
from engine.scenario.exhibits import Exhibit

Where = Literal["here", "opened", "rooms"] | ThreadRef
"""The event's own thread, the one that an earlier effect opened, every open room of the session
that the result names, or a certain thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Show a message to everybody in a thread.

    On the way out `exhibit` is drawn and attached, and so are `documents`, files of the scenario.
    `card`: it is changed as the session of the result goes on, see `bot.cards`.
    """

    message: Message
    to: Where = "here"
    exhibit: Exhibit | None = None
    documents: tuple[str, ...] = ()
    scenario_id: str = ""
    card: bool = False
    kind: Literal["post"] = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """Show a message to the caller alone, here or in the thread that an earlier effect opened.

    `exhibit` is drawn on the way out, as in `Post`.
    """

    message: Message
    to: Literal["here", "opened"] = "here"
    exhibit: Exhibit | ScorePicture | None = None
    scenario_id: str = ""
    kind: Literal["whisper"] = "whisper"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThread:
    """Open a thread beside the event's, as the door to a session's seat."""

    title: str
    session_id: str
    seat: str
    kind: Literal["open_thread"] = "open_thread"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkThread:
    """Show a thread's state. `ended`: how the session in it is over, once it is."""

    state: ThreadState
    to: Where = "here"
    title: str | None = None
    ended: str = ""
    kind: Literal["mark"] = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCard:
    """Put another message in the place of one that was posted; `card` is that effect's key.

    Without a `card` it is the message `ref`, which somebody pressed a choice of. Of several that
    wait for the same card, only the latest is shown. `to` is the thread whose order it keeps;
    `documents` as in `Post`.
    """

    message: Message
    card: str = ""
    ref: MessageRef | None = None
    to: Literal["here"] | ThreadRef = "here"
    documents: tuple[str, ...] = ()
    scenario_id: str = ""
    kind: Literal["edit"] = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDM:
    """Write to a person directly. Better never than twice, when nobody can tell.

    `exhibit` as in `Whisper`. What could not be tried by `until` is not sent any more.
    """

    user: UserRef
    message: Message
    exhibit: Exhibit | ScorePicture | None = None
    scenario_id: str = ""
    until: datetime | None = None
    kind: Literal["dm"] = "dm"


Effect = Post | Whisper | OpenThread | MarkThread | EditCard | OpenDM


@dataclass(frozen=True, slots=True)
class Result:
    """What a handler leads to: everything but what it stored in its transaction.

    `forgot`: somebody's content was deleted, so the database is to let go of it for good.
    `session_id`: the session that was changed; it need not be the one of the caller's thread.
    `code`: why nothing was done.
    """

    effects: tuple[Effect, ...] = ()
    forgot: bool = False
    session_id: str | None = None
    code: str = ""
