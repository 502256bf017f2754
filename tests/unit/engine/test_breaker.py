"""The breaker: when it opens, for how long, and that one call at a time tries again."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.errors import ModelUnavailable
from engine.llm.breaker import (
    FIRST_REST,
    LONGEST_REST,
    PROBE,
    Breaker,
    OwnShelf,
    Pass,
    Window,
    rest_for,
)
from engine.usage import Failure

T0 = datetime(2026, 3, 1, tzinfo=UTC)
NUMBERS = itertools.count()


class Clock:
    def __init__(self) -> None:
        self.at = T0

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def breaker(clock: Clock, shelf: OwnShelf | None = None) -> Breaker:
    return Breaker(
        "k",
        "anthropic:m",
        OwnShelf() if shelf is None else shelf,
        now=clock,
        random=lambda: 0.5,
        token_of=lambda: str(next(NUMBERS)),
    )


def failure(
    reason: Failure = "server", *, status: int | None = None, retry_after: float | None = None
) -> ModelUnavailable:
    return ModelUnavailable("anthropic:m", reason, status=status, retry_after=retry_after)


async def fail(one: Breaker, times: int = 1, error: ModelUnavailable | None = None) -> None:
    for _ in range(times):
        await one.report(await one.enter(), error or failure())


async def rests(one: Breaker) -> bool:
    try:
        await one.leave(await one.enter())
    except ModelUnavailable as error:
        return error.reason == "resting"
    return False


async def test_five_failures_in_a_row_open_it() -> None:
    one = breaker(Clock())
    await fail(one, 4)
    assert not await rests(one)
    await fail(one)
    assert await rests(one)


async def test_half_of_ten_calls_open_it() -> None:
    one = breaker(Clock())
    for _ in range(5):
        await one.report(await one.enter(), None)
        await fail(one)
    assert await rests(one)


async def test_failures_that_are_far_apart_do_not() -> None:
    clock = Clock()
    one = breaker(clock)
    for _ in range(20):
        await one.report(await one.enter(), None)
        await fail(one)
        clock.move(8)  # never ten within the window
    assert not await rests(one)


@pytest.mark.parametrize("reason", ["refusal", "overflow", "empty", "bad_answer", "no_time"])
async def test_what_the_request_is_to_blame_for_does_not_count(reason: Failure) -> None:
    one = breaker(Clock())
    await fail(one, 20, failure(reason, status=400))
    assert not await rests(one)


async def test_a_short_pause_that_was_asked_for_does_not_count_but_a_long_one_does() -> None:
    short, long = breaker(Clock()), breaker(Clock())
    await fail(short, 20, failure("rate_limited", retry_after=2))
    await fail(long, 5, failure("rate_limited", retry_after=90))
    assert (await rests(short), await rests(long)) == (False, True)


async def test_it_rests_longer_each_time_or_as_long_as_it_was_asked_to() -> None:
    clock = Clock()
    one = breaker(clock)
    await fail(one, 5)
    clock.move(FIRST_REST.total_seconds() - 1)
    assert await rests(one)
    clock.move(1)
    await fail(one)  # the probe
    clock.move(FIRST_REST.total_seconds() * 2 - 1)
    assert await rests(one)
    clock.move(1)
    await fail(one, error=failure("overloaded", retry_after=120))
    clock.move(119)
    assert await rests(one)
    clock.move(1)
    assert not await rests(one)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_rest_doubles_up_to_five_minutes_give_or_take_a_fifth(
    strikes: int, chance: float
) -> None:
    usual = min(FIRST_REST.total_seconds() * 2 ** min(strikes - 1, 30), 300)
    assert 0.8 * usual - 0.001 <= rest_for(strikes, None, chance).total_seconds()
    assert rest_for(strikes, None, chance).total_seconds() <= 1.2 * usual + 0.001
    assert rest_for(strikes, None, chance) <= LONGEST_REST * 1.2


@pytest.mark.parametrize("asked", [0.0, 1.0, 14.0, float("nan")])
def test_a_short_pause_that_is_asked_for_shortens_no_rest(asked: float) -> None:
    assert rest_for(4, asked, 0.5) == rest_for(4, None, 0.5)


def test_an_endless_pause_has_an_end() -> None:
    assert rest_for(1, float("inf"), 0.5) == timedelta(hours=1)


def test_a_provider_cannot_send_it_away_for_a_day() -> None:
    assert rest_for(1, 86_400, 0.5) == timedelta(hours=1)


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_wrong_key_is_down_until_settings_change(status: int) -> None:
    clock = Clock()
    one = breaker(clock)
    await fail(one, error=failure("auth", status=status))
    clock.move(10_000_000)
    assert await rests(one)


async def test_a_model_that_is_not_there_is_down_too() -> None:
    one = breaker(Clock())
    await fail(one, error=failure("misconfigured", status=404))
    assert await rests(one)


async def test_three_requests_refused_as_wrong_are_enough() -> None:
    clock = Clock()
    one = breaker(clock)
    wrong = failure("misconfigured", status=400)
    await fail(one, 2, wrong)
    assert not await rests(one)
    await fail(one, error=wrong)
    clock.move(10_000_000)
    assert await rests(one)


async def test_what_answered_before_only_rests_when_requests_are_refused() -> None:
    clock = Clock()
    one = breaker(clock)
    wrong = failure("misconfigured", status=400)
    await fail(one, 2, wrong)
    await one.report(await one.enter(), None)
    await fail(one, 2, wrong)
    assert not await rests(one)
    await fail(one, error=wrong)
    assert await rests(one)
    clock.move(FIRST_REST.total_seconds())
    assert not await rests(one)


async def test_who_was_hurried_is_not_sick() -> None:
    one = breaker(Clock())
    await fail(one, 20, ModelUnavailable("m", "deadline", hurried=True))
    assert not await rests(one)


@pytest.mark.parametrize("reason", ["refusal", "empty", "bad_answer", "overflow"])
async def test_a_probe_that_has_no_answer_to_its_request_is_a_good_one(reason: Failure) -> None:
    clock, shelf = Clock(), OwnShelf()
    one = breaker(clock, shelf)
    await fail(one, 5)
    clock.move(60)
    await fail(one, 2, failure(reason, status=200))
    assert shelf.rests == {}


@pytest.mark.parametrize(
    "error", [failure("rate_limited", status=429, retry_after=1), failure("misconfigured")]
)
async def test_a_probe_that_was_sent_away_is_the_only_one_of_its_time(
    error: ModelUnavailable,
) -> None:
    clock, shelf = Clock(), OwnShelf()
    one = breaker(clock, shelf)
    await fail(one, 5)
    clock.move(60)
    await fail(one, error=error)
    assert shelf.rests["k"].strikes == 1
    assert await rests(one)
    clock.move(FIRST_REST.total_seconds())
    assert not await rests(one)


async def test_what_another_process_closed_begins_anew_here() -> None:
    clock, shelf = Clock(), OwnShelf()
    one, other = breaker(clock, shelf), breaker(clock, shelf)
    late = [await other.enter() for _ in range(5)]
    await fail(one, 5)
    for leave in late:
        await other.report(leave, failure())
    for _ in range(2):
        clock.move(60)
        await one.report(await one.enter(), None)
    await fail(other)
    assert shelf.rests == {}


async def test_what_another_process_revived_is_tried_here_within_a_minute() -> None:
    clock, shelf = Clock(), OwnShelf()
    one = breaker(clock, shelf)
    await fail(one, error=failure("auth", status=402))
    shelf.rests.clear()
    assert await rests(one)
    clock.move(60)
    assert not await rests(one)


async def test_a_probe_is_somebodys_until_its_call_is_over() -> None:
    clock, shelf = Clock(), OwnShelf()
    one, other = breaker(clock, shelf), breaker(clock, shelf)
    await fail(one, 5)
    clock.move(60)
    await one.enter(120)
    clock.move(124)
    assert await rests(other)
    clock.move(1)
    assert not await rests(other)


class Slow(OwnShelf):
    """Gives a probe, and whoever took it is cancelled before it hears of it."""

    async def take_probe(self, key: str, token: str, now: datetime, until: datetime) -> bool:
        await super().take_probe(key, token, now, until)
        raise asyncio.CancelledError


async def test_a_probe_that_was_taken_by_nobody_is_given_back() -> None:
    clock, shelf = Clock(), Slow()
    one = breaker(clock, shelf)
    await fail(one, 5)
    clock.move(60)
    with pytest.raises(asyncio.CancelledError):
        await one.enter()
    assert shelf.rests["k"].probe is None


async def test_of_a_thousand_that_wait_one_tries() -> None:
    clock = Clock()
    shelf = OwnShelf()
    processes = [breaker(clock, shelf) for _ in range(4)]
    await fail(processes[0], 5)
    clock.move(60)
    found = await asyncio.gather(
        *(processes[number % 4].enter() for number in range(1000)), return_exceptions=True
    )
    assert sum(isinstance(one, Pass) for one in found) == 1


async def test_two_good_probes_close_it() -> None:
    clock = Clock()
    one = breaker(clock)
    await fail(one, 5)
    clock.move(60)
    first = await one.enter()
    assert first.probe
    assert await rests(one)
    await one.report(first, None)
    second = await one.enter()
    assert second.probe
    await one.report(second, None)
    assert (await one.enter()).probe is None
    assert not (await one.enter()).probe


async def test_a_probe_whose_process_died_is_given_to_another() -> None:
    clock, shelf = Clock(), OwnShelf()
    dead, alive = breaker(clock, shelf), breaker(clock, shelf)
    await fail(dead, 5)
    clock.move(60)
    lost = await dead.enter()
    assert await rests(alive)
    clock.move(PROBE.total_seconds())
    found = await alive.enter()
    assert found.probe
    await dead.report(lost, None)  # it was not dead, only slow: its word counts no more
    assert shelf.rests["k"].successes == 0


async def test_a_cancelled_probe_lets_the_next_one_try() -> None:
    clock = Clock()
    one = breaker(clock)
    await fail(one, 5)
    clock.move(60)
    await one.leave(await one.enter())
    assert (await one.enter()).probe


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 12)), max_size=60))
def test_the_window_opens_exactly_when_it_should(calls: list[tuple[bool, float]]) -> None:
    window, now = Window(), T0
    seen: list[tuple[datetime, bool]] = []
    for good, wait in calls:
        now += timedelta(seconds=wait)
        seen.append((now, good))
        recent = [fine for at, fine in seen if at > now - timedelta(seconds=30)]
        in_a_row = len(list(itertools.takewhile(lambda one: not one[1], reversed(seen))))
        if good:
            window.succeeded(now)
            continue
        many = len(recent) >= 10 and recent.count(False) * 2 >= len(recent)
        assert window.failed(now) == (many or in_a_row >= 5)


class Processes(RuleBasedStateMachine):
    """Three processes at one shelf, in any order of calls, answers, deaths and time."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.shelf = Clock(), OwnShelf()
        self.all = [breaker(self.clock, self.shelf) for _ in range(3)]
        self.probes: dict[str, datetime] = {}
        self.out: list[tuple[Breaker, Pass]] = []

    @rule(who=st.integers(0, 2))
    def enter(self, who: int) -> None:
        rest = self.shelf.rests.get("k")
        try:
            leave = asyncio.run(self.all[who].enter())
        except ModelUnavailable:
            assert rest is not None
            return
        if leave.probe is None:
            assert rest is None
        else:
            assert rest is not None
            assert rest.open_until <= self.clock.at
            self.probes[leave.probe] = self.clock.at
        self.out.append((self.all[who], leave))

    @precondition(lambda self: self.out)
    @rule(data=st.data(), end=st.sampled_from(["good", "bad", "left", "died"]))
    def ends(self, data: st.DataObject, end: str) -> None:
        one, leave = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        if end == "died":
            return
        if leave.probe:
            self.probes.pop(leave.probe, None)
        if end == "left":
            asyncio.run(one.leave(leave))
        else:
            asyncio.run(one.report(leave, None if end == "good" else failure()))

    @rule(seconds=st.floats(0, 400))
    def time_passes(self, seconds: float) -> None:
        self.clock.move(seconds)

    @invariant()
    def one_probe_at_a_time(self) -> None:
        young = [at for at in self.probes.values() if at + PROBE > self.clock.at]
        assert len(young) <= 1


TestProcesses = Processes.TestCase
TestProcesses.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
