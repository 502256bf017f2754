"""Evaluations as they are kept: every version, and no version twice."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from engine import events as ev
from engine.assessment.assessment import Assessment
from engine.errors import NoSession
from engine.scenario import Scenario
from engine.session import State, fold
from engine.store import Transaction, evaluations, scenarios, sessions
from engine.store import events as event_rows
from engine.store.sessions import SessionRecord
from engine.store.tables import Base
from tests.unit.engine.assessment_scene import NOON, Scene, rule, scene

LATER = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
async def tx() -> AsyncIterator[Transaction]:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as opened:
        yield opened
    await engine.dispose()


class Stored:
    """One stored session, and an assessment that reads it."""

    def __init__(self, tx: Transaction, play: Scene) -> None:
        self.tx = tx
        self.play = play
        self.scenario = play.scenario
        self.kept = 0
        self.assessment = Assessment(self.read, lambda: LATER)

    async def read(self, tx: Transaction, session_id: str) -> tuple[SessionRecord, Scenario, State]:
        session = await sessions.get(tx, session_id)
        log = await event_rows.of_session(tx, session_id)
        return session, self.scenario, fold(self.scenario, log)

    async def start(self) -> None:
        await scenarios.put(
            self.tx, hash_="h1", scenario_id="small", version="1.0.0", body="{}", at=NOON
        )
        await sessions.create(
            self.tx,
            session_id="s1",
            scenario_id="small",
            scenario_hash="h1",
            mode="standard",
            language="en",
            seed=0,
            owner="",
            at=NOON,
        )
        await self.keep()

    async def keep(self) -> None:
        """Store what the scene has grown by."""
        grown = self.play.log[self.kept :]
        await event_rows.append(self.tx, await sessions.get(self.tx, "s1"), grown)
        self.kept += len(grown)


@pytest.fixture
async def stored(tx: Transaction) -> Stored:
    play = scene(rule(asked_any=["arm"]), rule(action="ecg"))
    play.say("Your arm?", asks=["arm"])
    one = Stored(tx, play)
    await one.start()
    return one


async def test_the_same_log_scored_again_is_the_same_version(stored: Stored) -> None:
    first = await stored.assessment.evaluate(stored.tx, "s1")
    assert first == (1, stored.play.evaluation())
    assert await stored.assessment.evaluate(stored.tx, "s1") == first
    assert await stored.assessment.latest(stored.tx, "s1") == first
    kept = await evaluations.of_session(stored.tx, "s1")
    assert [(one.version, one.scenario_hash, one.at) for one in kept] == [(1, "h1", LATER)]


async def test_a_log_that_went_on_gets_a_new_version_and_keeps_the_old(stored: Stored) -> None:
    await stored.assessment.evaluate(stored.tx, "s1")
    stored.play.act()
    await stored.keep()
    version, evaluation = await stored.assessment.evaluate(stored.tx, "s1")
    assert (version, evaluation.overall) == (2, 100)
    kept = await evaluations.of_session(stored.tx, "s1")
    assert [one.body["overall"] for one in kept] == [50, 100]


async def test_another_rubric_gets_a_new_version_even_with_the_same_points(stored: Stored) -> None:
    _, before = await stored.assessment.evaluate(stored.tx, "s1")
    told = rule(asked_any=["arm"]) | {"advice": "Ask about the arm."}
    stored.scenario = scene(told, rule(action="ecg")).scenario
    version, after = await stored.assessment.evaluate(stored.tx, "s1")
    assert version == 2
    assert after.criteria == before.criteria
    assert after.rubric_hash != before.rubric_hash


async def test_what_was_never_evaluated_has_no_latest(stored: Stored) -> None:
    assert await stored.assessment.latest(stored.tx, "s1") is None
    with pytest.raises(NoSession):
        await stored.assessment.evaluate(stored.tx, "s2")


async def test_a_session_that_stopped_for_care_is_kept_without_a_score(stored: Stored) -> None:
    stored.play.add(ev.Cared(at=stored.play.at, person="p1", sign="distress"))
    stored.play.end("distress", "abandoned")
    await stored.keep()
    _, evaluation = await stored.assessment.evaluate(stored.tx, "s1")
    assert evaluation.overall is None
    assert not any(one.evidence for one in evaluation.criteria)
