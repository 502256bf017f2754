"""The registry of commands: one declaration serves every platform, the help and the README."""

import difflib
import inspect
import re
import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from adapters.port import CommandSpec, OptionSpec, ThreadRef
from bot.effects import Result
from bot.people import Person
from bot.views.help import usage
from engine.errors import MessageTooLong
from engine.store import Transaction

if TYPE_CHECKING:
    from bot.services import Services

Kind = Literal["text", "number", "yes_no", "person", "file", "time"]

MOST_CHARS: Final = 5000
"""Characters of one option, or of a whole typed line."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command; `rest` takes everything that is left of a typed line."""

    description: str
    completes: str = ""
    optional: bool = False
    rest: bool = False
    kind: Kind = "text"
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a command: who, where, when, and what they may use."""

    person: Person
    thread: ThreadRef
    event_id: str
    at: datetime
    services: "Services"
    session_id: str | None = None
    """The session whose thread this is, if any."""
    direct: bool = False
    """Whether only the caller and the bot are there, and others are elsewhere."""


Handler = Callable[..., Awaitable[Result]]


class BadCommand(Exception):
    """The line cannot be read as a command. `usage` shows how it is written."""

    code: ClassVar[str] = "bad_command"

    def __init__(self, why: str, usage: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.usage = usage


class UnknownCommand(BadCommand):
    """There is no such command; `nearest` are names that look like it."""

    code = "unknown_command"

    def __init__(self, nearest: tuple[str, ...] = ()) -> None:
        super().__init__("unknown", "/sim help")
        self.nearest = nearest


class WhichSession(BadCommand):
    """Several sessions could be meant, and the line says none."""

    code = "which_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A declared command."""

    name: str
    summary: str
    options: Mapping[str, Option]
    roles: tuple[str, ...]
    handler: Handler
    opens_form: bool = False
    demo: bool = False
    example: str = ""

    @property
    def usage(self) -> str:
        """How it is typed: its example, else as `/sim start SCENARIO [MODE]`."""
        return self.example or usage(self.spec)

    @property
    def spec(self) -> CommandSpec:
        """The declaration as platforms render it."""
        return CommandSpec(
            name=self.name,
            summary=self.summary,
            roles=self.roles,
            opens_form=self.opens_form,
            options=tuple(
                OptionSpec(
                    name=name,
                    description=one.description,
                    kind=one.kind,
                    optional=one.optional,
                    completes=one.completes,
                    choices=one.choices,
                )
                for name, one in self.options.items()
            ),
        )


@dataclass(slots=True)
class Registry:
    """All commands, in the order they were declared."""

    commands: dict[str, Command] = field(default_factory=dict)

    def command(
        self,
        name: str,
        summary: str,
        *,
        roles: tuple[str, ...] = (),
        opens_form: bool = False,
        demo: bool = False,
        example: str = "",
        **options: Option,
    ) -> Callable[[Handler], Handler]:
        """Declare a command.

        `demo`: it is there with the demo clock alone. `example`: a whole line, told to whoever
        typed one that cannot be read.

        Raises:
            TypeError: its options and the handler's parameters differ; seen at import.
        """

        def declare(handler: Handler) -> Handler:
            named = tuple(inspect.signature(handler).parameters)[2:]
            if named != tuple(options) or name in self.commands:
                raise TypeError(f"command {name}: options {tuple(options)}, parameters {named}")
            self.commands[name] = Command(
                name=name,
                summary=summary,
                options=options,
                roles=roles,
                handler=handler,
                opens_form=opens_form,
                demo=demo,
                example=example,
            )
            return handler

        return declare

    def is_for_staff(self, name: str) -> bool:
        """Whether a command is for some roles alone."""
        return name in self.commands and bool(self.commands[name].roles)

    @property
    def specs(self) -> tuple[CommandSpec, ...]:
        """Every command as platforms render it; those of the demo clock left out."""
        return self.specs_for(demo=False)

    def specs_for(self, *, demo: bool) -> tuple[CommandSpec, ...]:
        """Every command of a server, with or without the demo clock."""
        return tuple(one.spec for one in self.commands.values() if demo or not one.demo)

    def bound(
        self, name: str, text: str, given: Mapping[str, str]
    ) -> tuple[Command, dict[str, Any]]:
        """A call's command and its arguments; those left out are None.

        Raises:
            UnknownCommand: there is no such command.
            BadCommand: something needed is missing, or there is too much.
            MessageTooLong: more was written than is read.
        """
        command = self.commands.get(name)
        if command is None:
            raise UnknownCommand(tuple(difflib.get_close_matches(name, self.commands)))
        longest = max(map(len, (text, *given.values())))
        if longest > MOST_CHARS:
            raise MessageTooLong(longest, MOST_CHARS)
        values: dict[str, Any] = dict.fromkeys(command.options)
        values.update(given or typed_values(command, text))
        missing = [
            key for key, one in command.options.items() if not one.optional and not values[key]
        ]
        if missing or set(values) - set(command.options):
            raise BadCommand(
                f"missing {missing[0]}" if missing else "unknown option", command.usage
            )
        return command, values

    async def run(
        self, tx: Transaction, call: Call, name: str, text: str, given: Mapping[str, str]
    ) -> Result:
        """Run a call inside the caller's transaction.

        Raises:
            BadCommand: as `bound`. Whatever the handler raises.
        """
        command, values = self.bound(name, text, given)
        return await command.handler(tx, call, **values)


