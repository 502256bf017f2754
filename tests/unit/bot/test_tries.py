"""How often work on a lane ended badly, as one number; and working with nothing beside it."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.isolation import Isolation
from bot.delivery.tries import BASE, MOST, Tries

COUNT = st.integers(0, MOST)


@given(st.builds(Tries, died=COUNT, raised=COUNT, alone=COUNT, waited=COUNT))
def test_they_come_back_from_the_number(tries: Tries) -> None:
    assert Tries.of(tries.packed) == tries
    assert tries.packed % BASE == tries.died
    assert tries.packed < 2**31


def test_no_kind_runs_over_into_another() -> None:
    assert Tries.of(Tries(died=MOST + 5, raised=1).packed) == Tries(died=MOST, raised=1)


async def test_whoever_is_alone_waits_for_what_runs_and_others_for_it() -> None:
    isolation, seen = Isolation(), list[str]()
    go_on, alone_on = asyncio.Event(), asyncio.Event()

    async def beside(name: str, until: asyncio.Event) -> None:
        async with isolation.beside():
            seen.append(name)
            await until.wait()
            seen.append(f"{name} ends")

    async def alone() -> None:
        async with isolation.alone():
            seen.append("alone")
            await alone_on.wait()
            seen.append("alone ends")

    async with asyncio.TaskGroup() as group:
        group.create_task(beside("first", go_on))
        group.create_task(beside("second", go_on))
        await asyncio.sleep(0)
        group.create_task(alone())
        await asyncio.sleep(0)
        group.create_task(beside("third", go_on))
        await asyncio.sleep(0)
        assert seen == ["first", "second"]
        go_on.set()
        while "alone" not in seen:  # noqa: ASYNC110 - in the end, or the test hangs
            await asyncio.sleep(0)
        assert seen[2:4] == ["first ends", "second ends"]
        alone_on.set()
    assert seen[4:] == ["alone", "alone ends", "third", "third ends"]
