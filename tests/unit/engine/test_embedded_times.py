"""Days and times in a caller's words."""

from datetime import date

import pytest

from engine.llm.embedded.times import dates_in, said_day, said_time, wish_in

TODAY = date(2026, 11, 30)  # a Monday
TUESDAY, WEDNESDAY = date(2026, 12, 1), date(2026, 12, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-01", TUESDAY),
        ("1 December", TUESDAY),
        ("the 1st of December", TUESDAY),
        ("the first of December", TUESDAY),
        ("December 1st, 2026", TUESDAY),
        ("on 1 Dec", TUESDAY),
        ("1/12/2026", TUESDAY),
        ("the twenty-first of May", date(2027, 5, 21)),
        ("12 April 1965", date(1965, 4, 12)),
        ("12.4.65.", date(1965, 4, 12)),
        ("born 12/04/1965, thanks", date(1965, 4, 12)),
        ("3 february 78", date(1978, 2, 3)),
    ],
)
def test_reads_a_date(text: str, day: date) -> None:
    assert [found for found, _ in dates_in(text, TODAY)] == [day]


@pytest.mark.parametrize("text", ["31 February", "2026-13-40", "45/1/2020", "may I", "at 3"])
def test_is_no_date(text: str) -> None:
    assert dates_in(text, TODAY) == ()


@pytest.mark.parametrize(
    ("text", "fits", "not_fits"),
    [
        ("Tuesday at half past three", (TUESDAY, 15, 30), (TUESDAY, 16, 0)),
        ("tuesday half three", (TUESDAY, 15, 30), (WEDNESDAY, 15, 30)),
        ("only on Tuesday after four", (TUESDAY, 16, 0), (TUESDAY, 15, 30)),
        ("tomorrow at 3 pm", (TUESDAY, 15, 0), (TUESDAY, 3, 0)),
        ("the day after tomorrow at 15:30.", (WEDNESDAY, 15, 30), (TUESDAY, 15, 30)),
        ("1 December, quarter to four", (TUESDAY, 15, 45), (TUESDAY, 16, 15)),
        ("three thirty on the first of December", (TUESDAY, 15, 30), (TUESDAY, 15, 0)),
        ("before 10 in the morning", (TUESDAY, 9, 30), (TUESDAY, 10, 30)),
        ("in the afternoon", (WEDNESDAY, 12, 0), (WEDNESDAY, 11, 30)),
        ("not on Tuesday", (WEDNESDAY, 9, 0), (TUESDAY, 9, 0)),
        ("I can't do Tuesday, Wednesday is fine", (WEDNESDAY, 9, 0), (TUESDAY, 9, 0)),
        ("Tuesday or Wednesday at noon", (WEDNESDAY, 12, 0), (WEDNESDAY, 13, 0)),
        ("at 9 o'clock", (TUESDAY, 9, 0), (TUESDAY, 10, 0)),
    ],
)
def test_a_wish_fits_what_was_meant(
    text: str, fits: tuple[date, int, int], not_fits: tuple[date, int, int]
) -> None:
    wish = wish_in(text, TODAY)
    for (day, hour, minute), wanted in ((fits, True), (not_fits, False)):
        assert wish.fits(day, hour * 60 + minute) is wanted


def test_good_morning_is_no_wish() -> None:
    assert not wish_in("Good morning, I'm Ann Lee, born 2 January 1980.", TODAY)
    assert wish_in("any time is fine", TODAY).any_time


def test_later_words_replace_a_day_or_a_time_and_keep_the_other() -> None:
    wish = wish_in("Tuesday after four", TODAY).then(wish_in("or Wednesday", TODAY))
    assert wish.fits(WEDNESDAY, 16 * 60)
    assert not wish.fits(TUESDAY, 16 * 60)
    assert not wish.fits(WEDNESDAY, 15 * 60)
    assert wish.then(wish_in("any time", TODAY)).fits(TUESDAY, 9 * 60)


def test_days_and_times_in_words_hold_no_figure() -> None:
    assert said_day(TUESDAY) == "Tuesday the first of December"
    assert said_time(15 * 60 + 30) == "half past three in the afternoon"
    assert said_time(9 * 60) == "nine o'clock in the morning"
    assert said_time(11 * 60 + 45) == "quarter to twelve in the morning"
    assert said_time(12 * 60) == "noon"
    assert said_time(18 * 60 + 10) == "ten past six in the evening"
    said = {said_time(minute) for minute in range(0, 24 * 60, 5)}
    assert len(said) == 24 * 12
    assert not any(mark.isdigit() for one in said for mark in one)
    for minute in range(7 * 60, 19 * 60, 15):
        assert wish_in(f"at {said_time(minute)}", TODAY).fits(TUESDAY, minute), said_time(minute)
