"""Dates and lists in plain words, the same in every locale."""

from collections.abc import Sequence
from datetime import date, datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date, now: datetime) -> str:
    """`Tue 1 Dec`, with the year where it is not this one."""
    year = "" if day.year == now.year else f" {day.year}"
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{year}"


def moment_words(moment: datetime, now: datetime) -> str:
    """`Tue 1 Dec at 15:30`, with the year where it is not this one."""
    return f"{day_words(moment.date(), now)} at {moment:%H:%M}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def stamp(moment: datetime) -> str:
    """`2026-12-01T15:30`, as records hold it."""
    return f"{moment:%Y-%m-%dT%H:%M}"
