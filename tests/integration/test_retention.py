"""Sessions go once they are older than their scenario keeps them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update

from bot.retention import Retention
from bot.store import pruning
from bot.store.database import Database, StoreAway
from bot.store.queues import InboxRow
from engine.errors import NoSession
from engine.llm.embedded import EmbeddedModel
from engine.loader import load
from engine.scenario import Scenario
from engine.simulation import Simulation
from engine.store import Transaction, forget, sessions
from engine.store.tables import EventRow, ScenarioVersionRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHEST_PAIN = Path("scenarios/clinical/chest-pain")


def kept_for(days: int) -> Scenario:
    scenario = load(CHEST_PAIN).scenario
    assert scenario is not None
    privacy = scenario.privacy.model_copy(update={"retention_days": days})
    return scenario.model_copy(update={"privacy": privacy})


async def started(
    database: Database, now: Callable[[], datetime], scenario: Scenario
) -> tuple[Simulation, str]:
    simulation = Simulation(EmbeddedModel(), now=now, id_of=lambda: uuid4().hex)
    async with database.transaction() as tx:
        outcome = await simulation.start(tx, scenario, people={"": "p1"})
    return simulation, outcome.session.id


async def test_what_is_too_old_goes_with_its_words_and_the_rest_stays(database: Database) -> None:
    long_ago = NOW - timedelta(days=31)
    simulation, old = await started(database, lambda: long_ago, kept_for(30))
    _, kept_longer = await started(database, lambda: long_ago, kept_for(60))
    _, young = await started(database, lambda: NOW - timedelta(days=29), kept_for(30))

    assert await Retention(database, simulation, lambda: NOW).sweep() == 1

    async with database.reading() as tx:
        with pytest.raises(NoSession):
            await simulation.read(tx, old)
        left = await tx.scalar(select(func.count()).where(EventRow.session_id == old))
        assert left == 0
        for session_id in (kept_longer, young):
            record, _, _ = await simulation.read(tx, session_id)
            assert record.id == session_id


async def test_a_sweep_with_nothing_old_changes_nothing(database: Database) -> None:
    simulation, young = await started(database, lambda: NOW, kept_for(1))
    assert await Retention(database, simulation, lambda: NOW).sweep() == 0
    async with database.reading() as tx:
        record, _, _ = await simulation.read(tx, young)
    assert record.status == "in_progress"


async def test_an_unreadable_version_keeps_nobody_else(database: Database) -> None:
    long_ago = NOW - timedelta(days=400)
    _, broken = await started(database, lambda: long_ago, kept_for(30))
    _, old = await started(database, lambda: long_ago, kept_for(31))
    async with database.transaction() as tx:
        record = await sessions.get(tx, broken)
        await tx.execute(
            update(ScenarioVersionRow)
            .where(ScenarioVersionRow.hash == record.scenario_hash)
            .values(body='{"unknown": 1}')
        )
    simulation = Simulation(EmbeddedModel(), now=lambda: NOW, id_of=lambda: uuid4().hex)

    assert await Retention(database, simulation, lambda: NOW).sweep() == 1

    async with database.reading() as tx:
        assert (await sessions.get(tx, broken)).id == broken
        with pytest.raises(NoSession):
            await sessions.get(tx, old)


async def test_what_went_before_the_store_did_is_counted(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation, _ = await started(sqlite, lambda: NOW - timedelta(days=400), kept_for(30))
    await started(sqlite, lambda: NOW - timedelta(days=400), kept_for(31))
    deletes, settled = forget.delete_session, []

    async def once(tx: Transaction, session_id: str) -> None:
        if settled:
            raise StoreAway("stopped by the test")
        settled.append("deleted")
        await deletes(tx, session_id)

    async def settle() -> None:
        settled.append("settled")

    monkeypatch.setattr(forget, "delete_session", once)
    monkeypatch.setattr(sqlite, "settle", settle)
    assert await Retention(sqlite, simulation, lambda: NOW).sweep() == 1
    assert settled == ["deleted", "settled"]


async def test_what_sessions_leave_behind_goes_in_steps_that_can_be_taken_up(
    database: Database,
) -> None:
    same = {
        "tenant": "fake/W1",
        "channel": "fake/W1/C1",
        "lane": "session:s1",
        "body": "",
        "due": NOW,
        "session_id": "deleted",
        "person_id": None,
        "agrees": False,
        "author": "fake/W1/U1",
        "state": "waiting",
        "code": "",
        "received_at": NOW,
        "done_at": None,
        "order_key": "",
        "message": "",
    }
    async with database.transaction() as tx:
        rows = [{**same, "event_id": f"e{n}"} for n in range(2 * pruning.AT_ONCE + 1)]
        await tx.execute(insert(InboxRow), [*rows, {**same, "event_id": "own", "session_id": None}])
    async with database.transaction() as tx:
        assert await pruning.orphans(tx)
    async with database.reading() as tx:
        left = await tx.scalar(select(func.count()).select_from(InboxRow))
    assert left == pruning.AT_ONCE + 2
    # Whoever began died here.
    simulation, _ = await started(database, lambda: NOW, kept_for(30))
    await Retention(database, simulation, lambda: NOW).sweep()
    async with database.reading() as tx:
        assert list(await tx.scalars(select(InboxRow.event_id))) == ["own"]


async def test_a_full_week_goes_in_steps_between_which_others_write(database: Database) -> None:
    old = NOW - timedelta(days=8)
    same = {
        "tenant": "fake/W1",
        "channel": "fake/W1/C1",
        "lane": "session:s1",
        "body": "",
        "due": old,
        "session_id": None,
        "person_id": None,
        "agrees": False,
        "author": "fake/W1/U1",
        "state": "done",
        "code": "",
        "received_at": old,
        "done_at": old,
    }
    each = ({"event_id": f"e{n}", "order_key": f"{n}", "message": f"{n}"} for n in range(1200))
    async with database.transaction() as tx:
        await tx.execute(insert(InboxRow), [{**same, **one} for one in each])
        await tx.execute(
            insert(InboxRow),
            [{**same, "event_id": "new", "order_key": "", "message": "", "received_at": NOW}],
        )
    async with database.transaction() as tx:
        assert await pruning.old(tx, NOW)
    async with database.reading() as tx:
        left = await tx.scalar(select(func.count()).select_from(InboxRow))
    assert left == 1201 - pruning.AT_ONCE
    simulation, _ = await started(database, lambda: NOW, kept_for(30))
    await Retention(database, simulation, lambda: NOW).sweep()
    async with database.reading() as tx:
        assert list(await tx.scalars(select(InboxRow.event_id))) == ["new"]


async def test_a_session_in_which_somebody_wrote_waits_until_that_is_handled(
    database: Database,
) -> None:
    """After a stop what is old may hold words that were accepted, and that nobody heard yet."""
    long_ago = NOW - timedelta(days=31)
    simulation, spoken_to = await started(database, lambda: long_ago, kept_for(30))
    _, silent = await started(database, lambda: long_ago, kept_for(30))
    same = {
        "channel": "",
        "body": "",
        "due": long_ago,
        "person_id": None,
        "agrees": False,
        "state": "waiting",
        "code": "",
        "received_at": long_ago,
        "done_at": None,
        "order_key": "",
        "message": "",
    }
    rows = [
        {**same, "event_id": f"e{n}", "session_id": id_, "lane": f"session:{id_}", "tenant": tenant}
        | {"author": f"{tenant}/U1"}
        for n, (id_, tenant) in enumerate(((spoken_to, "fake/W1"), (silent, "dressrun/clock")))
    ]
    async with database.transaction() as tx:
        await tx.execute(insert(InboxRow), rows)
    retention = Retention(database, simulation, lambda: NOW)
    assert await retention.sweep() == 1
    async with database.transaction() as tx:
        assert list(await tx.scalars(select(InboxRow.session_id))) == [spoken_to]
        await tx.execute(update(InboxRow).values(state="done", done_at=NOW))
    assert await retention.sweep() == 1
