"""A form on a terminal: its fields asked one by one."""

from collections.abc import Awaitable, Callable

from adapters.forms import (
    ChoiceField,
    Field,
    FileField,
    Form,
    FormValue,
    FormValues,
    NumberField,
    TextField,
    TimeField,
)
from adapters.markup import unmarked
from adapters.port import FieldErrors
from adapters.terminal import parse, render
from adapters.terminal.screen import Screen

Ask = Callable[[], Awaitable[str | None]]
Offer = Callable[[str], Awaitable[FormValue | None]]
Check = Callable[[FormValues], Awaitable[FieldErrors | None]]

AGAIN = "?"
"""What stands beside a question whose answer could not be read."""


class Questions:
    """Asks a form until it is right, or until the person leaves."""

    def __init__(self, screen: Screen, *, ask: Ask, offer: Offer, check: Check) -> None:
        self._screen = screen
        self._ask = ask
        self._offer = offer
        self._check = check

    async def fill(self, form: Form) -> FormValues | None:
        """The values, checked; None when there are no more lines."""
        self._screen.print(render.marked(f"**{form.title}**"))
        if form.text:
            self._screen.print(unmarked(form.text))
        given: dict[str, tuple[FormValue, ...]] = {}
        errors: dict[str, str] = {field.name: "" for field in form.fields}
        while errors:
            for field in (field for field in form.fields if field.name in errors):
                answered = await self._field(field, errors[field.name])
                if answered is None:
                    return None
                given[field.name] = answered
            values = tuple(
                (field.name, value) for field in form.fields for value in given[field.name]
            )
            checked = await self._check(values)
            errors = _of(form, checked) if checked else {}
        return values

    async def _field(self, field: Field, error: str) -> tuple[FormValue, ...] | None:
        """What one field is answered with; empty when left out, None at the end of input."""
        while True:
            self._screen.print(render.question(field, error))
            line = await self._ask()
            if line is None:
                return None
            if not line.strip():
                usual = _usual(field)
                if usual or field.optional:
                    return (usual,) if usual else ()
            elif (found := await self._values(field, line)) is not None:
                return found
            error = AGAIN

    async def _values(self, field: Field, line: str) -> tuple[FormValue, ...] | None:
        if isinstance(field, FileField):
            file = await self._offer(line)
            return None if file is None else (file,)
        return parse.values(field, line)


def _of(form: Form, checked: FieldErrors) -> dict[str, str]:
    names = {field.name for field in form.fields}
    found = {name: words for name, words in checked.errors if name in names}
    if checked.errors and not found:
        # An error about the form as a whole: ask its last field again.
        return {form.fields[-1].name: checked.errors[0][1]}
    return found


def _usual(field: Field) -> str:
    match field:
        case TextField() | ChoiceField():
            return field.value
        case NumberField():
            return "" if field.value is None else f"{field.value:g}"
        case TimeField():
            return field.value.isoformat() if field.value else ""
        case _:
            return ""
