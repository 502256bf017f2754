"""Any message as plain text, for platforms and places without rich blocks. Pure."""

from collections.abc import Callable
from typing import assert_never

from adapters.markup import unmarked
from adapters.messages import (
    Block,
    Card,
    Chart,
    Choice,
    Fields,
    Image,
    Message,
    Quote,
    Table,
    Text,
)
from adapters.refs import MessageRef, ThreadRef
from adapters.text import harmless

Link = Callable[[MessageRef], str]


def _no_link(_ref: MessageRef) -> str:
    return ""


def plain(message: Message, link: Link = _no_link) -> str:
    """The whole message as text: title, text, blocks, numbered choices, names of files."""
    pieces = [message.title, unmarked(message.text)]
    pieces += [block(one, link) for one in message.blocks]
    pieces += [f"[file: {file.name}]" for file in message.files]
    pieces.append(choices(message.choices, link))
    return harmless("\n\n".join(piece for piece in pieces if piece))


def block(one: Block, link: Link = _no_link) -> str:
    """One block as text; nothing in it that a reader could need is left out."""
    match one:
        case Text():
            return unmarked(one.text)
        case Fields():
            return _fields(one.items)
        case Table():
            return table(one)
        case Image():
            return _titled(one.title, f"[picture: {one.alt}]")
        case Chart():
            return _titled(chart_title(one), table(one.table))
        case Card():
            return _card(one, link)
        case Quote():
            return _quote(one, link)
        case _:
            assert_never(one)


def table(shown: Table) -> str:
    """The table with its columns aligned; columns of numbers to the right."""
    rows = (shown.columns, *shown.rows)
    count = len(shown.columns)
    widths = [max(width(row[at]) for row in rows) for at in range(count)]
    right = [
        bool(shown.rows) and all(is_number(row[at]) for row in shown.rows) for at in range(count)
    ]
    drawn = [
        "  ".join(
            _padded(cell, widths[at], right=right[at]) for at, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]
    drawn.insert(1, "  ".join("-" * wide for wide in widths))
    return _titled(shown.title, "\n".join(drawn))


def chart_title(chart: Chart) -> str:
    """The chart's title with its unit."""
    return f"{chart.title} ({chart.unit})" if chart.unit else chart.title


def choices(offered: tuple[Choice, ...], link: Link = _no_link) -> str:
    """The choices as numbered lines, numbered from 1."""
    return "\n".join(
        f"[{number}] {choice.label}{_where(choice, link)}"
        for number, choice in enumerate(offered, start=1)
    )


def is_number(cell: str) -> bool:
    """Whether a cell holds a figure, such as `12`, `-3.5 %` or `7 / 10`."""
    digits = sum(character.isdigit() for character in cell)
    return digits > 0 and digits * 3 >= len(cell) and not any(map(str.isalpha, cell[:1]))


def width(text: str) -> int:
    """How many columns the text takes in a fixed-width font."""
    if text.isascii():
        return len(text)
    # Imported late, see `adapters.text.graphemes`.
    import wcwidth

    return max(wcwidth.width(text), 0)


def _padded(cell: str, wide: int, *, right: bool) -> str:
    space = " " * (wide - width(cell))
    return space + cell if right else cell + space


def _titled(title: str, body: str) -> str:
    return f"{title}\n{body}" if title else body


def _fields(items: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{label}: {value}" for label, value in items)


def _card(card: Card, link: Link) -> str:
    parts = [card.title, unmarked(card.text), _fields(card.fields), choices(card.choices, link)]
    return "\n".join(part for part in parts if part)


def _quote(quote: Quote, link: Link) -> str:
    words = "\n".join(f"> {line}" for line in quote.text.split("\n"))
    where = link(quote.link) if quote.link else ""
    source = " ".join(part for part in (quote.who, f"({where})" if where else "") if part)
    return f"{words}\n- {source}" if source else words


def _where(choice: Choice, link: Link) -> str:
    match choice.link:
        case None:
            return ""
        case str():
            return f": {choice.link}"
        case MessageRef():
            where = link(choice.link)
        case ThreadRef():
            where = link(MessageRef(choice.link, ""))
    return f": {where}" if where else ""
