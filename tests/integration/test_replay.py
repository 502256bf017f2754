"""A log folded again agrees with what is stored beside it, and what was changed is told."""

from typing import Any

import pytest
from sqlalchemy import text

from bot.store.database import Database
from bot.store.snapshots import snapshot
from engine.archive import Archive, Replayed
from engine.assessment import Assessment
from engine.errors import NoSession
from engine.inputs import Sit
from engine.store.forget import forget_person, merge_person
from tests.integration.simulation_rig import PERSON, Rig
from tests.locks import Looking
from tests.unit.engine.rules_scene import KIND, scenario

OTHER = "p2"
ONSET = {
    "id": "onset",
    "label": "Asks when it began",
    "kind": "checklist",
    "weight": 100,
    "evidence": {"asked_any": ["onset"]},
    "advice": "Ask when it began.",
}


@pytest.fixture
async def rig(database: Database) -> Rig:
    """Over each kind of database, as each reads what it stored in its own way."""
    return Rig(database)


@pytest.fixture
async def near(sqlite: Database) -> Rig:
    """Over SQLite alone, for what has nothing to do with databases."""
    return Rig(sqlite)


async def played(rig: Rig) -> str:
    """A session of two people that is over and scored."""
    session_id = await rig.start(scenario(rubric={"criteria": [ONSET]}))
    await rig.apply(session_id, lambda _state, now: Sit(at=now, seat="student", person=OTHER))
    for words in ("Hello.", "When did it start?", KIND, "Does it move? n\0ul \ud800 日本"):
        await rig.say(session_id, words)
    await rig.apply(
        session_id, lambda _state, now: Sit(at=now, seat="student", person=OTHER, leave=True)
    )
    await rig.say(session_id, "Please get a film.")
    await rig.step(session_id, "end")
    async with rig.database.transaction() as tx:
        version, _ = await Assessment(rig.simulation.read, rig.clock).evaluate(tx, session_id)
    assert version == 1
    return session_id


async def replayed(rig: Rig, session_id: str) -> Replayed:
    rig.restart()
    async with rig.database.reading() as tx:
        return await Archive(rig.simulation.read).replay(tx, session_id)


async def change(rig: Rig, *statements: str) -> None:
    async with rig.database.transaction() as tx:
        for one in statements:
            await tx.execute(text(one))


async def test_an_untouched_log_agrees(rig: Rig) -> None:
    session_id = await played(rig)
    found = await replayed(rig, session_id)
    assert (found.problems, found.folds, found.sealed) == ((), True, True)
    assert found.events == (await rig.state(session_id)).seq


async def test_a_session_that_goes_on_or_rests_agrees_at_every_step(rig: Rig) -> None:
    session_id = await rig.start()
    for verb in ("", "tick", "pause", "resume", "tick"):
        if verb:
            rig.clock.move(0.5)
            await rig.step(session_id, verb)
        else:
            await rig.say(session_id, "Hello.")
        assert (await replayed(rig, session_id)).problems == ()


async def test_a_session_that_is_played_meanwhile_agrees(rig: Rig) -> None:
    session_id = await rig.start(scenario())
    await rig.say(session_id, "Hello.")
    before = (await rig.state(session_id)).seq
    reads = 0

    async def goes_on(_statement: object, _params: object) -> None:
        nonlocal reads
        reads += 1
        await rig.say(session_id, "When did it start?")

    archive = Archive(rig.simulation.read)
    async with snapshot(rig.database) as tx:
        await tx.execute(text("SELECT id FROM sessions"))
        looking: Any = Looking(tx, goes_on)
        found = await archive.replay(looking, session_id)
    assert (found.problems, found.events) == ((), before)
    assert reads > 1
    assert (await rig.state(session_id)).seq > before


@pytest.mark.parametrize(
    "change_",
    [
        "UPDATE events SET body = REPLACE(body, 'When', 'TAMPERED')",
        "UPDATE events SET kind = 'deleted', body = '{\"target\": 3}' WHERE kind = 'signalled'",
        "UPDATE events SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 4",
        "DELETE FROM events WHERE seq = (SELECT MAX(seq) FROM events)",
    ],
)
async def test_a_changed_event_is_noticed(near: Rig, change_: str) -> None:
    session_id = await played(near)
    await change(near, change_)
    assert any(one.startswith("seal: ") for one in (await replayed(near, session_id)).problems)


