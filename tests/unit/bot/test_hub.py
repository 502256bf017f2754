"""A turn can be cut before it begins: from the moment somebody looks what it is to answer."""

import asyncio

import pytest

from bot.hub import Hub
from engine.cutting import Cut


async def is_cut(cut: Cut) -> bool:
    """Whether a turn makes way."""
    return await cut.unless(asyncio.sleep(0, False), True)


async def test_a_turn_that_comes_after_the_cut_is_cut() -> None:
    hub = Hub()
    with hub.working("s"):
        assert hub.is_turning("s")
        assert hub.cut("s") is None
        with hub.turning("s") as cut:
            assert await is_cut(cut)
        with hub.turning("s") as once_more:
            assert await is_cut(once_more)


async def test_what_is_done_next_is_not_cut() -> None:
    hub = Hub()
    with hub.working("s"):
        hub.cut("s")
    assert not hub.is_turning("s")
    with hub.working("s"), hub.turning("s") as cut:
        assert not await is_cut(cut)


async def test_other_sessions_and_those_who_others_make_way_for_are_not_cut() -> None:
    hub = Hub()
    with hub.working("s"), hub.working("t"):
        hub.cut("s")
        with hub.turning("t") as other, hub.turning("s", hushed=False) as first:
            assert not await is_cut(other)
            assert not await is_cut(first)


@pytest.mark.parametrize(
    ("reads", "passed_over"),
    [(None, False), (frozenset(), True), (frozenset({"a"}), False), (frozenset({"b"}), True)],
)
def test_what_was_passed_over(reads: frozenset[str] | None, *, passed_over: bool) -> None:
    """Nobody knows before it was looked; what is taken up is not passed over."""
    hub = Hub()
    assert not hub.passed_over("s", "a")
    with hub.working("s") as work:
        work.reads = reads
        assert hub.passed_over("s", "a") is passed_over
