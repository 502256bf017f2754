"""What was spent, on both databases: sums, crossings that come once, and what is forgotten."""

import asyncio
from dataclasses import replace

from bot.store.database import Database
from engine.calls import Call
from engine.llm.budget import ALERT, STOP, WARN, Budgets
from engine.store import forget, ledger, spending
from engine.store.spending import Crossing
from engine.usage import Usage
from tests.integration.making import at, begun

BUDGETS = Budgets(conversation=100, person=150, workspace=1000, warn_at=0.5, alert_at=0.8)
DAY = "2026-03-01"


def call(response_id: str, cost: int, minute: float = 1) -> Call:
    return Call(
        kind="reply",
        provider="anthropic",
        model="some-model",
        status="posted",
        at=at(minute),
        response_id=response_id,
        usage=Usage(input=10, output=7),
        cost_micro_usd=cost,
    )


async def spent(database: Database, session_id: str = "s1", person: str = "p1") -> list[int]:
    async with database.reading() as tx:
        found = await spending.spent(
            tx, session_id=session_id, person=person, owner="w1", at=at(60)
        )
    return [found["conversation"], found["person"], found["workspace"]]


async def crossed(database: Database) -> list[Crossing]:
    async with database.transaction() as tx:
        return await spending.crossed(tx, BUDGETS)


async def test_each_call_counts_once_for_session_person_and_workspace(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await begun(tx, "s2", "p1")
        await ledger.append(tx, "s1", [call("r1", 30), call("r2", 12)])
        await ledger.append(tx, "s1", [call("r2", 12)])  # the same turn once more
        await ledger.append(tx, "s2", [call("r3", 8), call("r4", 0)])
    assert await spent(database) == [42, 50, 50]
    assert await spent(database, "s2") == [8, 50, 50]


async def test_a_day_has_its_own_sum(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await ledger.append(tx, "s1", [call("r1", 30), call("r2", 12, minute=-24 * 60)])
        await ledger.append(tx, "s1", [call("r3", 5, minute=-24 * 60)])
    assert await spent(database) == [47, 42, 42]


async def test_turns_at_the_same_time_are_all_counted(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(4):
            await begun(tx, f"s{number}", f"p{number % 2}")

    async def turn(number: int) -> None:
        async with database.transaction() as tx:
            await ledger.append(tx, f"s{number % 4}", [call(f"r{number}", 3)])

    await asyncio.gather(*(turn(number) for number in range(20)))
    assert await spent(database, "s0", "p0") == [15, 30, 60]


async def test_a_crossing_comes_once_and_the_next_one_again(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await ledger.append(tx, "s1", [call("r1", 55)])
    assert [(one.scope, one.key, one.level) for one in await crossed(database)] == [
        ("conversation", "s1", WARN)
    ]
    assert await crossed(database) == []
    async with database.transaction() as tx:
        await ledger.append(tx, "s1", [call("r2", 1)])
    assert await crossed(database) == []
    async with database.transaction() as tx:
        await ledger.append(tx, "s1", [call("r3", 70)])  # two crossings at once: the higher one
    found = await crossed(database)
    assert [(one.scope, one.level, one.micro_usd, one.limit) for one in found] == [
        ("conversation", STOP, 126, 100),
        ("person", ALERT, 126, 150),
    ]
    assert (found[1].key, found[1].day, found[1].owner) == ("p1", DAY, "w1")


async def test_of_many_processes_one_gets_a_crossing(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await ledger.append(tx, "s1", [call("r1", 60)])
    found = await asyncio.gather(*(crossed(database) for _ in range(8)))
    assert sum(map(len, found)) == 1


async def test_what_is_deleted_leaves_no_sum(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await ledger.append(tx, "s1", [call("r1", 30)])
        await forget.forget_person(tx, "p1")
    assert await spent(database) == [0, 0, 30]


async def test_two_people_who_are_one_spent_together(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await begun(tx, "s2", "p2")
        await ledger.append(tx, "s1", [call("r1", 30)])
        await ledger.append(tx, "s2", [call("r2", 5)])
        await forget.merge_person(tx, "p2", "p1")
    assert await spent(database) == [30, 35, 35]
    assert await spent(database, "s2", "p2") == [5, 0, 35]


async def test_old_days_go(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await ledger.append(tx, "s1", [call("r1", 30)])
        await spending.prune(tx, at(0) + spending.KEPT * 2)
    assert await spent(database) == [30, 0, 0]


async def test_an_answer_of_another_session_is_paid_all_the_same(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await begun(tx, "s2", "p1")
        await ledger.append(tx, "s1", [call("r1", 30)])
        await ledger.append(tx, "s2", [replace(call("r1", 30))])
    assert await spent(database, "s2") == [30, 60, 60]


async def test_what_a_raised_limit_left_behind_is_told_anew(database: Database) -> None:
    raised = replace(BUDGETS, conversation=1000, person=10_000, workspace=10_000)
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await ledger.append(tx, "s1", [call("r1", 120)])
    assert (await crossed(database))[0].level == STOP
    async with database.transaction() as tx:  # a start with other settings
        await spending.look_again(tx, at(2))
        assert await spending.crossed(tx, raised) == []
    async with database.transaction() as tx:
        await ledger.append(tx, "s1", [call("r2", 900)])
        found = await spending.crossed(tx, raised)
    assert [(one.scope, one.level) for one in found] == [("conversation", STOP)]


async def test_a_start_with_the_same_limits_tells_nothing_twice(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await ledger.append(tx, "s1", [call("r1", 120)])
    assert await crossed(database)
    async with database.transaction() as tx:
        await spending.look_again(tx, at(2))
    assert await crossed(database) == []
