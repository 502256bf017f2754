"""When a follow-up is due, and when it is too late for it. Pure.

Days are counted on the person's own wall clock, so that "tomorrow at this hour" stays that over a
change of summer time. What is late is skipped, or moved behind what was just sent; nobody gets a
pile of messages because a server stood still.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.preferences import Preferences
from bot.store.followups import Kind

NIGHT: Final = ("21:00", "08:00")
"""Quiet hours of somebody whose time zone is known and who set none."""

GAP: Final = timedelta(hours=12)
"""So far apart are two follow-ups to one person, but for the feedback on what they just did."""

WEEKDAY, HOUR = 0, time(9)
"""When the weekly digest is due: Monday at nine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When follow-ups of a kind come: so many days later each, and never later than `patience`."""

    days: tuple[int, ...]
    patience: timedelta

    @property
    def at_once(self) -> bool:
        """Whether it belongs to the moment."""
        return self.days == (0,)


RULES: Final[Mapping[Kind, Rule]] = {
    "feedback": Rule(days=(0,), patience=timedelta(hours=12)),
    "reflection": Rule(days=(1,), patience=timedelta(days=2)),
    "drill": Rule(days=(3, 10), patience=timedelta(days=3)),
    "unfinished": Rule(days=(1, 4), patience=timedelta(days=2)),
    "digest": Rule(days=(7,), patience=timedelta(days=2)),
}


def due_days_later(since: datetime, days: int, wanted: Preferences) -> datetime:
    """The same time of day so many days later where the person lives, outside quiet hours."""
    local = since.astimezone(_zone(wanted))
    # Arithmetic on a wall clock: the same time of day, however long the days between were.
    later = (local.replace(fold=0) + timedelta(days=days)).astimezone(UTC)
    return outside_quiet_hours(later, wanted) if days else _allowed(since, wanted)


def outside_quiet_hours(moment: datetime, wanted: Preferences) -> datetime:
    """The moment, or the end of the quiet hours that it lies in; those of a night by default."""
    if wanted.quiet_from is None and wanted.time_zone is not None:
        wanted = replace(wanted, quiet_from=NIGHT[0], quiet_to=NIGHT[1])
    return _allowed(moment, wanted)


def next_digest(now: datetime, wanted: Preferences) -> tuple[datetime, int]:
    """When the next weekly digest is due, and the number of its week, as 202614."""
    local = now.astimezone(_zone(wanted))
    day = local.date() + timedelta(days=(WEEKDAY - local.weekday()) % 7)
    due = datetime.combine(day, HOUR, _zone(wanted))
    if due <= local:
        due = datetime.combine(day + timedelta(days=7), HOUR, _zone(wanted))
    week = due.isocalendar()
    return outside_quiet_hours(due.astimezone(UTC), wanted), week.year * 100 + week.week


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """It comes later."""

    to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """It does not come any more."""

    code: str = "too_late"


def verdict(
    kind: Kind, due: datetime, now: datetime, wanted: Preferences, last_sent: datetime | None
) -> Moved | Missed | None:
    """What becomes of a follow-up that is due: None when it is to be sent now.

    Args:
        kind: what it is.
        due: when it should have come.
        now: the time.
        wanted: the person's preferences as they are now.
        last_sent: when another one was last sent to the same person.
    """
    rule = RULES[kind]
    if now - due > rule.patience:
        return Missed()
    allowed = _allowed(now, wanted) if rule.at_once else outside_quiet_hours(now, wanted)
    if not rule.at_once and last_sent is not None and last_sent + GAP > now:
        allowed = max(allowed, outside_quiet_hours(last_sent + GAP, wanted))
    if allowed <= now:
        return None
    return Missed() if allowed - due > rule.patience else Moved(to=allowed)


def _allowed(moment: datetime, wanted: Preferences) -> datetime:
    """The moment, or the end of the quiet hours somebody set."""
    if wanted.quiet_to is None or not wanted.quiet_at(moment, UTC):
        return moment
    local = moment.astimezone(_zone(wanted))
    end = datetime.combine(local.date(), time.fromisoformat(wanted.quiet_to), _zone(wanted))
    if end <= local.replace(fold=0):
        day = local.date() + timedelta(days=1)
        end = datetime.combine(day, end.timetz().replace(tzinfo=None), _zone(wanted))
    return end.astimezone(UTC)


def _zone(wanted: Preferences) -> ZoneInfo:
    return ZoneInfo(wanted.time_zone or "UTC")
