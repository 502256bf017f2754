"""The demo clock: only forward, only among made-up people."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import BadStep, DemoClock, demo_clock, step
from bot.settings import Settings
from tests.contract.clocks import START, ManualClock


def settings(folder: Path, **more: Any) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **more)  # type: ignore[call-arg]


def test_it_goes_forward_and_stays_there_over_a_restart(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path / "clock", ManualClock())
    assert clock.now() == START
    assert clock.forward(timedelta(days=1)) == START + timedelta(days=1)
    assert clock.forward(timedelta(hours=2)) == START + timedelta(hours=26)
    again = DemoClock(tmp_path / "clock", ManualClock())
    assert again.now() == START + timedelta(hours=26)


def test_a_broken_file_is_no_step(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("-5 days")
    assert DemoClock(tmp_path / "clock", ManualClock()).now() == START


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("+1d", timedelta(days=1)),
        ("3h", timedelta(hours=3)),
        ("+30m", timedelta(minutes=30)),
        (" + 2 weeks", timedelta(weeks=2)),
    ],
)
def test_spans(text: str, span: timedelta) -> None:
    assert step(text) == span


@pytest.mark.parametrize("text", ["", "-1d", "0d", "soon", "999w", "1"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(BadStep, match="write it as"):
        step(text)


def test_among_demo_people_on_this_machine_it_works(tmp_path: Path) -> None:
    assert isinstance(demo_clock(settings(tmp_path), ["local"]), DemoClock)


@pytest.mark.parametrize(
    ("more", "platforms", "says"),
    [
        ({"bind": "0.0.0.0:8000"}, ["local"], "DRESSRUN_BIND"),
        ({"public_url": "https://example.org"}, ["local"], "DRESSRUN_PUBLIC_URL"),
        ({"profile": "prod"}, ["local"], "DRESSRUN_PROFILE"),
        ({"database_url": "postgresql://u@h/d"}, ["local"], "DRESSRUN_DATABASE_URL"),
        ({}, ["local", "slack"], "real people on slack"),
    ],
)
def test_elsewhere_it_refuses_and_says_what_to_change(
    tmp_path: Path, more: dict[str, Any], platforms: list[str], says: str
) -> None:
    with pytest.raises(ValueError, match="--demo-clock does not work") as caught:
        demo_clock(settings(tmp_path, **more), platforms)
    assert says in str(caught.value)
