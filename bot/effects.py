"""What a handler wants done outside: values that the delivery carries out after the transaction.

No handler holds an adapter. An effect's key is its event's id and its number among the effects.
"""

from dataclasses import dataclass
from typing import Literal

from adapters.port import Message, ThreadRef, ThreadState
from engine.scenario.exhibits import Exhibit

Where = Literal["here", "opened"] | ThreadRef
"""The event's own thread, the one that an earlier effect opened, or a certain one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Show a message to everybody in a thread.

    On the way out `exhibit` is drawn and attached, and so are `documents`, files of the scenario.
    """

    message: Message
    to: Where = "here"
    exhibit: Exhibit | None = None
    documents: tuple[str, ...] = ()
    scenario_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """Show a message to the caller alone."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThread:
    """Open a thread beside the event's, as the door to a session's seat."""

    title: str
    session_id: str
    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkThread:
    """Show a thread's state."""

    state: ThreadState
    to: Where = "here"
    title: str | None = None


Effect = Post | Whisper | OpenThread | MarkThread


@dataclass(frozen=True, slots=True)
class Result:
    """What a handler leads to: everything but what it stored in its transaction.

    `forgot`: somebody's content was deleted, so the database is to let go of it for good.
    `session_id`: the session that was changed; it need not be the one of the caller's thread.
    """

    effects: tuple[Effect, ...] = ()
    forgot: bool = False
    session_id: str | None = None
