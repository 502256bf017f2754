"""Commands as they are declared: once, by the application, for every platform."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One option of a command.

    `name` is lower case letters, digits and `_`. `completes` names what the application completes
    it with; the adapter then asks `Completing` while it is typed. `choices` are (value, label)
    pairs when the values are few and fixed.
    """

    name: str
    description: str
    kind: Literal["text", "number", "yes_no", "person", "file", "time"] = "text"
    optional: bool = False
    completes: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One command: `/sim NAME …` natively or typed, `!NAME …` in a session's thread.

    `summary` is at most 100 characters. `roles` says who is shown the command, where the platform
    can hide it; nobody named means everybody. It is a courtesy, not the check: that is the
    application's. With `opens_form` the adapter asks `FormWanted` when the command is called
    without options.
    """

    name: str
    summary: str
    options: tuple[OptionSpec, ...] = ()
    roles: tuple[str, ...] = ()
    opens_form: bool = False
