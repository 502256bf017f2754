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
    unsent_dead=0,
    unknown=0,
    held=0,
    left=0,
    alive=2,
    gone=0,
)


def told(found: Standing) -> str:
    return health.standing(found, "procrastinate").text


def test_all_is_well() -> None:
    text = told(WELL)
    assert text.startswith("Messages get through.")
    assert "2 (procrastinate)" in text
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


def test_something_was_given_up() -> None:
    text = told(replace(WELL, dead=1, unsent_dead=2, unknown=1, left=1, gone=1))
    assert text.startswith("3 things could not be delivered")
    assert "1 event, 2 messages" in text
    assert "2, 1 gone" in text
