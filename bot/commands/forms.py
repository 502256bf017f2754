"""Forms that commands open: what they ask, and whether it is right. Reads, writes nothing.

A form is named as the choice that opens it: `dispute:simulation=ID`. What was filled in comes back
as a call of the command, with the options that the name gives. A field `points.history` belongs to
the option `points`, as `history=2`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.port import (
    NOTHING,
    Answered,
    FieldErrors,
    Form,
    FormChecked,
    FormValues,
    FormWanted,
    ThreadRef,
)
from bot import doors, people
from bot.commands.registry import REGISTRY
from bot.people import Person
from bot.services import Services
from engine.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who wants a form, where, and about what: `args` are the rest of its name."""

    person: Person
    thread: ThreadRef
    session_id: str | None
    args: tuple[str, ...]
    services: Services

    def of(self, name: str) -> str:
        """What the form's name says about an option, as in `dispute:simulation=ID`, or ""."""
        found = (one.partition("=") for one in self.args)
        return next((value for key, _, value in found if key == name), "")


def given_by(word: str, values: Sequence[str]) -> dict[str, str]:
    """The options that a choice or a form names: in order, or as `name=value`."""
    command = REGISTRY.commands.get(word)
    if command is None:
        return {}
    pairs = [value.partition("=") for value in values]
    named = {name: value for name, equals, value in pairs if equals and name in command.options}
    plain = [one for one in values if one.partition("=")[0] not in named]
    return {**dict(zip(command.options, plain, strict=False)), **named}


def filled_in(values: FormValues) -> dict[str, str]:
    """What was filled in, by option; `points.history` is a part of the option `points`."""
    given: dict[str, str] = {}
    for name, value in values:
        if not isinstance(value, str):
            continue
        option, dot, part = name.partition(".")
        piece = f"{part}={value}" if dot else value
        given[option] = f"{given[option]} {piece}" if option in given else piece
    return given


Opens = Callable[[Transaction, Asking], Awaitable[Form | None]]
Checks = Callable[[Transaction, Asking, Mapping[str, str]], Awaitable[FieldErrors]]


@dataclass(slots=True)
class Forms:
    """All forms, by the command that they belong to."""

    _opens: dict[str, Opens] = field(default_factory=dict)
    _checks: dict[str, Checks] = field(default_factory=dict)

    def opens(self, name: str) -> Callable[[Opens], Opens]:
        """Declare what makes a command's form."""

        def declare(opens: Opens) -> Opens:
            self._opens[name] = opens
            return opens

        return declare

    def checks(self, name: str) -> Callable[[Checks], Checks]:
        """Declare what looks at a command's form as it was filled in."""

        def declare(checks: Checks) -> Checks:
            self._checks[name] = checks
            return checks

        return declare

    async def answer(
        self, tx: Transaction, services: Services, query: FormWanted | FormChecked
    ) -> Answered:
        """The form, or what is wrong with one; nothing for what has no form."""
        by = query.by if isinstance(query, FormWanted) else query.form
        name, *args = by.split(":")
        who = query.user
        known = await people.known(tx, people.account_of(who))
        if known is None or name not in self._opens:
            return NOTHING
        workspace = await people.workspace_of(tx, who.platform, who.workspace, at=services.now())
        door = await doors.of_thread(tx, query.thread)
        asking = Asking(
            person=await people.get(tx, known, workspace),
            thread=query.thread,
            session_id=door.session_id if door else None,
            args=tuple(args),
            services=services,
        )
        if isinstance(query, FormWanted):
            return await self._opens[name](tx, asking) or NOTHING
        given = {key: value for key, value in query.values if isinstance(value, str)}
        checks = self._checks.get(name)
        return await checks(tx, asking, given) if checks else NOTHING


FORMS = Forms()
