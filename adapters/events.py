"""What people do (durable events), and what must be answered at once (queries)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from adapters.forms import Form, FormValues
from adapters.messages import Message
from adapters.refs import FileRef, InteractionRef, MessageRef, ThreadRef, UserRef

# Each event carries its `kind`, so that a stored one is read back as what it was.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    """What all events have.

    `event_id` names the thing that happened, not its delivery: a second delivery has the same id,
    whatever the platform calls it. Unique within platform and workspace. `order` sorts as a string
    in the order in which things happened, and compares only within one thread. `at` is aware UTC.
    """

    event_id: str
    order: str
    user: UserRef
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _InThread(_Happened):
    thread: ThreadRef


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(_InThread):
    """A person wrote something that is not a command.

    `text` is free of invisible characters and names people as `<@id>`. `addressed` says that the
    bot was mentioned or that this is a direct message; the bot's own mention is taken out of the
    text. `maybe_cut` says that the platform may have cut one long text here, so a rest may follow.
    """

    text: str
    files: tuple[FileRef, ...] = ()
    addressed: bool = False
    maybe_cut: bool = False
    ref: MessageRef | None = None
    kind: Literal["message_posted"] = "message_posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(_InThread):
    """A person changed what they wrote: `text` is all of it as it now stands."""

    ref: MessageRef
    text: str
    kind: Literal["message_edited"] = "message_edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(_InThread):
    """A message was taken back. `user` wrote it, or took it back where only that is told."""

    ref: MessageRef
    kind: Literal["message_deleted"] = "message_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCalled(_InThread):
    """A command of ours was called, natively or typed.

    `name` is the sub-word, lower case ("start" of `/sim start …`), empty for a bare `/sim`. A
    native call fills `options` with what was given, by name; a typed call leaves them empty and
    keeps the raw rest of the line in `text`. A person given as an option is written as the bare
    id. Files given with the command are in `files`. `seen`: others can read the
    line, and there would have been a way that they cannot. `direct`: it was called where only this
    person and the bot are, and could have been called where others are.
    """

    name: str
    text: str = ""
    options: tuple[tuple[str, str], ...] = ()
    files: tuple[FileRef, ...] = ()
    seen: bool = False
    direct: bool = False
    interaction: InteractionRef | None = None
    kind: Literal["command_called"] = "command_called"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(_InThread):
    """Somebody pressed a choice. The id is the client's claim: check that the person may.

    `direct` as in `CommandCalled`.
    """

    choice: str
    ref: MessageRef | None = None
    direct: bool = False
    interaction: InteractionRef | None = None
    kind: Literal["pressed"] = "pressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSent(_InThread):
    """A form that `FormChecked` found right was sent."""

    form: str
    values: FormValues
    interaction: InteractionRef | None = None
    kind: Literal["form_sent"] = "form_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(_InThread):
    """Somebody pressed the platform's own Stop on what the bot is doing in this thread."""

    kind: Literal["stopped"] = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened(_Happened):
    """Somebody opened the app's own page."""

    kind: Literal["home_opened"] = "home_opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(_InThread):
    """Somebody came into the thread."""

    kind: Literal["joined"] = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(_InThread):
    """Somebody left the thread."""

    kind: Literal["left"] = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachableChanged(_Happened):
    """Direct messages to this person began to work, or stopped to."""

    reachable: bool
    kind: Literal["reachable_changed"] = "reachable_changed"


Event = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | CommandCalled
    | Pressed
    | FormSent
    | Stopped
    | HomeOpened
    | Joined
    | Left
    | ReachableChanged
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completing:
    """What could stand in this option? `given` are the options filled so far, by name."""

    user: UserRef
    thread: ThreadRef
    command: str
    option: str
    typed: str
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWanted:
    """Which form opens? `by` is a command's name or a choice's id, `source` says which."""

    user: UserRef
    thread: ThreadRef
    source: Literal["command", "choice"]
    by: str
    text: str = ""
    options: tuple[tuple[str, str], ...] = ()
    ref: MessageRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChecked:
    """Is this form right as filled in?"""

    user: UserRef
    thread: ThreadRef
    form: str
    values: FormValues


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """How does this message stand now, for this person?"""

    user: UserRef
    ref: MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeShown:
    """What does the app's own page hold for this person?"""

    user: UserRef


Query = Completing | FormWanted | FormChecked | CardShown | HomeShown


@dataclass(frozen=True, slots=True)
class Completions:
    """To `Completing`: (value, label) pairs, best first; an adapter shows as many as it can."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """To `FormChecked`: (field name, what to do about it) in words for the person; empty: right."""

    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """To `CardShown` and `HomeShown`: what stands there."""

    message: Message


@dataclass(frozen=True, slots=True)
class Nothing:
    """The neutral answer: no completions, no form, nothing wrong, what is shown stays."""


NOTHING: Final = Nothing()

Answered = Completions | Form | FieldErrors | Shown | Nothing

Accept = Callable[[Event], Awaitable[None]]
"""Returns once the event is stored; raises `NotStored` when it could not be."""

Answer = Callable[[Query], Awaitable[Answered]]
"""Reads, writes nothing, raises nothing. What takes too long is cut off by the adapter."""
