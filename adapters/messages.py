"""What can be shown: messages and the closed set of blocks they are made of."""

from dataclasses import dataclass, field
from typing import Final, Literal

from adapters.refs import GroupRef, MessageRef, ThreadRef, UserRef

# Each block carries its `kind`, so that a stored message is read back as what it was.


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who seems to speak. `picture` is an https address, or None for the platform's default.

    Where only this machine reaches the server it is an http address of its own: for a platform
    elsewhere that is the same as none.
    """

    name: str
    picture: str | None = None


BOT: Final = Speaker("")
"""The product's own voice: the platform shows the app's name and picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to send. `name` has an ending and no folder."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button.

    `id` comes back as `Pressed.choice`: at most 80 characters, and no secret, since people can
    read and forge it. A choice with a `link` opens that place and is never pressed. With
    `opens_form` the adapter asks `FormWanted` inside the press: a form is shown instead of handing
    over a `Pressed`, which comes only when there is none. `confirm` is a question to ask
    first, where the platform can.
    """

    id: str
    label: str
    style: Literal["plain", "primary", "danger"] = "plain"
    link: str | ThreadRef | MessageRef | None = None
    opens_form: bool = False
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, in the same marks as `Message.text`."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Fields:
    """Short labels with short values, in order."""

    items: tuple[tuple[str, str], ...]
    kind: Literal["fields"] = "fields"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under column heads; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture. `alt` says what it shows, for those who cannot see it; never empty."""

    file: File
    alt: str
    title: str = ""
    kind: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, with the same numbers as a table.

    The table's first column is the labels, each further one a series of numbers. `picture` is the
    chart drawn: used where the platform draws none itself. The table is always reachable. `alt`
    says what the picture shows, for those who cannot see it; the title does where it is empty.
    """

    title: str
    shape: Literal["bar", "line", "pie"]
    table: Table
    unit: str = ""
    picture: File | None = None
    alt: str = ""
    kind: Literal["chart"] = "chart"


@dataclass(frozen=True, slots=True)
class Card:
    """One thing among others, such as a scenario in a list, with its own buttons."""

    title: str
    text: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    picture: File | None = None
    choices: tuple[Choice, ...] = ()
    kind: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words, verbatim: no mark in them is read as markup. `link` is where they stand."""

    text: str
    who: str = ""
    link: MessageRef | None = None
    kind: Literal["quote"] = "quote"


Block = Text | Fields | Table | Image | Chart | Card | Quote
"""Closed: an adapter renders every kind, and a type checker says when one is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to show. `text` alone must make sense: it is what is read out and notified.

    Marks in `text`: `**bold**`, `_italic_`, `` `code` ``, ``` fences, `> quote`, `- item` and
    `[label](https://…)`; words of other people go through `adapters.text.literal` first. `<@id>`
    names a person; it pings only when `mentions` holds that person. Mentions that do not stand in
    the text are put before it. Nothing else pings anybody.

    `pinned` asks to keep the message in sight; a platform that cannot just shows it.

    `instead_of` is what a person wrote in the same thread, and this says again under another name.
    A platform that can shows this in its place; another shows both.
    """

    text: str
    title: str = ""
    blocks: tuple[Block, ...] = ()
    choices: tuple[Choice, ...] = ()
    files: tuple[File, ...] = ()
    speaker: Speaker = BOT
    mentions: tuple[UserRef | GroupRef, ...] = ()
    pinned: bool = False
    instead_of: MessageRef | None = None
