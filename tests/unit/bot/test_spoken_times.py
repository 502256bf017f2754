"""Times as people write them."""

from datetime import UTC, datetime

import pytest

from bot.spoken_times import BadTime, moment_of

NOW = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)  # a Friday, 15:00 in Berlin
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tomorrow 3pm", "2026-03-28T14:00"),
        ("tomorrow at 9", "2026-03-28T08:00"),
        ("tomorrow at 3", "2026-03-28T14:00"),
        ("tomorrow morning", "2026-03-28T08:00"),
        ("  Monday   10:30 ", "2026-03-30T08:30"),
        ("monday", "2026-03-30T07:00"),
        ("in 2 hours", "2026-03-27T16:00"),
        ("in three days", "2026-03-30T13:00"),
        ("noon", "2026-03-28T11:00"),
        ("tonight", "2026-03-27T19:00"),
        ("2026-04-01 08:00", "2026-04-01T06:00"),
        ("1 april 9am", "2026-04-01T07:00"),
        ("tomorrow 3pm EST", "2026-03-28T20:00"),
        ("midnight", "2026-03-27T23:00"),
    ],
)
def test_what_people_mean(words: str, expected: str) -> None:
    wanted = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert moment_of(words, NOW, BERLIN) == wanted


def test_without_a_zone_it_is_utc() -> None:
    assert moment_of("tomorrow 3pm", NOW, None) == datetime(2026, 3, 28, 15, 0, tzinfo=UTC)


def test_an_hour_that_is_left_out_comes_as_much_later() -> None:
    # On the 29th the clock goes from 02:00 to 03:00.
    found = moment_of("sunday 02:30", NOW, BERLIN)
    assert found == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    autumn = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    assert moment_of("tomorrow 02:30", autumn, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_hours_are_counted_as_they_pass_and_days_on_the_wall() -> None:
    evening = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)  # 22:00 in Berlin, then comes summer time
    assert moment_of("in 10 hours", evening, BERLIN) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert moment_of("in 1 day", evening, BERLIN) == datetime(2026, 3, 29, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "no time"),
        ("banana", "no time"),
        ("10", "no time"),
        ("x" * 81, "no time"),
        ("yesterday", "over already"),
        ("3/4", "month as a word"),
        ("5.4.", "month as a word"),
        ("in a year", "more than 60 days"),
    ],
)
def test_what_cannot_be_used_says_why(words: str, why: str) -> None:
    with pytest.raises(BadTime) as caught:
        moment_of(words, NOW, BERLIN)
    assert why in caught.value.why
    assert "banana" not in str(caught.value)
