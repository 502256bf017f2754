"""How delivery stands, in words: what is wrong first, with one thing to do."""

from dataclasses import replace
from datetime import timedelta

from bot.standing import Standing
from bot.views import health

_NONE = timedelta(0)
WELL = Standing(
    late=_NONE,
    waiting=0,
    dead=0,
    unsent_late=_NONE,
    unsent=0,
    put_off=0,
    unsent_dead=0,
    letters=0,
    unknown=0,
    held=0,
    held_for=_NONE,
    left=0,
    alive=2,
    gone=0,
    unheard=timedelta(seconds=1.2),
    most=timedelta(minutes=1),
)


def told(found: Standing) -> str:
    return health.standing(found, "procrastinate").text


def test_all_is_well() -> None:
    text = told(WELL)
    assert text.startswith("Messages get through.")
    assert "2 (procrastinate), all heard of in the last 2 s" in text
    assert "Worked on now**: 0 lanes\n" in text
    assert "etters" not in text
    assert "Left by" not in text
    assert "nobody knows" not in text


def test_something_waits_for_long() -> None:
    stuck = replace(WELL, late=timedelta(seconds=90), waiting=3)
    assert stuck.stuck
    assert told(stuck).startswith("Something has waited for 90 s. Look at the log")
    assert "3, the oldest due for 90 s" in told(stuck)
    assert "start `dressrun up`" in told(replace(stuck, alive=0))
    unsent = replace(WELL, unsent_late=timedelta(seconds=61))
    assert "Look at the platform" in told(unsent)
    away = replace(unsent, unsent=3, put_off=2)
    assert "A platform is away or busy" in told(away)
    assert "3, the oldest due for 61 s, 2 to be tried again" in told(away)
    unclaimed = told(replace(unsent, unsent=3, put_off=1))
    assert "whether the process that is connected to it runs" in unclaimed


def test_something_was_given_up() -> None:
    text = told(replace(WELL, dead=1, unsent_dead=2, unknown=1, left=1, gone=1))
    assert text.startswith("3 things could not be delivered")
    assert "1 event, 2 messages" in text
    assert "2, 1 gone" in text


def test_a_letter_that_reached_nobody_is_told_with_what_to_do() -> None:
    text = told(replace(WELL, unsent_dead=2, letters=1))
    assert "letters to one person**: 1; the log says whose, but for those whose platform" in text
    assert "If one held feedback, `/sim debrief` has it" in text


def test_what_is_worked_on_for_long_and_who_is_quiet_can_be_seen() -> None:
    text = told(replace(WELL, held=2, held_for=timedelta(seconds=40), unheard=timedelta(seconds=7)))
    assert "2 lanes, the longest for 40 s" in text
    assert "all heard of in the last 7 s" in text
    nobody = told(replace(WELL, alive=0, unheard=_NONE))
    assert "0 (procrastinate)" in nobody
    assert "heard of" not in nobody
