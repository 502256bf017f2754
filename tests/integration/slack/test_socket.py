"""Socket Mode: a connection that dies, goes deaf or is refreshed is found and replaced."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.slack.adapter import SlackAdapter
from adapters.slack.installs import OneInstall
from bot.store.database import Database
from tests.contract.doors import Answers, Inbox
from tests.integration.slack.stage import (
    ADA,
    CHANNEL,
    FAST,
    Moved,
    Slow,
    adapter_of,
    eventually,
    staged,
    team,
    world_of,
)
from tests.slack import FakeSlack
from tests.slack.hands import Hands
from tests.slack.world import Message


class Line:
    def __init__(self, slack: FakeSlack, adapter: SlackAdapter, clock: Moved) -> None:
        self.slack = slack
        self.adapter = adapter
        self.clock = clock
        self.inbox = Inbox()
        self.hands = Hands(slack, None, patience=5)
        self.team = next(iter(slack.world.teams.values()))
        root = Message(slack.world.stamp(), CHANNEL, self.team.bot_user, "Root")
        slack.world.channels[self.team.id, CHANNEL].messages[root.ts] = root
        self.root = root.ts

    async def says(self, text: str) -> bool:
        inner = self.slack.world.write(self.team, CHANNEL, ADA, text, self.root)
        answer = await self.hands.deliver(self.hands.event(self.team, inner))
        return answer.ok

    async def until(self, state: str) -> None:
        """Wait until readiness tells that."""
        await eventually(lambda: self.adapter.health().state == state)


@asynccontextmanager
async def listening() -> AsyncIterator[Line]:
    slack = FakeSlack(world_of(team()))
    clock = Moved()
    async with slack.running():
        adapter = adapter_of(slack, OneInstall("xoxb-T1"), clock, app_token="xapp-1")
        line = Line(slack, adapter, clock)
        async with adapter.running(line.inbox.accept, Answers()):
            yield line


async def test_what_is_stored_is_acknowledged_and_nothing_else() -> None:
    async with listening() as line:
        assert await line.says("Hello.")
        line.inbox.refuse = 1
        line.hands.patience = 1  # so long nothing is said, as it was not stored
        assert await line.says("Again.")
        assert line.inbox.texts == ["Hello.", "Again."]
        assert len(line.inbox.tried) == 3
        assert len({one.event_id for one in line.inbox.tried}) == 2


async def test_a_connection_that_breaks_is_replaced() -> None:
    async with listening() as line:
        await line.says("Before.")
        for socket in list(line.slack.sockets):
            await socket.close()
        await line.slack.until_connected(2)
        await line.until("up")
        assert await line.says("After.")
        assert line.inbox.texts == ["Before.", "After."]


async def test_while_the_platform_is_away_that_is_told_and_ends_by_itself() -> None:
    async with listening() as line:
        since = line.adapter.health().back
        port = int(line.slack.root.rpartition(":")[2])
        await line.slack.stop()
        await line.until("down")
        assert line.adapter.health().code == "no_socket"
        line.slack.handed = 0
        await line.slack.start(port)
        await line.slack.until_connected(1)
        await line.until("up")
        assert await line.says("After.")
        back = line.adapter.health().back
        assert back is not None
        assert since is not None
        assert back > since


async def test_a_half_open_connection_is_found_by_its_silence() -> None:
    async with listening() as line:
        line.slack.faults.deaf = True
        for socket in list(line.slack.sockets):
            await socket.close()
        await line.slack.until_connected(2)  # one that answers no ping
        line.slack.faults.deaf = False
        await line.slack.until_connected(3)
        await line.until("up")
        assert await line.says("After.")


async def test_a_refresh_is_followed() -> None:
    async with listening() as line:
        [socket] = line.slack.sockets
        await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
        await line.slack.until_connected(2)
        async with asyncio.timeout(30):
            while not await line.says("After."):
                pass
        assert "After." in line.inbox.texts


async def test_a_connection_that_brings_nothing_for_long_is_replaced() -> None:
    async with listening() as line:
        assert await line.says("Before.")
        before = line.adapter.health().back
        line.clock.ahead += timedelta(seconds=FAST.quiet + 1)
        await line.slack.until_connected(2)
        await line.until("up")
        assert await line.says("After.")
        after = line.adapter.health().back
        assert after is not None
        assert before is not None
        assert after > before


async def test_a_wrong_app_token_is_told_and_nothing_crashes() -> None:
    slack = FakeSlack(world_of(team()))
    async with slack.running():
        adapter = adapter_of(slack, OneInstall("xoxb-T1"), SystemClock(), app_token="wrong")
        async with adapter.running(Inbox().accept, Answers()):
            assert (adapter.health().state, adapter.health().code) == ("down", "no_socket")


async def test_a_loop_that_hangs_is_told() -> None:
    slack = FakeSlack(world_of(team()))
    async with slack.running():
        adapter = adapter_of(slack, OneInstall("xoxb-T1"), SystemClock(), late=0.05)
        async with adapter.running(Inbox().accept, Answers()):
            await asyncio.sleep(0)
            end = time.monotonic() + 0.5
            while time.monotonic() < end:
                pass  # as a bug would
            await eventually(lambda: adapter.health().code == "loop_late")
            assert adapter.health().state == "degraded"


@pytest.mark.parametrize("socket", [False, True])
async def test_what_was_missed_is_read_once_we_hear_again(
    sqlite: Database, tmp_path: Path, model: Slow, socket: bool
) -> None:
    model.go_on.set()
    async with staged(sqlite, tmp_path, model=model, socket=socket) as stage:
        root = await stage.starts()
        await stage.writes("Hello.", root)
        await stage.said(root, 3)
        slack = stage.slack
        world = slack.world
    world.write(stage.team, CHANNEL, ADA, "Written while nobody heard.", root)
    async with staged(sqlite, tmp_path, world, model=model, socket=socket) as stage:
        await stage.said(root, 4)
        assert await stage.heard(root) == ["Hello.", "Written while nobody heard."]