async def test_two_swapped_events_are_noticed(near: Rig) -> None:
    session_id = await played(near)
    await change(
        near,
        "UPDATE events SET seq = 900 WHERE seq = 5",
        "UPDATE events SET seq = 5 WHERE seq = 6",
        "UPDATE events SET seq = 6 WHERE seq = 900",
    )
    assert any(one.startswith("seal: ") for one in (await replayed(near, session_id)).problems)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("UPDATE sessions SET seq = 3", "seq"),
        ("UPDATE sessions SET status = 'paused'", "status"),
        ("UPDATE sessions SET phase = 'x'", "phase"),
        ("UPDATE sessions SET mode = 'x'", "mode"),
        ("UPDATE sessions SET language = 'de'", "language"),
        ("UPDATE sessions SET seed = 7", "seed"),
        ("UPDATE sessions SET scenario_id = 'x'", "scenario_id"),
        ("UPDATE sessions SET started_at = NULL", "started_at"),
        ("UPDATE sessions SET completed_at = NULL", "completed_at"),
        ("UPDATE sessions SET due = '2026-03-01 12:00:00+00:00'", "due"),
        ("UPDATE scenario_versions SET body = REPLACE(body, 'film', 'scan')", "scenario"),
        ("UPDATE participants SET person_id = 'p9' WHERE person_id = 'p1'", "seat trainee"),
        ("UPDATE participants SET left_at = NULL", "seat student"),
        ("UPDATE events SET person_id = 'p9' WHERE kind = 'trainee_said'", "event"),
        ("UPDATE events SET external_id = 'm9' WHERE seq = 2", "event 2"),
    ],
)
async def test_each_difference_is_a_line(near: Rig, changed: str, told: str) -> None:
    session_id = await played(near)
    await change(near, changed)
    problems = (await replayed(near, session_id)).problems
    assert problems
    assert {one.partition(":")[0].rstrip("0123456789 ") for one in problems} == {
        told.rstrip("0123456789 ")
    }


async def test_a_quote_that_stands_nowhere_is_told(near: Rig) -> None:
    session_id = await played(near)
    await change(near, "UPDATE evaluations SET body = REPLACE(body, 'When did', 'If it did')")
    [problem, *_] = (await replayed(near, session_id)).problems
    assert problem.startswith("score 1, ")
    assert "When" not in problem


async def test_a_cost_that_no_call_made_is_told(near: Rig) -> None:
    session_id = await played(near)
    await change(
        near,
        "INSERT INTO spending (scope, key, day, owner, micro_usd, told, fresh) "
        "SELECT 'conversation', id, '', 'w1', 5, 0, FALSE FROM sessions",
    )
    [problem] = (await replayed(near, session_id)).problems
    assert problem == "cost: the calls come to 0 micro-USD, stored is 5"


async def test_what_cannot_be_read_any_more_is_told(near: Rig) -> None:
    session_id = await played(near)
    await change(near, "UPDATE events SET body = '{}' WHERE seq = 1")
    found = await replayed(near, session_id)
    assert not found.folds
    assert found.problems[-1] == "log: it cannot be folded (UnreadableEvent)"


async def test_a_log_from_before_there_were_seals_gets_none(near: Rig) -> None:
    session_id = await near.start()
    await change(near, "UPDATE sessions SET seal = ''")
    near.restart()
    await near.say(session_id, "Hello.")
    found = await replayed(near, session_id)
    assert (found.problems, found.sealed) == ((), False)


async def test_who_is_forgotten_or_renamed_breaks_no_seal(rig: Rig) -> None:
    session_id = await played(rig)
    async with rig.database.transaction() as tx:
        await merge_person(tx, PERSON, "p3")
    assert (await replayed(rig, session_id)).problems == ()
    async with rig.database.transaction() as tx:
        done = await forget_person(tx, "p3")
    assert done.cleaned == (session_id,)
    found = await replayed(rig, session_id)
    assert (found.problems, found.sealed) == ((), True)


@pytest.mark.parametrize("name", ["text", "trainee", "in_progress", "Sam Seat"])
async def test_whoever_is_forgotten_may_have_been_called_like_a_part_of_the_log(
    near: Rig, name: str
) -> None:
    session_id = await played(near)
    async with near.database.transaction() as tx:
        await forget_person(tx, OTHER, names=(name,))
    assert (await replayed(near, session_id)).problems == ()


async def test_a_broken_seal_stays_broken_when_somebody_is_forgotten(rig: Rig) -> None:
    session_id = await played(rig)
    await change(rig, "UPDATE events SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 4")
    async with rig.database.transaction() as tx:
        await forget_person(tx, OTHER)
    assert any(one.startswith("seal: ") for one in (await replayed(rig, session_id)).problems)


async def test_there_is_nothing_to_replay_in_no_session(rig: Rig) -> None:
    with pytest.raises(NoSession):
        await replayed(rig, "none")
