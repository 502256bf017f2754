"""Forms: what may be asked, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from adapters.refs import FileRef, UserRef


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    label: str
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(_Field):
    """Words. `longest` counts characters."""

    value: str = ""
    lines: bool = False
    longest: int = 3000
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(_Field):
    """One of `options`, given as (value, label); several of them when `many`."""

    options: tuple[tuple[str, str], ...]
    value: str = ""
    many: bool = False
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField(_Field):
    """A number between `least` and `most`, both allowed."""

    value: float | None = None
    least: float | None = None
    most: float | None = None
    whole: bool = False
    kind: Literal["number"] = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeField(_Field):
    """A moment. Comes back as ISO 8601 in UTC; asked in the person's own time zone if known."""

    value: datetime | None = None
    kind: Literal["time"] = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonField(_Field):
    """Somebody in the workspace; several of them when `many`."""

    many: bool = False
    kind: Literal["person"] = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField(_Field):
    """A file with one of these media types; none named means any."""

    media_types: tuple[str, ...] = ()
    kind: Literal["file"] = "file"


Field = TextField | ChoiceField | NumberField | TimeField | PersonField | FileField

FormValue = str | UserRef | FileRef
"""A UserRef from a person field, a FileRef from a file field, a string from every other."""

FormValues = tuple[tuple[str, FormValue], ...]
"""(field name, value) in the form's order. A `many` field appears once for each value; an empty
optional one does not appear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form to show. `id` comes back as `FormSent.form`: at most 80 characters, no secret."""

    id: str
    title: str
    fields: tuple[Field, ...]
    text: str = ""
    send: str = "Send"
