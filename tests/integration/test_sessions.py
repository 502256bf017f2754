"""Heads of sessions, scenarios as played, the ledger and evaluations."""

import asyncio
from dataclasses import replace
from typing import get_args

import pytest

from bot.store.database import Database
from engine.errors import NoSession, SessionEnded, SessionPaused
from engine.events import Unseated
from engine.llm.port import Usage
from engine.session import Status
from engine.store import Transaction, evaluations, events, ledger, scenarios, sessions
from engine.store.ledger import Call, Totals
from engine.store.scenarios import NoScenarioVersion
from engine.store.sessions import Head, SessionRecord
from tests.integration.making import HASH, at, begun, new_session

RUNNING = Head(
    status="in_progress", phase="history", started_at=at(0), completed_at=None, due=at(30)
)


async def test_a_session_is_read_as_it_was_made(database: Database) -> None:
    async with database.transaction() as tx:
        made = await new_session(tx)
    async with database.reading() as tx:
        assert await sessions.get(tx, "s1") == made
        with pytest.raises(NoSession):
            await sessions.get(tx, "s2")


async def test_the_head_moves(database: Database) -> None:
    async with database.transaction() as tx:
        made = await new_session(tx)
        changed = await sessions.set_head(tx, "s1", RUNNING, at=at(1))
        assert await sessions.get(tx, "s1") == changed
        with pytest.raises(NoSession):
            await sessions.set_head(tx, "none", RUNNING, at=at(1))
    assert changed == replace(
        made,
        status="in_progress",
        phase="history",
        started_at=at(0),
        due=at(30),
        updated_at=at(1),
    )


@pytest.mark.parametrize("status", get_args(Status))
def test_only_sessions_that_run_take_turns(status: Status) -> None:
    record = SessionRecord(
        id="s1",
        scenario_id="x",
        scenario_hash=HASH,
        mode="standard",
        language="en",
        seed=0,
        status=status,
        phase="",
        seq=0,
        owner="w1",
        started_at=None,
        completed_at=None,
        created_at=at(0),
        updated_at=at(0),
        due=None,
    )
    refused = {"completed": SessionEnded, "abandoned": SessionEnded, "paused": SessionPaused}
    if status in refused:
        with pytest.raises(refused[status]):
            record.require_active()
    else:
        record.require_active()


async def listed(tx: Transaction) -> None:
    for number, (session_id, owner) in enumerate([("a", "w1"), ("b", "w1"), ("c", "w2")]):
        await begun(tx, session_id, "p1", minute=number, owner=owner)
    await sessions.set_head(tx, "a", replace(RUNNING, status="completed"), at=at(9))
    await sessions.set_head(tx, "b", RUNNING, at=at(9))
    await sessions.set_head(tx, "c", replace(RUNNING, status="paused", due=None), at=at(9))


async def test_lists_are_newest_first_and_filtered(database: Database) -> None:
    async with database.transaction() as tx:
        await listed(tx)

        async def ids(*found: SessionRecord) -> list[str]:
            return [one.id for one in found]

        assert await ids(*await sessions.of_person(tx, "p1")) == ["c", "b", "a"]
        assert await ids(*await sessions.of_person(tx, "p1", limit=2)) == ["c", "b"]
        assert await ids(*await sessions.of_person(tx, "p2")) == []
        open_ones = await sessions.of_person(tx, "p1", statuses=("in_progress", "paused"))
        assert await ids(*open_ones) == ["c", "b"]
        assert await ids(*await sessions.of_person(tx, "p1", scenario_id="other")) == []
        assert await ids(*await sessions.of_owner(tx, "w1")) == ["b", "a"]
        assert await ids(*await sessions.of_owner(tx, "w1", statuses=("completed",))) == ["a"]


async def test_the_open_session_of_a_scenario(database: Database) -> None:
    async with database.transaction() as tx:
        await listed(tx)
        found = await sessions.open_of(tx, "p1", "chest-pain")
        assert found is not None
        assert found.id == "c"
        assert await sessions.open_of(tx, "p1", "other") is None

        left = Unseated(at=at(9), seat="trainee", person="p1")
        await events.append(tx, found, [left])
        found = await sessions.open_of(tx, "p1", "chest-pain")
        assert found is not None
        assert found.id == "b"


async def test_what_is_due_comes_longest_overdue_first(database: Database) -> None:
    async with database.transaction() as tx:
        await listed(tx)
        await sessions.set_head(tx, "b", replace(RUNNING, due=at(20)), at=at(9))
        assert [one.id for one in await sessions.due(tx, at(19))] == []
        assert [one.id for one in await sessions.due(tx, at(20))] == ["b"]
        assert [one.id for one in await sessions.due(tx, at(40))] == ["b", "a"]
        assert [one.id for one in await sessions.due(tx, at(40), limit=1)] == ["b"]


