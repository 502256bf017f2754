"""All that a stop waits for has one limit together."""

from dataclasses import dataclass

from bot.grace import GRACE_SECONDS, LATE, LEAST_SECONDS, REQUESTS, WORK, Grace


@dataclass(slots=True)
class Seconds:
    at: float = 100.0

    def __call__(self) -> float:
        return self.at


def test_who_waits_later_has_only_what_is_left() -> None:
    clock = Seconds()
    grace = Grace(clock=clock)
    grace.begin()
    assert grace.left(REQUESTS) == GRACE_SECONDS * REQUESTS
    clock.at += grace.left(REQUESTS)  # a request that does not end
    assert grace.left(REQUESTS) == 0  # and what goes on though its client went away
    clock.at += grace.left(WORK)  # a turn that does not end
    assert grace.left(WORK) == 0  # and a job
    assert clock.at - 100 == GRACE_SECONDS * WORK < GRACE_SECONDS
    assert grace.left(LATE) == grace.left() - grace.left(LATE) == 1  # then what was cut short
    clock.at += 60
    assert grace.left() == 0
    assert grace.at_least() == LEAST_SECONDS


def test_all_that_ends_after_what_was_cut_short_has_room() -> None:
    """The queue's worker, its connections, the loops, and giving the lanes back."""
    assert GRACE_SECONDS * LATE + 4 * LEAST_SECONDS <= GRACE_SECONDS


def test_it_begins_with_the_signal_or_else_with_the_first_wait() -> None:
    clock = Seconds()
    grace = Grace(seconds=8, clock=clock)
    assert not grace.has_begun
    grace.begin()
    clock.at += 3
    grace.begin()
    assert (grace.has_begun, grace.left()) == (True, 5)
    grace.renew()
    assert (grace.has_begun, grace.left()) == (False, 8)
    assert grace.has_begun
