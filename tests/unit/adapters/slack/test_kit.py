"""The kit: its settings, what doctor says, and the small parts with a clock."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.errors import RateLimited
from adapters.kit import KitContext
from adapters.slack import KIT, SlackSettings
from adapters.slack.lanes import Busy, Lanes
from adapters.slack.pace import Pace
from adapters.slack.pulse import Pulse
from tests.contract.clocks import QuickClock
from tests.integration.slack.stage import team, world_of
from tests.slack import FakeSlack


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ("bot_token", "app_token")),
        ({"bot_token": "x"}, ("app_token",)),
        ({"bot_token": "x", "app_token": "y"}, ()),
        ({"bot_token": "x", "signing_secret": "y"}, ()),
        ({"client_id": "x"}, ("client_secret", "signing_secret")),
        ({"client_id": "x", "client_secret": "y", "signing_secret": "z"}, ()),
    ],
)
def test_half_a_section_says_what_lacks(given: dict[str, str], missing: tuple[str, ...]) -> None:
    section = SlackSettings(**given)  # type: ignore[arg-type]
    assert section.missing() == missing
    assert section.wanted() == bool(given)


@pytest.mark.parametrize(
    "address", ["http://slack.example/api/", "ftp://127.0.0.1/", "slack.com", "https://"]
)
def test_an_address_in_the_clear_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        SlackSettings(api_url=address)
    assert SlackSettings(api_url="http://127.0.0.1:9/api").api_url.endswith("/api/")


@pytest.mark.parametrize("key", ["short", "YWJj", "=" * 44, f"{'A' * 43}=,YWJj"])
def test_a_key_that_is_none_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SlackSettings(token_key=key)  # type: ignore[arg-type]
    assert key not in str(caught.value)
    good = f"{'A' * 43}=, {'-_' * 21}A="
    assert "AA" not in repr(SlackSettings(token_key=good))  # type: ignore[arg-type]


def test_no_secret_is_shown() -> None:
    assert "xoxb" not in repr(SlackSettings(bot_token="xoxb-1"))  # type: ignore[arg-type]


async def test_doctor_tells_what_works(tmp_path: Path) -> None:
    slack = FakeSlack(world_of(team()))
    async with slack.running():

        async def found(**given: str) -> list[tuple[str, str]]:
            section = SlackSettings(api_url=slack.api_url, **given)  # type: ignore[arg-type]
            context = KitContext(settings=section, specs=(), data_dir=tmp_path)
            return [(one.level, one.text) for one in await KIT.doctor(context)]

        good = await found(bot_token="xoxb-T1", app_token="xapp-1")
        assert [level for level, _ in good] == ["ok", "warning", "ok"]
        assert "app_mentions:read" in good[1][1]
        bad = await found(bot_token="nope", app_token="nope")
        assert [level for level, _ in bad] == ["error", "error"]
        assert "invalid_auth" in bad[0][1]


async def test_a_channel_takes_a_burst_and_then_one_a_second() -> None:
    clock = QuickClock()
    pace = Pace(clock)
    for _ in range(6):
        await pace.turn("T1", "C1", "r")
    assert sum(clock.slept) == pytest.approx(2)
    await pace.turn("T1", "C2", "r")
    assert sum(clock.slept) == pytest.approx(2)


async def test_who_waits_too_long_goes_to_the_end_of_the_line() -> None:
    clock = QuickClock()
    pace = Pace(clock, per_second=0.1)
    for _ in range(4):
        await pace.turn("T1", "C1", "r")
    with pytest.raises(RateLimited) as caught:
        await pace.turn("T1", "C1", "r")
    assert caught.value.retry_after == pytest.approx(10)


def test_the_worst_trouble_is_told_and_passes() -> None:
    clock = QuickClock()
    pulse = Pulse(clock)
    assert pulse.health().state == "up"
    pulse.passing("late")
    pulse.lasting("no_socket")
    assert (pulse.health().state, pulse.health().code) == ("down", "no_socket")
    pulse.over("no_socket")
    assert (pulse.health().state, pulse.health().code) == ("degraded", "late")
    clock._now += timedelta(minutes=2)
    assert pulse.health().state == "up"


async def test_lanes_and_what_is_under_way_are_let_go() -> None:
    lanes, busy = Lanes(), Busy()
    async with lanes.lane("a"):
        with busy:
            pass
    assert lanes._locks == {}
    await busy.idle()
