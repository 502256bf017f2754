"""Growing text by edits: the latest, not too often, and the last always."""

import asyncio
import math
import time
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from adapters.errors import AdapterError, DeliveryFailed, RateLimited, Unknown
from adapters.pacing import paced_draft
from adapters.port import Message, MessageRef, Platform, Speaker, ThreadRef
from tests.contract.clocks import ManualClock, settle

REF = MessageRef(ThreadRef(Platform("x"), "w", "k"), "1")


class Wall:
    """Takes edits, or fails as told."""

    def __init__(self, clock: ManualClock, *failures: AdapterError | None) -> None:
        self.clock = clock
        self.failures = list(failures)
        self.shown: list[str] = []
        self.at: list[float] = []
        self.started = clock.now()

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.shown.append(message.text)
        self.at.append((self.clock.now() - self.started).total_seconds())
        return ref


def draft(wall: Wall, **more: float):
    return paced_draft(
        REF, wall.edit, speaker=Speaker("M"), clock=wall.clock, per_minute=30, **more
    )


async def test_edits_are_coalesced_to_the_latest() -> None:
    wall = Wall(ManualClock())
    async with draft(wall) as growing:
        for text in ("a", "ab", "abc"):
            await growing.show(text)
        await wall.clock.advance(2)
        await growing.show("abcd")
        await growing.show("abcde")
        await wall.clock.advance(1)
        assert wall.shown == ["abc"]
        await wall.clock.advance(1)
        assert wall.shown == ["abc", "abcde"]
    assert wall.at == [2, 4]


async def test_the_last_edit_is_always_sent_and_waits_its_turn() -> None:
    wall = Wall(ManualClock())

    async def write() -> None:
        async with draft(wall) as growing:
            await growing.show("a")
            await growing.finish(Message(text="all"))

    writing = asyncio.create_task(write())
    await settle()
    assert wall.shown == []
    await wall.clock.advance(2)
    await writing
    assert wall.shown == ["all"]


async def test_what_was_shown_last_is_sent_even_without_finish() -> None:
    wall = Wall(ManualClock())

    async def write() -> None:
        async with draft(wall) as growing:
            await growing.show("a")

    writing = asyncio.create_task(write())
    await wall.clock.advance(2)
    await writing
    assert wall.shown == ["a"]


async def test_a_rate_limit_moves_the_next_edit() -> None:
    wall = Wall(ManualClock(), RateLimited(9), None)
    async with draft(wall) as growing:
        await growing.show("a")
        await wall.clock.advance(2)
        await wall.clock.advance(8)
        assert wall.shown == []
        await wall.clock.advance(1)
        assert wall.shown == ["a"]
        assert wall.at == [11]


async def test_a_failed_edit_is_mended_by_the_next_one() -> None:
    wall = Wall(ManualClock(), DeliveryFailed("odd"))
    async with draft(wall) as growing:
        await growing.show("a")
        await wall.clock.advance(2)
        await growing.show("ab")
        await wall.clock.advance(2)
    assert wall.shown == ["ab"]


async def test_a_final_failure_is_raised_and_finishing_again_is_safe() -> None:
    wall = Wall(ManualClock(), RateLimited(1))
    async with draft(wall) as growing:
        await wall.clock.advance(2)
        with pytest.raises(RateLimited):
            await growing.finish(Message(text="all"))
        assert await growing.finish(Message(text="all")) == REF
    assert wall.shown == ["all"]


async def test_a_broken_block_sends_nothing_more() -> None:
    wall = Wall(ManualClock())

    async def write() -> None:
        async with draft(wall) as growing:
            await growing.show("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write()
    await wall.clock.advance(60)
    assert wall.shown == []


async def test_what_nobody_may_show_any_more_is_not_sent() -> None:
    wall = Wall(ManualClock())
    async with draft(wall) as growing:
        await growing.show("a", until=math.inf)
        await wall.clock.advance(2)
        await growing.show("ab", until=time.monotonic())
        await wall.clock.advance(60)
    assert wall.shown == ["a"]


class Slow(Wall):
    """Takes an edit once it is let."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        self.begun.set()
        await self.go_on.wait()
        return await super().edit(ref, message)


async def test_an_edit_that_nobody_can_wait_for_never_comes_after_the_end() -> None:
    wall = Slow(ManualClock())
    before = asyncio.all_tasks()

    async def write() -> None:
        async with draft(wall) as growing:
            await growing.show("a")
            await wall.clock.advance(2)
            await wall.begun.wait()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await growing.finish(Message(text="all"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write()
    assert asyncio.all_tasks() == before
    wall.go_on.set()
    await settle()
    assert wall.shown == []


async def test_an_edit_that_takes_long_is_cut_when_something_else_went_wrong() -> None:
    """Without an end of its own, nobody who stops would come to theirs."""
    wall = Slow(ManualClock())

    async def write() -> None:
        async with draft(wall, cut=0.01) as growing:
            await growing.show("a")
            await wall.clock.advance(2)
            await wall.begun.wait()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(30):
            await write()
    wall.go_on.set()
    await settle()
    assert wall.shown == []


class Clinging(Slow):
    """Goes on with an edit until it is let, also when it is cut."""

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        self.begun.set()
        while not self.go_on.is_set():
            with suppress(asyncio.CancelledError):
                await self.go_on.wait()
        return await Wall.edit(self, ref, message)


async def test_nothing_is_sent_over_an_edit_that_does_not_end() -> None:
    wall = Clinging(ManualClock())

    async def write() -> None:
        async with draft(wall, cut=0.01) as growing:
            await growing.show("a")
            await wall.clock.advance(2)
            await wall.begun.wait()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await growing.finish(Message(text="all"))
            with capture_logs() as logs, pytest.raises(Unknown):
                await growing.finish(Message(text="all"))
            assert [one["event"] for one in logs] == ["edit_clings"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(30):
            await write()
    wall.go_on.set()
    await settle()
    assert wall.shown == ["a"]


async def test_an_edit_under_way_is_waited_for() -> None:
    wall = Slow(ManualClock())

    async def write() -> None:
        async with draft(wall) as growing:
            await growing.show("a")
            await wall.begun.wait()
            await growing.finish(Message(text="all"))

    writing = asyncio.create_task(write())
    await wall.clock.advance(2)
    await settle()
    assert wall.shown == []
    wall.go_on.set()
    await wall.clock.advance(2)
    await wall.clock.advance(2)
    await writing
    assert wall.shown == ["a", "all"]
