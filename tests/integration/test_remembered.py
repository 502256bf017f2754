"""A state that is remembered is the state that the whole log leads to, whoever wrote to it."""

from dataclasses import replace

import pytest
from sqlalchemy import delete

from bot.store.database import Database
from engine.errors import LogRewritten
from engine.llm.port import Deadline
from engine.remembered import MOST, Remembered
from engine.session import State
from engine.store.events import AlreadyStored
from engine.store.forget import forget_person, merge_person
from engine.store.tables import EventRow
from tests.integration.simulation_rig import PERSON, Rig
from tests.unit.engine.rules_scene import KIND

LINES = ("Hello, I am Sam.", KIND, "When did it start?", "Do you have debts?")


@pytest.fixture
def rig(database: Database) -> Rig:
    return Rig(database)


async def whole(rig: Rig, session_id: str) -> State:
    """The state as somebody reads it who remembers nothing."""
    warm = rig.simulation
    rig.restart()
    try:
        return await rig.state(session_id)
    finally:
        rig.simulation = warm


async def test_what_is_remembered_is_what_the_log_leads_to(rig: Rig) -> None:
    session_id = await rig.start()
    for line in LINES:
        outcome = await rig.say(session_id, line)
        assert await rig.state(session_id) == outcome.state == await whole(rig, session_id)
    assert outcome.state.turns == len(LINES)


async def test_what_others_wrote_meanwhile_is_read_as_well(rig: Rig) -> None:
    session_id = await rig.start()
    await rig.say(session_id, LINES[0])
    warm = rig.simulation
    rig.restart()
    await rig.say(session_id, LINES[1])
    rig.simulation = warm
    state = (await rig.say(session_id, LINES[2])).state
    assert [one.text for one in state.utterances if one.person] == list(LINES[:3])
    assert state == await whole(rig, session_id)


async def test_words_that_were_taken_out_are_remembered_by_nobody(rig: Rig) -> None:
    session_id = await rig.start()
    await rig.say(session_id, LINES[0])
    async with rig.database.transaction() as tx:
        await merge_person(tx, PERSON, "p2")
        await forget_person(tx, "nobody")
    state = await rig.state(session_id)
    assert state == await whole(rig, session_id)
    assert state.seat_of("p2") is not None
    assert state.seat_of(PERSON) is None


async def test_a_turn_that_was_opened_before_a_rename_is_not_stored(rig: Rig) -> None:
    session_id = await rig.start()
    thought = await rig.think(session_id, LINES[0])
    spoken = await rig.simulation.speak(thought, Deadline())
    async with rig.database.transaction() as tx:
        await merge_person(tx, PERSON, "p2")
    with pytest.raises(LogRewritten):
        await rig.close(thought, spoken)
    assert (await rig.state(session_id)).turns == 0


async def test_a_message_that_came_before_is_known_without_its_log(rig: Rig) -> None:
    session_id = await rig.start()
    await rig.say(session_id, LINES[0], event_id="e1")
    with pytest.raises(AlreadyStored) as known:
        await rig.say(session_id, LINES[0], event_id="e1")
    async with rig.database.reading() as tx:
        assert await rig.simulation.known(tx, session_id, "e1") == known.value.seq


async def test_the_log_of_what_is_remembered_is_not_read(rig: Rig) -> None:
    session_id = await rig.start()
    outcome = await rig.say(session_id, LINES[0])
    async with rig.database.transaction() as tx:
        await tx.execute(delete(EventRow).where(EventRow.session_id == session_id))
        assert (await rig.simulation.read(tx, session_id))[2] == outcome.state


async def test_the_sessions_that_were_played_last_are_remembered(rig: Rig) -> None:
    played = await rig.start()
    head = (await rig.say(played, LINES[0])).session
    state = await rig.state(played)
    remembered = Remembered()
    for number in range(MOST + 1):
        remembered.keep(replace(head, id=f"{number}"), state)
    assert remembered.of(replace(head, id="0")) == State()
    assert remembered.of(replace(head, id="1")) == state


async def test_a_session_that_is_over_is_remembered_no_more(rig: Rig) -> None:
    played = await rig.start()
    await rig.say(played, LINES[0])
    ended = await rig.step(played, "end")
    rig.simulation.remember(ended)
    assert await rig.state(played) == ended.state == await whole(rig, played)
