"""What was written while nobody listened is read afterwards, whatever came since."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from adapters.port import AdapterHealth, Event
from bot.catching_up import caught_up
from bot.store.database import Database
from tests.integration.delivery.rig import Failing, Line


class Reconnected(Failing):
    """A connection that was away once: it was back at `at`."""

    at: datetime | None = None

    def health(self) -> AdapterHealth:
        return replace(super().health(), back=self.at)


class AwayOnce(Line):
    """People on a platform whose connection was away once."""

    adapter_of = Reconnected
    adapter: Reconnected


@dataclass(frozen=True)
class Door:
    """The way in that catching up uses."""

    line: AwayOnce

    @property
    def adapter(self) -> Reconnected:
        return self.line.adapter

    async def accept(self, event: Event) -> None:
        await self.line.app.delivery.accept(event)


@pytest.fixture
async def line(sqlite: Database, tmp_path: Path) -> AsyncIterator[AwayOnce]:
    """People, connected."""
    async with AwayOnce(sqlite, tmp_path).open() as opened:
        assert isinstance(opened, AwayOnce)
        yield opened


async def test_a_newer_message_does_not_hide_what_was_missed(line: AwayOnce) -> None:
    room = await line.started()
    await line.says("When did it start?", where=room)
    await line.clock.advance(600)
    line.server.write(room, "U1", "Does it move?")
    await line.clock.advance(120)
    back = line.clock.now()
    await line.app.delivery.accept(line.event(room, "Did you eat?"))
    line.works = False
    line.adapter.at = back
    assert await caught_up(Door(line), line.database, line.clock)
    await line.idle()
    assert sorted(await line.said(room)) == sorted(
        ["When did it start?", "Does it move?", "Did you eat?"]
    )
    assert await caught_up(Door(line), line.database, line.clock)
    await line.idle()
    assert len(await line.said(room)) == 3
