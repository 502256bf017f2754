"""Messages as rich renderables: pure, apart from where files were saved, which is passed in."""

import re
from collections.abc import Mapping
from typing import Final, assert_never

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text as RichText

from adapters.forms import ChoiceField, Field
from adapters.markup import Span, lines
from adapters.messages import (
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
from adapters.plain import chart_title, is_number
from adapters.port import FileRef, FormValue
from adapters.text import cleaned

_PERSON: Final = re.compile(r"<@([^<>\s]+)>")
OUR_NAME: Final = "Dressrun"
PRIVATE = "only you can see this"
CHANGED = "changed"
CONTINUED = "continued"

Saved = Mapping[int, str]
"""Where each file was saved, by the identity of the `File`."""


def message(shown: Message, saved: Saved, *, note: str = "") -> RenderableType:
    """The whole message under its speaker's name."""
    head = RichText.assemble(name(shown.speaker, note), marked(shown.text))
    title = [RichText(_safe(shown.title), style="bold underline")] if shown.title else []
    return Group(*title, head, *rest(shown, saved))


def rest(shown: Message, saved: Saved) -> list[RenderableType]:
    """What stands below the text: blocks, files, choices."""
    below: list[RenderableType] = [_block(one, saved) for one in shown.blocks]
    below += [_saved(file, saved) for file in shown.files]
    number = 1
    for card in (one for one in shown.blocks if isinstance(one, Card)):
        below += _numbered(card.choices, number)
        number += len(card.choices)
    return below + _numbered(shown.choices, number)


def name(speaker: Speaker, note: str = "") -> RichText:
    """Who speaks, up to the colon."""
    who = RichText(_safe(speaker.name) or OUR_NAME, style="bold cyan" if speaker.name else "bold")
    if note:
        who.append(f" ({note})", style="dim italic")
    return who.append(": ")


def marked(text: str) -> RichText:
    """Text with its marks shown as styles."""
    shown = RichText()
    for at, line in enumerate(lines(_PERSON.sub(r"@\1", cleaned(text)))):
        if at:
            shown.append("\n")
        shown.append({"quote": "│ ", "item": "• ", "code": "  "}.get(line.kind, ""), style="dim")
        for span in line.spans:
            shown.append(*_styled(span))
    return shown


def typing(speaker: Speaker) -> RichText:
    """That somebody is about to write."""
    return RichText(f"{_safe(speaker.name) or OUR_NAME} …", style="dim italic")


def question(field: Field, error: str = "") -> RenderableType:
    """One field of a form as a question."""
    shown = RichText(_safe(field.label), style="bold")
    if field.hint:
        shown.append(f"  {_safe(field.hint)}", style="dim")
    if error:
        shown.append(f"\n{_safe(error)}", style="red")
    options: list[RenderableType] = []
    if isinstance(field, ChoiceField):
        options = [
            RichText(f"  [{at}] {_safe(label)}")
            for at, (_value, label) in enumerate(field.options, start=1)
        ]
    return Group(shown, *options)


def answer(value: FormValue) -> str:
    """A value as one word of a line."""
    if isinstance(value, FileRef):
        return value.name
    return value if isinstance(value, str) else value.id


def heading(title: str) -> str:
    """A thread's title, for a rule."""
    return escape(_safe(title).replace("\n", " "))


def _block(one: Block, saved: Saved) -> RenderableType:
    match one:
        case Text():
            return marked(one.text)
        case Fields():
            return _fields(one.items)
        case Table():
            return _table(one)
        case Image():
            head = f"{one.title}: {one.alt}" if one.title else one.alt
            return Group(RichText(_safe(head), style="italic"), _saved(one.file, saved))
        case Chart():
            picture = [_saved(one.picture, saved)] if one.picture else []
            title = RichText(_safe(chart_title(one)), style="bold")
            return Group(title, _table(one.table), *picture)
        case Card():
            body = [marked(one.text)] if one.text else []
            fields = [_fields(one.fields)] if one.fields else []
            picture = [_saved(one.picture, saved)] if one.picture else []
            title = RichText(_safe(one.title), style="bold")
            return Padding(Group(title, *body, *fields, *picture), (0, 0, 0, 2))
        case Quote():
            words = "\n".join(f"│ {line}" for line in cleaned(one.text).split("\n"))
            source = [RichText(f"- {_safe(one.who)}", style="dim")] if one.who else []
            return Group(RichText(words, style="italic"), *source)
        case _:
            assert_never(one)


def _table(shown: Table) -> RichTable:
    title = RichText(_safe(shown.title)) if shown.title else None
    drawn = RichTable(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for at, column in enumerate(shown.columns):
        figures = bool(shown.rows) and all(is_number(row[at]) for row in shown.rows)
        drawn.add_column(RichText(_safe(column)), justify="right" if figures else "left")
    for row in shown.rows:
        drawn.add_row(*(RichText(_safe(cell)) for cell in row))
    return drawn


def _fields(items: tuple[tuple[str, str], ...]) -> RichTable:
    grid = RichTable.grid(padding=(0, 2))
    for label, value in items:
        grid.add_row(RichText(_safe(label), style="dim"), RichText(_safe(value)))
    return grid


def _numbered(offered: tuple[Choice, ...], first: int) -> list[RenderableType]:
    # The number stays with links too, so that numbers and choices agree; they cannot be pressed.
    return [
        RichText.assemble(
            (f"[{number}] ", "bold"),
            _safe(choice.label),
            (f" {choice.link}" if isinstance(choice.link, str) else "", "dim"),
        )
        for number, choice in enumerate(offered, start=first)
    ]


def _saved(file: File, saved: Saved) -> RichText:
    return RichText(f"[{_safe(file.name)}] {saved.get(id(file), '')}", style="dim", no_wrap=True)


def _styled(span: Span) -> tuple[str, str]:
    style = {"bold": "bold", "italic": "italic", "code": "yellow"}.get(span.style, "")
    return (f"{span.text} ({span.link})" if span.link else span.text), style


def _safe(text: str) -> str:
    # A terminal obeys escape characters: nothing from outside may hold any.
    return cleaned(text)
