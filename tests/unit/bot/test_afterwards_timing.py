"""When follow-ups are due: on people's own clocks, never in a pile."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.afterwards.timing import (
    GAP,
    RULES,
    Missed,
    Moved,
    due_days_later,
    next_digest,
    outside_quiet_hours,
    verdict,
)
from bot.preferences import Preferences

BERLIN = Preferences(time_zone="Europe/Berlin")
NEW_YORK = Preferences(time_zone="America/New_York", quiet_from="22:00", quiet_to="07:00")
NOWHERE = Preferences()
NOON = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)  # 12:00 in Berlin, the day before summer time

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda one: NOON + timedelta(minutes=one))
HOURS = st.integers(0, 24 * 60 - 1).map(lambda one: f"{one // 60:02}:{one % 60:02}")


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def test_tomorrow_is_the_same_hour_over_a_change_of_summer_time() -> None:
    tomorrow = due_days_later(NOON, 1, BERLIN)
    assert tomorrow - NOON == timedelta(hours=23)
    assert local(tomorrow, "Europe/Berlin").time() == time(12)


def test_in_autumn_the_day_is_longer() -> None:
    before = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
    assert due_days_later(before, 1, BERLIN) - before == timedelta(hours=25)


def test_an_hour_that_summer_time_leaves_out_comes_as_much_later() -> None:
    awake = Preferences(time_zone="Europe/Berlin", quiet_from="12:00", quiet_to="13:00")
    before = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)  # 02:30 in Berlin
    assert local(due_days_later(before, 1, awake), "Europe/Berlin").time() == time(3, 30)


def test_nobody_whose_night_is_known_is_written_to_at_night() -> None:
    late = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)  # 23:00 in Berlin
    assert local(due_days_later(late, 1, BERLIN), "Europe/Berlin") == datetime(
        2026, 3, 12, 8, 0, tzinfo=ZoneInfo("Europe/Berlin")
    )


def test_feedback_comes_at_once_unless_somebody_wants_quiet() -> None:
    late = datetime(2026, 3, 10, 23, 0, tzinfo=UTC)
    assert due_days_later(late, 0, BERLIN) == late
    at_night = datetime(2026, 3, 11, 3, 0, tzinfo=UTC)  # 23:00 in New York
    expected = datetime(2026, 3, 11, 11, 0, tzinfo=UTC)
    assert due_days_later(at_night, 0, NEW_YORK) == expected


@given(moment=MOMENTS, zone=st.sampled_from(ZONES), start=HOURS, end=HOURS)
def test_what_was_moved_is_outside_quiet_hours_and_within_a_day(
    moment: datetime, zone: str, start: str, end: str
) -> None:
    if start == end:
        return
    wanted = Preferences(time_zone=zone, quiet_from=start, quiet_to=end)
    moved = outside_quiet_hours(moment, wanted)
    assert moment <= moved <= moment + timedelta(hours=26)
    if wanted.quiet_at(moved, UTC):
        # The end of quiet hours comes twice on one night of the year: the first is taken.
        assert local(moved, zone).time() != time.fromisoformat(end)
    assert outside_quiet_hours(moment, wanted) == moment or wanted.quiet_at(moment, UTC)


@given(moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_the_digest_is_on_a_monday_within_the_week(moment: datetime, zone: str) -> None:
    due, week = next_digest(moment, Preferences(time_zone=zone))
    assert moment < due <= moment + timedelta(days=7, hours=2)
    assert local(due, zone).weekday() == 0
    assert local(due, zone).time() == time(9)
    assert week == due.astimezone(ZoneInfo(zone)).isocalendar().year * 100 + (
        due.astimezone(ZoneInfo(zone)).isocalendar().week
    )


def test_what_is_due_is_sent() -> None:
    assert verdict("drill", NOON, NOON + timedelta(minutes=1), NOWHERE, None) is None


@pytest.mark.parametrize("kind", list(RULES))
def test_after_a_long_stop_stale_ones_are_left_out(kind: str) -> None:
    patience = RULES[kind].patience  # type: ignore[index]
    late = NOON + patience + timedelta(minutes=1)
    assert verdict(kind, NOON, late, NOWHERE, None) == Missed()  # type: ignore[arg-type]
    in_time = NOON + patience - timedelta(minutes=1)
    assert verdict(kind, NOON, in_time, NOWHERE, None) is None  # type: ignore[arg-type]


def test_two_never_come_together() -> None:
    sent = NOON - timedelta(hours=1)
    assert verdict("drill", NOON, NOON, NOWHERE, sent) == Moved(to=sent + GAP)
    assert verdict("feedback", NOON, NOON, NOWHERE, sent) is None


def test_what_would_come_too_late_by_moving_does_not_come() -> None:
    due = NOON - RULES["reflection"].patience + timedelta(hours=1)
    assert verdict("reflection", due, NOON, NOWHERE, NOON) == Missed()


def test_quiet_hours_set_after_planning_hold() -> None:
    at_night = datetime(2026, 3, 11, 3, 0, tzinfo=UTC)
    moved = verdict("drill", at_night, at_night, NEW_YORK, None)
    assert moved == Moved(to=datetime(2026, 3, 11, 11, 0, tzinfo=UTC))