async def test_a_scenario_is_kept_once(database: Database) -> None:
    async def keep(body: str) -> None:
        async with database.transaction() as tx:
            await scenarios.put(
                tx, hash_="h", scenario_id="x", version="1.0.0", body=body, at=at(0)
            )

    await asyncio.gather(*(keep("same") for _ in range(5)))
    async with database.reading() as tx:
        assert await scenarios.body(tx, "h") == "same"
        with pytest.raises(NoScenarioVersion):
            await scenarios.body(tx, "other")


def call(response_id: str | None, cost: int = 5, minute: float = 1) -> Call:
    return Call(
        kind="reply",
        provider="anthropic",
        model="some-model",
        status="posted",
        at=at(minute),
        response_id=response_id,
        usage=Usage(input=10, output=7, reasoning=3, cache_read=2, cache_write=1, estimated=True),
        cost_micro_usd=cost,
        latency_ms=900,
        raw={"id": response_id},
    )


async def test_the_ledger_adds_up(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        assert await ledger.append(tx, "s1", []) == []
        assert await ledger.append(tx, "s1", [call("r1"), call(None), call("")]) == [1, 2, 3]
        found = await ledger.of_session(tx, "s1")
        assert [one.number for one in found] == [1, 2, 3]
        assert found[0].call == call("r1")
        assert await ledger.totals(tx, "s1") == Totals(
            calls=3,
            tokens_in=30,
            tokens_out=21,
            reasoning=9,
            cost_micro_usd=15,
            cache_read=6,
            estimated=3,
        )
        assert await ledger.totals(tx, "none") == Totals(
            calls=0, tokens_in=0, tokens_out=0, reasoning=0, cost_micro_usd=0
        )
        with pytest.raises(NoSession):
            await ledger.append(tx, "none", [call("r9")])


async def test_a_response_is_counted_once(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        assert await ledger.append(tx, "s1", [call("r1"), call("r2")]) == [1, 2]
        assert await ledger.append(tx, "s1", [call("r2"), call("r3")]) == [2, 3]
        assert (await ledger.totals(tx, "s1")).calls == 3


async def test_an_id_that_another_session_has_hides_no_call(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        await begun(tx, "s2", "p1")
        await ledger.append(tx, "s1", [call("r1")])
        assert await ledger.append(tx, "s2", [call("r1"), call("r2")]) == [1, 2]
        found = [one.call.response_id for one in await ledger.of_session(tx, "s2")]
        assert found == [None, "r2"]


async def test_calls_that_race_get_numbers_of_their_own(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")

    async def count(number: int) -> list[int]:
        async with database.transaction() as tx:
            return await ledger.append(tx, "s1", [call(f"r{number}")])

    numbers = await asyncio.gather(*(count(number) for number in range(6)))
    assert sorted(one for [one] in numbers) == [1, 2, 3, 4, 5, 6]


async def test_what_people_and_workspaces_spent(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1", owner="w1")
        await begun(tx, "s2", "p1", "p2", owner="w2")
        await ledger.append(tx, "s1", [call("r1", 1, minute=1), call("r2", 2, minute=2)])
        await ledger.append(tx, "s2", [call("r3", 4, minute=3)])
        assert await ledger.spent(tx, since=at(0)) == 7
        assert await ledger.spent(tx, since=at(2)) == 6
        assert await ledger.spent(tx, since=at(0), owner="w1") == 3
        assert await ledger.spent(tx, since=at(0), person="p2") == 4
        assert await ledger.spent(tx, since=at(9)) == 0
        newest = [one.call.response_id for one in await ledger.of_person(tx, "p1", limit=2)]
        assert newest == ["r3", "r2"]


async def test_each_evaluation_is_a_new_version(database: Database) -> None:
    async with database.transaction() as tx:
        await new_session(tx)
        assert await evaluations.latest(tx, "s1") is None

    async def evaluate(points: int) -> int:
        async with database.transaction() as tx:
            return await evaluations.append(
                tx,
                "s1",
                rubric_hash="r",
                scenario_hash=HASH,
                body={"points": points},
                at=at(points),
            )

    assert await evaluate(1) == 1
    assert sorted(await asyncio.gather(*(evaluate(points) for points in (2, 3, 4)))) == [2, 3, 4]
    async with database.reading() as tx:
        found = await evaluations.of_session(tx, "s1")
        latest = await evaluations.latest(tx, "s1")
    assert [one.version for one in found] == [1, 2, 3, 4]
    assert latest == found[-1]
    assert found[0].body == {"points": 1}
    assert found[0].at == at(1)
