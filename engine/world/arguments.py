"""A tool's arguments: checked against what the tool declares, and brought into one form."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from engine.scenario.sandbox import ArgType, Tool
from engine.world.state import Refusal, echo
from engine.world.wording import listed

_LONGEST = 500
_LENGTHS = range(5, 241)  # minutes, as the scenario format has it
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_START = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)
_YEARS = range(1900, 2200)  # keeps sums of dates inside the calendar
_BOOLS = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}

# What these mean is known from their names, whatever type a scenario gives them.
_BY_NAME: Mapping[str, Mapping[str, ArgType]] = {
    "schedule": {"start": "start", "date": "date", "minutes": "int"},
    "nurses": {"date": "date", "minutes": "int", "licence_expires": "date"},
    "patients": {"born": "date"},
}


def checked(tool: Tool, args: Mapping[str, str]) -> dict[str, str]:
    """The arguments with blanks trimmed, in the order the tool declares; empty ones left out.

    A `start` comes back as `YYYY-MM-DDTHH:MM`, an `int` without leading zeros, a `bool` as `true`
    or `false`.

    Raises:
        Refusal: `unknown_argument`, `missing_argument` or `bad_argument`; it names one argument.
    """
    for name in args:
        if name not in tool.args:
            takes = listed(tuple(tool.args)) or "no arguments"
            raise Refusal("unknown_argument", f"Leave out “{echo(name)}”: {tool.id} takes {takes}.")
    given: dict[str, str] = {}
    for name, declared in tool.args.items():
        text = " ".join(args.get(name, "").split())
        if text:
            kind = _BY_NAME.get(tool.backend, {}).get(name, declared)
            given[name] = _READERS[kind](name, text)
        elif name not in tool.optional:
            raise missing(name)
    return given


def missing(name: str) -> Refusal:
    """The refusal for an argument that is needed and was not given."""
    return Refusal("missing_argument", f"Say which {name.replace('_', ' ')}: add {name}=….")


def need(args: Mapping[str, str], *names: str) -> str:
    """The first of these arguments that was given.

    Raises:
        Refusal: `missing_argument`: none was.
    """
    for name in names:
        if args.get(name):
            return args[name]
    raise missing(names[0])


def read_bound(name: str, text: str) -> datetime | date | time:
    """One end of a search: a moment, a day, or a time of day.

    Raises:
        Refusal: `bad_argument`: it is none of them.
    """
    if _START.fullmatch(text):
        return datetime.fromisoformat(_start(name, text))
    if _DATE.fullmatch(text):
        return date.fromisoformat(_date(name, text))
    try:
        if _TIME.fullmatch(text):
            return time.fromisoformat(text)
    except ValueError:
        pass
    raise _bad(name, text, "2026-12-01, 2026-12-01T15:30 or 15:30")


def read_minutes(args: Mapping[str, str], usual: int) -> int:
    """The length asked for, else the usual one.

    Raises:
        Refusal: `bad_argument`: it is outside what the scenario format allows.
    """
    minutes = int(args.get("minutes") or usual)
    if minutes not in _LENGTHS:
        raise Refusal("bad_argument", "minutes is out of range. Give 5 to 240.")
    return minutes


def _str(name: str, text: str) -> str:
    if len(text) > _LONGEST:
        raise Refusal("bad_argument", f"Shorten {name} to {_LONGEST} characters.")
    return text


def _int(name: str, text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise _bad(name, text, "a whole number, as 30")
    return str(int(text))


def _date(name: str, text: str) -> str:
    try:
        if _DATE.fullmatch(text) and date.fromisoformat(text).year in _YEARS:
            return text
    except ValueError:
        pass
    raise _bad(name, text, "a day of the calendar, as 2026-12-01")


def _start(name: str, text: str) -> str:
    try:
        found = _START.fullmatch(text)
        if found and datetime.fromisoformat("T".join(found.groups())).year in _YEARS:
            return "T".join(found.groups())
    except ValueError:
        pass
    raise _bad(name, text, "a day and a time, as 2026-12-01T15:30")


def _bool(name: str, text: str) -> str:
    if text.lower() not in _BOOLS:
        raise _bad(name, text, "yes or no")
    return _BOOLS[text.lower()]


def _bad(name: str, text: str, form: str) -> Refusal:
    return Refusal("bad_argument", f"{name} is “{echo(text)}”. Write it as {form}.")


_READERS: Mapping[ArgType, Callable[[str, str], str]] = {
    "str": _str,
    "int": _int,
    "date": _date,
    "start": _start,
    "bool": _bool,
}
