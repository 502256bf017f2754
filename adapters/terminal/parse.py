"""Typed lines as our events: pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import PurePath

from adapters.commands import Typed, typed
from adapters.forms import (
    ChoiceField,
    Field,
    FileField,
    FormValue,
    NumberField,
    PersonField,
    TextField,
    TimeField,
)
from adapters.port import (
    Choice,
    CommandCalled,
    CommandSpec,
    FileRef,
    FormSent,
    FormValues,
    MessagePosted,
    MessageRef,
    Pressed,
    ThreadRef,
)
from adapters.terminal.limits import PERSON, PLATFORM, WORKSPACE
from adapters.text import cleaned


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells one line from every other, over all runs."""

    event_id: str
    order: str
    at: datetime
    thread: ThreadRef


def stamp(run: str, count: int, at: datetime, thread: ThreadRef) -> Stamp:
    """The stamp of the `count`-th line of a run; `run` sorts by when it began."""
    order = f"{run}-{count:08d}"
    return Stamp(event_id=order, order=order, at=at, thread=thread)


def thread_ref(key: str) -> ThreadRef:
    """A thread of this terminal."""
    return ThreadRef(PLATFORM, WORKSPACE, key)


def said(line: str, where: Stamp) -> MessagePosted:
    """A line as something the person said."""
    return MessagePosted(
        event_id=where.event_id,
        order=where.order,
        user=PERSON,
        at=where.at,
        thread=where.thread,
        text=cleaned(line),
        addressed=True,
        ref=MessageRef(where.thread, where.event_id),
    )


def called(command: Typed, where: Stamp, files: tuple[FileRef, ...] = ()) -> CommandCalled:
    """A line as a command."""
    return CommandCalled(
        event_id=where.event_id,
        order=where.order,
        user=PERSON,
        at=where.at,
        thread=where.thread,
        name=command.word,
        text=command.rest,
        files=files,
    )


def pressed(choice: Choice, ref: MessageRef, where: Stamp) -> Pressed:
    """A number as the press of a choice."""
    return Pressed(
        event_id=where.event_id,
        order=where.order,
        user=PERSON,
        at=where.at,
        thread=where.thread,
        choice=choice.id,
        ref=ref,
    )


def form_sent(form: str, values: FormValues, where: Stamp) -> FormSent:
    """The answers to a form's questions."""
    return FormSent(
        event_id=where.event_id,
        order=where.order,
        user=PERSON,
        at=where.at,
        thread=where.thread,
        form=form,
        values=values,
    )


def number(line: str, most: int) -> int | None:
    """The line as a number from 1 to `most`, or None."""
    line = line.strip()
    if not (line.isascii() and line.isdigit() and len(line) < 5):
        return None
    return int(line) if 1 <= int(line) <= most else None


def file_ref(path: str, size: int) -> FileRef:
    """A file of this machine that the person named."""
    return FileRef(
        platform=PLATFORM,
        workspace=WORKSPACE,
        id=path,
        name=PurePath(path).name,
        media_type="application/octet-stream",
        size=size,
        locator=path,
    )


def values(field: Field, line: str) -> tuple[FormValue, ...] | None:
    """What a typed line means for a field; None when it means nothing there.

    A file field is left to the adapter, which can look whether the file is there.
    """
    match field:
        case TextField():
            return (cleaned(line),) if len(line) <= field.longest else None
        case ChoiceField():
            return _chosen(field, line)
        case NumberField():
            return _figure(field, line)
        case TimeField():
            return _moment(line)
        case PersonField():
            return (PERSON,) if line.strip().removeprefix("@") == PERSON.id else None
        case FileField():
            return None


def _chosen(field: ChoiceField, line: str) -> tuple[str, ...] | None:
    picks = line.replace(",", " ").split() if field.many else [line.strip()]
    by_label = {label.casefold(): value for value, label in field.options}
    found: list[str] = []
    for pick in picks:
        at = number(pick, len(field.options))
        value = field.options[at - 1][0] if at else by_label.get(pick.casefold())
        if value is None:
            return None
        found.append(value)
    return tuple(found) or None


def _figure(field: NumberField, line: str) -> tuple[str] | None:
    try:
        figure = float(line)
    except ValueError:
        return None
    too_low = field.least is not None and figure < field.least
    too_high = field.most is not None and figure > field.most
    if not isfinite(figure) or too_low or too_high or (field.whole and not figure.is_integer()):
        return None
    return (str(int(figure)) if figure.is_integer() else repr(figure),)


def _moment(line: str) -> tuple[str] | None:
    try:
        moment = datetime.fromisoformat(line.strip())
    except ValueError:
        return None
    return (moment.astimezone(UTC).isoformat(),)


def completing(line: str, specs: Sequence[CommandSpec]) -> tuple[CommandSpec, int, str] | None:
    """Which option of which command is being typed: (spec, its index, the word so far)."""
    command = typed(line)
    spec = next((spec for spec in specs if command and spec.name == command.word), None)
    if command is None or spec is None or not spec.options:
        return None
    words = command.rest.split()
    if not line.endswith(" ") and not words:
        return None
    word = "" if line.endswith(" ") else words.pop()
    for at, option in enumerate(spec.options):
        if option.completes and word.lower().startswith((f"{option.name}:", f"{option.name}=")):
            return spec, at, word[len(option.name) + 1 :]
    return spec, min(len(words), len(spec.options) - 1), word


def word_begun(line: str) -> str | None:
    """The command's name as far as it is typed, or None when that is not what is typed."""
    for lead in ("/sim ", "!"):
        rest = line.removeprefix(lead)
        if line.startswith(lead) and " " not in rest:
            return rest.lower()
    return None
