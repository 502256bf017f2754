"""What things cost: crossings told once, limits of pace, figures, and who sees them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot import people
from bot.crossings import Crossings
from bot.people import Identity
from bot.store.database import Database
from engine.calls import Call
from engine.store import events, ledger, sessions
from engine.usage import Usage
from tests.integration.bot.stage import Stage, app_over, settings_for

DM = "DU9"
SIGN = "I want to kill myself, for real, not in the scene."


async def session_in(stage: Stage) -> str:
    async with stage.database.reading() as tx:
        account = Identity(platform="fake", workspace="W1", user_id="U1")
        person = await people.known(tx, account)
        assert person is not None
        [found] = await sessions.of_person(tx, person, limit=1)
    return found.id


async def spends(stage: Stage, session_id: str, cost: int, *ids: str) -> None:
    """Enter calls of models that were paid for."""
    calls = [
        Call(
            kind="reply",
            provider="anthropic",
            model="some-model",
            status="posted",
            at=stage.clock.now(),
            response_id=one,
            usage=Usage(input=900, output=100, cache_read=800),
            cost_micro_usd=cost,
            latency_ms=1500,
        )
        for one in ids
    ]
    async with stage.database.transaction() as tx:
        await ledger.append(tx, session_id, calls)


def crossings(stage: Stage) -> Crossings:
    app = stage.app
    return Crossings(
        services=app.services, delivery=app.delivery, platforms=(stage.adapter.platform,)
    )


async def test_instructors_are_told_once_of_each_crossing(
    everywhere: Stage, tmp_path: Path
) -> None:
    stage = everywhere
    await stage.says("/sim help", who="U9")  # the admin is known by now
    await stage.started()
    session_id = await session_in(stage)
    other = app_over(stage.database, settings_for(tmp_path / "o", admins=("fake:U9",)), stage.clock)
    both = (
        crossings(stage),
        Crossings(
            services=other.services,
            delivery=other.delivery,
            platforms=(stage.adapter.platform,),
        ),
    )
    assert await crossings(stage).tick() == 0
    await spends(stage, session_id, 85_000, "r1")
    assert sum(await asyncio.gather(*(one.tick() for one in both))) == 1
    await stage.idle()
    told = stage.shown(DM)
    assert told.count("nearly spent") == 1
    assert "$0.09" in told or "$0.08" in told
    assert "A weight on the chest" in told
    await spends(stage, session_id, 1_000, "r2")
    assert sum(await asyncio.gather(*(one.tick() for one in both))) == 0
    await spends(stage, session_id, 20_000, "r3")
    assert sum(await asyncio.gather(*(one.tick() for one in both))) == 1
    await stage.idle()
    assert stage.shown(DM).count("A budget is spent") == 1
    assert stage.shown("DU1").count("budget") == 0


async def test_a_spent_budget_still_gets_an_answer(stage: Stage) -> None:
    thread = await stage.started()
    await spends(stage, await session_in(stage), 2_000_000, "r1")
    assert await stage.says("Where exactly does it hurt?", where=thread)


async def test_whoever_writes_too_fast_is_told_how_long_to_wait(
    sqlite: Database, tmp_path: Path
) -> None:
    limits = {"person_a_minute": 3}
    async with Stage(sqlite, tmp_path, limits=limits).open() as stage:
        thread = await stage.started()
        for number in range(3):
            assert "faster" not in await stage.says(f"Hello {number}.", where=thread)
        told = await stage.says("And now?", where=thread)
        assert "faster than anybody can answer" in told
        assert "send it again" in told
        # Commands go on working, and so does the way out.
        assert "Status" in await stage.says("!status", where=thread)
        assert "role-play is over" in await stage.says("!stop", where=thread)


async def test_the_way_out_is_heard_however_fast_somebody_writes(
    sqlite: Database, tmp_path: Path
) -> None:
    async with Stage(sqlite, tmp_path, limits={"thread_a_minute": 1}).open() as stage:
        thread = await stage.started()
        await stage.says("Hello.", where=thread)
        told = await stage.says(SIGN, where=thread)
        assert "faster" not in told


async def test_the_way_out_is_heard_among_other_words(sqlite: Database, tmp_path: Path) -> None:
    async with Stage(sqlite, tmp_path, limits={"thread_a_minute": 1}).open() as stage:
        thread = await stage.started()
        await stage.says("Hello.", where=thread)
        await stage.leaves("One more thing.", where=thread)  # waits, and is heard with the next
        assert "faster" not in await stage.says(SIGN, where=thread)


async def test_each_message_of_a_burst_counts(sqlite: Database, tmp_path: Path) -> None:
    async with Stage(sqlite, tmp_path, limits={"thread_a_minute": 2}).open() as stage:
        thread = await stage.started()
        await stage.leaves("Hello.", where=thread)
        await stage.leaves("How are you?", where=thread)
        assert "faster" in await stage.says("Where does it hurt?", where=thread)


async def test_figures_for_instructors(everywhere: Stage) -> None:
    stage = everywhere
    thread = await stage.started()
    await stage.says("Where exactly does it hurt?", where=thread)
    await stage.clock.advance(600)
    await stage.says("!pause", where=thread)
    await stage.clock.advance(3600)
    await stage.says("!resume", where=thread)
    await stage.says("!end", where=thread)
    await spends(stage, await session_in(stage), 30_000, "r1", "r2")
    told = await stage.calls("stats", who="U9")
    assert "Conversations**: 1, 1 completed" in told
    async with stage.database.reading() as tx:
        log = await events.of_session(tx, await session_in(stage))
    said = [one.kind for one in log if one.kind in ("trainee_said", "character_said")]
    assert said.count("trainee_said") == 1
    assert f"Messages**: {len(said)}" in told
    assert "Cost**: $0.0600" in told
    assert "Cost a conversation**: $0.0600" in told
    assert "Duration**: 10 minutes" in told
    assert "Today**: $0.0600 of $10.00" in told
    assert "Response time**: " in told
    assert "0.0 s" not in told


async def test_figures_are_for_those_who_teach(stage: Stage) -> None:
    assert "not open to you" in await stage.calls("stats")


@pytest.mark.parametrize("days", ["0", "many", "-3", "99999"])
async def test_days_that_are_none(stage: Stage, days: str) -> None:
    assert "/sim stats [DAYS]" in await stage.calls("stats", who="U9", days=days)


@pytest.mark.parametrize("shown", [True, False])
async def test_trainees_see_tokens_and_cost_only_where_that_is_set(
    sqlite: Database, tmp_path: Path, *, shown: bool
) -> None:
    budgets = {"shown_to_trainees": shown}
    async with Stage(sqlite, tmp_path, budgets=budgets).open() as stage:
        thread = await stage.started()
        await spends(stage, await session_in(stage), 12_000, "r1")
        told = await stage.says("!status", where=thread)
        assert ("Tokens**: 1.0k" in told) == shown
        assert ("Cost**: $0.0120" in told) == shown


async def test_a_sum_outlives_no_retention(stage: Stage) -> None:
    await stage.started()
    session_id = await session_in(stage)
    await spends(stage, session_id, 12_000, "r1")
    await stage.clock.advance(timedelta(days=4000).total_seconds())
    await stage.app.retention.sweep()
    told = await stage.calls("stats", who="U9")
    assert "Conversations**: 0" in told
