"""Jobs at intervals: those under way end before the schedule does."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.grace import Grace
from bot.schedule import Schedule
from bot.serving import address


@pytest.mark.parametrize(("patience", "ends"), [(5.0, "finished"), (0.01, "cancelled")])
async def test_a_job_under_way_is_over_at_the_end(patience: float, ends: str) -> None:
    told: list[str] = []
    begun = asyncio.Event()

    async def slow() -> None:
        begun.set()
        try:
            if ends == "cancelled":
                await asyncio.sleep(3600)
            told.append("finished")
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    schedule = Schedule(Grace(seconds=patience))
    schedule.every(3600, slow, first=datetime.now(UTC))
    async with schedule.running():
        await asyncio.wait_for(begun.wait(), 5)
    assert told == [ends]


async def test_a_failing_job_is_called_again_and_its_text_is_not_logged(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = 0
    again = asyncio.Event()

    async def fails() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            again.set()
        raise RuntimeError("words of somebody")

    schedule = Schedule(Grace())
    schedule.every(0.05, fails)
    async with schedule.running():
        await asyncio.wait_for(again.wait(), 5)
    assert "words of somebody" not in caplog.text + "".join(capsys.readouterr())


def test_an_address_can_be_typed_into_a_browser() -> None:
    assert address("127.0.0.1", 8000) == "http://127.0.0.1:8000"
    assert address("::1", 8000) == "http://[::1]:8000"
