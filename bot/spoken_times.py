"""Moments as people write them: `tomorrow 3pm`, `in two hours`, `monday 9:30`. English."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LONGEST: Final = 80
FURTHEST: Final = timedelta(days=60)
MORNING: Final = time(9)
"""When a day is meant and no time of it."""

_BARE: Final = re.compile(r"\d+")
_SLASHED: Final = re.compile(r"\d{1,2}\s*[/.]\s*\d{1,2}(?:\s*[/.]\s*\d{2,4})?")
_HOUR: Final = re.compile(r"\bat\s+(\d{1,2})(?!\s*[\d:.]|\s*[ap]\.?m)\b", re.IGNORECASE)
_SPAN: Final = re.compile(r"(?:in\s+)?\w+\s*(?:h|hrs?|hours?|m|mins?|minutes?)", re.IGNORECASE)
_MIDNIGHT: Final = re.compile(r"\b(?:midnight|00?:00|12\s*am)\b", re.IGNORECASE)
_AFTERNOON_BEFORE: Final = 7
"""`at 3` means three in the afternoon, `at 7` seven in the morning."""


class BadTime(ValueError):
    """These words name no moment that can be used. `why` can be shown."""

    def __init__(self, why: str) -> None:
        super().__init__("bad time")  # not what was written
        self.why = why


def moment_of(words: str, now: datetime, zone: str | None) -> datetime:
    """The moment that somebody means, in UTC.

    A day without a time is its morning. A time that a change of summer time leaves out is the same
    span later, and of one that comes twice the first is meant.

    Args:
        words: what they wrote.
        now: the time.
        zone: where they are, as an IANA name; UTC where that is not known.

    Raises:
        BadTime: it names none, one that is over, or one too far away.
    """
    words = " ".join(words.split())
    if not words or len(words) > LONGEST or _BARE.fullmatch(words):
        raise BadTime("that is no time")
    if _SLASHED.search(words):
        raise BadTime("write the month as a word, so that day and month are not mixed up")
    # Hours and minutes are counted as they pass, days on the wall.
    place = ZoneInfo("UTC" if zone is None or _SPAN.fullmatch(words) else zone)
    local = now.astimezone(place).replace(tzinfo=None)
    found = _parsed(_HOUR.sub(_clock, words), local)
    if found is None:
        raise BadTime("that is no time")
    if found.tzinfo is None:
        if found.time() == time(0) and not _MIDNIGHT.search(words):
            found = datetime.combine(found.date(), MORNING)
        found = found.replace(tzinfo=place)
    moment = found.astimezone(UTC)
    if moment <= now:
        raise BadTime("that is over already")
    if moment - now > FURTHEST:
        raise BadTime(f"that is more than {FURTHEST.days} days away")
    return moment


def _clock(found: re.Match[str]) -> str:
    hour = int(found[1])
    return f"{hour + 12 if hour < _AFTERNOON_BEFORE else hour}:00"


def _parsed(words: str, local: datetime) -> datetime | None:
    import dateparser  # here, because it loads slowly

    return dateparser.parse(
        words,
        languages=["en"],
        settings={
            "RELATIVE_BASE": local,
            "PREFER_DATES_FROM": "future",
            "PREFER_DAY_OF_MONTH": "first",
            "DATE_ORDER": "YMD",
            "PARSERS": ["relative-time", "absolute-time"],
        },
    )