def typed_values(command: Command, text: str) -> dict[str, str]:
    """The options of a typed line: in order, or named; a `rest` option takes all that is left.

    A name stands as `name=value` or `name:value`, before what the `rest` option takes or at its
    end. What it takes may also be quoted; then the options after it go on in order.

    Raises:
        BadCommand: there is more than the command takes.
    """
    names = list(command.options)
    rest = next((name for name, one in command.options.items() if one.rest), None)
    if rest is not None and names == [rest]:
        return {rest: text.strip()} if text.strip() else {}
    values: dict[str, str] = {}
    words = _words(text)
    while words:
        word, quoted = words[0]
        if (named := _named(command, word)) is not None:
            values.update([named])
            words.pop(0)
            continue
        free = next((name for name in names if name not in values), None)
        if free is None:
            raise BadCommand("too much", command.usage)
        after = len(names) - 1 - names.index(free)
        if free == rest and not (quoted and 0 < len(words) <= 1 + after):
            values.update(_named_last(command, words))
            values[free] = " ".join(one for one, _ in words)
            break
        values[free] = word
        words.pop(0)
    return values


def _named(command: Command, word: str) -> tuple[str, str] | None:
    """An option and its value in one word, if it is that."""
    found = _NAMED.match(word)
    if found is None:
        return None
    key, mark, value = found[1].lower(), found[2], found[3]
    option = command.options.get(key)
    # "Text:" begins a sentence; only where a value follows at once it names an option.
    if option is None or (mark == ":" and (option.rest or not value)):
        return None
    return key, value


def _named_last(command: Command, words: list[tuple[str, bool]]) -> dict[str, str]:
    """Take the options that stand named at the end of a text; its first word stays."""
    found: dict[str, str] = {}
    while len(words) > 1 and (named := _named(command, words[-1][0])) is not None:
        if command.options[named[0]].rest or not named[1]:
            break
        found.update([named])
        words.pop()
    return found


def _words(text: str) -> list[tuple[str, bool]]:
    """The words, each with whether it began with a quotation mark."""
    # Phones write curly quotes. An apostrophe is a letter here, and so is a backslash.
    line = text.translate(_STRAIGHT)
    source = StringIO(line)
    lexer = shlex.shlex(source, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.quotes, lexer.escape, lexer.commenters = '"', "", ""
    found: list[tuple[str, bool]] = []
    at = 0
    try:
        while (word := lexer.get_token()) is not None:
            found.append((word, line[at:].lstrip().startswith('"')))
            at = source.tell()
    except ValueError:  # a quote without its end is somebody's inch, not a mistake
        return [(one, False) for one in text.split()]
    return found


_NAMED: Final = re.compile(r"([^\W\d]\w*)([=:])(.*)", re.DOTALL)
_STRAIGHT = str.maketrans("“”„", '"""')

REGISTRY = Registry()
