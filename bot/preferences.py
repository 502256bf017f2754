"""How somebody wants to be written to: time zone, quiet hours, language."""

import re
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import ClassVar, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", re.ASCII)
_LANGUAGE: Final = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?",
    re.ASCII | re.IGNORECASE,
)


class BadPreference(Exception):
    """A preference that means nothing. `why` can be shown; `fields` are those that are wrong."""

    code: ClassVar[str] = "bad_preference"
    retryable: ClassVar[bool] = False

    def __init__(self, why: str, *fields: str) -> None:
        super().__init__(why)
        self.why = why
        self.fields = fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Valid preferences; None where nothing was said. Building one from nonsense raises.

    `time_zone` is an IANA name. `quiet_from` and `quiet_to` are local times as HH:MM, and the
    span may cross midnight. `language` is a BCP 47 tag of language, script and region.

    Raises:
        BadPreference: there is no such zone or tag, or the quiet hours lack an end, are not
            HH:MM, or end when they begin.
    """

    time_zone: str | None = None
    quiet_from: str | None = None
    quiet_to: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        if self.time_zone is not None:
            _zone(self.time_zone)
        if (self.quiet_from, self.quiet_to) != (None, None):
            _require_span(self.quiet_from, self.quiet_to)
        if self.language is not None:
            object.__setattr__(self, "language", _tag(self.language))

    def quiet_at(self, moment: datetime, otherwise: tzinfo) -> bool:
        """Whether a moment lies in the quiet hours; `otherwise` is the zone where none was set."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        zone = _zone(self.time_zone) if self.time_zone else otherwise
        now = moment.astimezone(zone).time()
        start, end = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to)
        return start <= now < end if start < end else now >= start or now < end


def _zone(name: str) -> ZoneInfo:
    if _ZONE.fullmatch(name) is None:
        raise _bad_zone()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is an OSError
        raise _bad_zone() from None


def _bad_zone() -> BadPreference:
    return BadPreference("a time zone is written as Europe/Berlin", "time_zone")


def _require_span(start: str | None, end: str | None) -> None:
    ends = [one for one in (start, end) if one is not None and _CLOCK.fullmatch(one)]
    if len(ends) < 2 or start == end:
        why = "quiet hours are written as 22:00-07:00"
        raise BadPreference(why, "quiet_from", "quiet_to")


def _tag(text: str) -> str:
    found = _LANGUAGE.fullmatch(text.strip().replace("_", "-"))
    if found is None:
        raise BadPreference("a language is written as en or pt-BR", "language")
    parts = (
        found["language"].lower(),
        (found["script"] or "").title(),
        (found["region"] or "").upper(),
    )
    return "-".join(part for part in parts if part)
