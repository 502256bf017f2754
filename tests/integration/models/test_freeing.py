"""Connections are freed, whatever becomes of a call."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from bot.bench.vendors import Say, Trouble, Vendor
from engine.llm.port import Deadline, Model
from tests.contract.vendor_rig import VendorRig
from tests.integration.models.prompts import QUICK, hear, prompt


def sockets() -> int:
    return sum(one.readlink().name.startswith("socket:") for one in _descriptors())


def _descriptors() -> list[Path]:
    return [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]


async def _left(model: Model) -> None:
    """Leave in the middle of an answer."""
    began = asyncio.Event()

    async def listen() -> None:
        async with aclosing(model.stream(prompt(), Deadline())) as stream:
            async for _ in stream:
                began.set()

    task = asyncio.create_task(listen())
    await asyncio.wait_for(began.wait(), timeout=10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _hung_up(server: Vendor, at_most: int) -> None:
    for _ in range(1000):
        if server.open <= at_most:
            return
        await asyncio.sleep(0)
    pytest.fail(f"{server.open} connections are open")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
async def test_cancelled_calls_leave_no_socket(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        await hear(model)
        server.answer = lambda _: Say(text="One. Two. Three. Four. " * 20)
        await _left(model)
        await _hung_up(server, 1)
        before = sockets()
        for _ in range(20):
            await _left(model)
            await hear(model)
        await _hung_up(server, 1)
        assert sockets() <= before + 2


async def test_calls_that_fail_leave_no_connection(rig: VendorRig) -> None:
    async with rig.over(patience=QUICK) as (model, server, _):
        server.plan(
            Trouble(shape="silent"),
            Trouble(shape="stall"),
            Trouble(shape="cut"),
            Trouble(shape="garbage"),
            Trouble(shape="overload"),
        )
        for _ in range(5):
            assert (await hear(model)).failed is not None
        await _hung_up(server, 1)


async def test_one_connection_serves_one_call_after_another(rig: VendorRig) -> None:
    async with rig.over() as (model, server, _):
        for _ in range(10):
            await hear(model)
        assert server.most_open == 1


async def test_so_many_run_at_once_and_the_others_wait(rig: VendorRig) -> None:
    async with rig.over(simultaneous=5) as (model, server, _):
        heard = await asyncio.gather(*(hear(model) for _ in range(40)))
        assert server.most_open <= 5
    assert [one.failed for one in heard] == [None] * 40
