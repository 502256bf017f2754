"""The embedded persona as a scheduler who moves booked calls, on a small world."""

from datetime import date

import pytest

from engine import world
from engine.llm.embedded.times import wish_in
from engine.scenario.sandbox import Tool
from tests.unit.engine.test_embedded_tools import ALL, OMAR, WORLD, Line

FIND = Tool(
    id="find_call", op="lookup", backend="schedule", args={"patient": "str"}
)  # fmt: skip
MOVE = Tool(
    id="reschedule", backend="schedule",
    args={"appointment": "str", "start": "start", "nurse": "str"}, optional=("nurse",),
)  # fmt: skip
MONDAY = date(2026, 11, 30)


def moving_line(*more: dict[str, str]) -> Line:
    line = Line(*ALL, FIND, MOVE)
    booked = [world.Change(collection="appointments", id=one["id"], fields=tuple(
        (name, value) for name, value in one.items() if name != "id")) for one in more]  # fmt: skip
    line.state = world.apply(world.start_of(WORLD), booked)
    return line


SECOND = {
    "id": "a8", "nurse": "ann", "patient": "p1", "start": "2026-12-08T16:00", "minutes": "30",
    "status": "booked",
}  # fmt: skip


def test_moves_the_booked_call_to_the_time_that_was_chosen() -> None:
    line = moving_line()
    assert "suit" in line.say(f"{OMAR} I can't make my call. Can it be moved?")
    assert [tool for tool, _ in line.used()] == ["lookup", "find_call", "find_nurse"]
    offer = line.say("Next week, please.")
    assert "Wednesday the ninth of December with Ben Oduya" in offer
    assert all(tool == "find_slots" for tool, _ in line.used())
    said = line.say("The second one.")
    assert line.used() == [
        ("reschedule", {"appointment": "a7", "start": "2026-12-09T09:30", "nurse": "ben"})
    ]
    assert "Wednesday the ninth of December at half past nine" in said
    calls = line.state.records["appointments"]
    assert dict(calls["a7"])["start"] == "2026-12-09T09:30"
    assert len(calls) == 1


@pytest.mark.parametrize(
    "words",
    [
        "I want to move my call on Wednesday to next week.",
        "Could you move the call with Ben to next week?",
        "I'd like to reschedule a7 to next week, please.",
        "I have a call on Wednesday at ten and I can't make it. Can it go to next week?",
    ],
)
def test_knows_which_of_two_calls_is_meant(words: str) -> None:
    line = moving_line(SECOND)
    said = line.say(f"{OMAR} {words}")
    said = said if "Ben Oduya" in said else line.say("Wednesday")
    assert "Wednesday the ninth of December with Ben Oduya" in said


def test_asks_which_call_by_day_time_and_nurse_alone() -> None:
    line = moving_line(SECOND)
    said = line.say(f"{OMAR} I need to move my call.")
    assert said.startswith("Which booked call is it: Wednesday the second of December at ten")
    assert "with Ben Oduya or Tuesday the eighth of December" in said
    assert not any(mark.isdigit() for mark in said)
    assert "suit" in line.say("the one with Ann")


def test_nothing_of_a_record_is_told_before_name_and_birth_match() -> None:
    line = moving_line(SECOND)
    for words in ("What calls do I have?", "Omar Haddad", "born 4 May 1961"):
        said = line.say(words, acts=("question",))
        assert "Ben" not in said
        assert "Ann" not in said
    assert all(tool == "lookup" for tool, _ in line.used())


def test_tells_the_callers_own_calls_when_asked() -> None:
    line = moving_line()
    line.say(OMAR)
    said = line.say("What calls do I have?", acts=("question",))
    assert said.startswith("You have Wednesday the second of December at ten o'clock")
    assert "1961" not in said


def test_a_call_in_the_way_is_taken_off_first() -> None:
    line = moving_line({**SECOND, "start": "2026-12-09T09:30"})
    line.say(f"{OMAR} I need to move my call with Ben.")
    line.say("Wednesday next week at half past nine")
    assert "Shall I take that one off" in line.say("yes")
    said = line.say("Yes, that is fine.")
    assert line.used()[0] == ("cancel", {"appointment": "a8"})
    assert "off." in said
    assert "half past nine" in said
    line.say("yes please")
    assert line.used() == [
        ("reschedule", {"appointment": "a7", "start": "2026-12-09T09:30", "nurse": "ben"})
    ]


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("next week", date(2026, 12, 7), date(2026, 12, 13)),
        ("sometime the following week", date(2026, 12, 7), date(2026, 12, 13)),
        ("this week", MONDAY, date(2026, 12, 6)),
        ("the week after next", date(2026, 12, 14), date(2026, 12, 20)),
    ],
)
def test_weeks(words: str, first: date, last: date) -> None:
    assert wish_in(words, MONDAY).week == (first, last)


def test_a_day_of_a_week_in_two_steps() -> None:
    wish = wish_in("next week", MONDAY).then(wish_in("Thursday", MONDAY))
    assert wish.fits(date(2026, 12, 10), 600)
    assert not wish.fits(date(2026, 12, 3), 600)
    assert not wish.fits(date(2026, 12, 9), 600)
    other = wish_in("Thursday", MONDAY).then(wish_in("next week", MONDAY))
    assert other.fits(date(2026, 12, 10), 600)
    assert not other.fits(date(2026, 12, 3), 600)
