"""The simulation over a real database: turns, races, restarts and what is kept."""

import asyncio
from dataclasses import replace

import pytest

from bot.store.database import Database
from engine import events as ev
from engine.classify import Reader
from engine.errors import (
    EmptyMessage,
    MessageTooLong,
    NoSession,
    NotAllowedNow,
    NotSeated,
    SequenceTaken,
    SessionEnded,
    SessionPaused,
    UnknownLanguage,
    UnknownMode,
)
from engine.llm.embedded import EmbeddedModel
from engine.llm.port import Deadline
from engine.rehearsal import Rehearsal
from engine.session import fold
from engine.simulation import Simulation
from engine.store import events, ledger, sessions
from engine.store.events import AlreadyStored
from engine.turns import Said
from tests.integration.making import at
from tests.integration.simulation_rig import PERSON, Rig
from tests.unit.engine.rules_scene import FACTS, KIND, scenario


@pytest.fixture
def rig(database: Database) -> Rig:
    return Rig(database)


async def test_a_turn_is_stored_whole_and_its_outcome_is_what_was_stored(rig: Rig) -> None:
    session_id = await rig.start()
    outcome = await rig.say(session_id, "When did it start?", event_id="m1")
    assert [one.role for one in outcome.utterances] == ["trainee", "character"]
    assert "Monday" in outcome.utterances[1].text
    assert outcome.state == await rig.state(session_id)
    async with rig.database.reading() as tx:
        log = await events.of_session(tx, session_id)
        head = await sessions.get(tx, session_id)
        assert await rig.simulation.known(tx, session_id, "m1") == outcome.utterances[0].seq
        assert await rig.simulation.known(tx, session_id, "m2") is None
        seated = await sessions.participants(tx, session_id)
    assert len(log) == head.seq == outcome.state.seq
    assert head == outcome.session
    assert (head.status, head.phase, head.owner, head.seed) == ("in_progress", "talk", "w1", 1)
    assert [(one.seat, one.person) for one in seated] == [("trainee", PERSON)]


async def test_messages_of_one_burst_are_kept_apart_and_answered_together(rig: Rig) -> None:
    session_id = await rig.start()
    outcome = await rig.say(session_id, "When did it start?", "Do you smoke?")
    first, second, answer = outcome.utterances
    assert (first.role, second.role) == ("trainee", "trainee")
    assert answer.answers == (first.seq, second.seq)
    assert answer.in_reply_to == second.seq
    assert {"onset", "smoking"} <= set(outcome.state.said)


async def test_of_two_turns_from_the_same_seq_the_second_is_refused(rig: Rig) -> None:
    session_id = await rig.start()
    one = await rig.think(session_id, "When did it start?")
    two = await rig.think(session_id, "Do you smoke?")
    spoken = [await rig.simulation.speak(thought, Deadline()) for thought in (one, two)]
    await rig.close(one, spoken[0])
    with pytest.raises(SequenceTaken):
        await rig.close(two, spoken[1])
    state = await rig.state(session_id)
    assert (state.turns, set(state.said)) == (1, {"onset"})
    async with rig.database.reading() as tx:
        assert len(await ledger.of_session(tx, session_id)) == 1


async def test_of_many_that_race_exactly_one_wins(rig: Rig) -> None:
    session_id = await rig.start()
    thought = await rig.think(session_id, "When did it start?")
    spoken = await rig.simulation.speak(thought, Deadline())
    done = await asyncio.gather(
        *(rig.close(thought, spoken) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(one, SequenceTaken) for one in done) == 4
    assert (await rig.state(session_id)).turns == 1


async def test_what_a_platform_delivers_again_is_refused(rig: Rig) -> None:
    session_id = await rig.start()
    outcome = await rig.say(session_id, "When did it start?", event_id="m1")
    with pytest.raises(AlreadyStored) as caught:
        await rig.say(session_id, "When did it start?", event_id="m1")
    assert caught.value.seq == outcome.utterances[0].seq
    assert (await rig.state(session_id)).turns == 1


async def test_a_session_is_played_with_the_scenario_it_began_with(rig: Rig) -> None:
    session_id = await rig.start()
    changed = [one | {"say": "It began in June."} if one["id"] == "onset" else one for one in FACTS]
    newer = await rig.start(scenario(facts=changed))
    rig.restart()
    assert "Monday" in (await rig.say(session_id, "When did it start?")).utterances[-1].text
    assert "June" in (await rig.say(newer, "When did it start?")).utterances[-1].text


async def test_a_restart_resumes_the_same_state_and_answers_the_same(rig: Rig) -> None:
    one, other = await rig.start(), await rig.start()
    for session_id in (one, other):
        await rig.say(session_id, "Hello.")
        await rig.say(session_id, KIND)
    before = await rig.state(one)
    unbroken = await rig.say(other, "Do you have debts?")
    rig.restart()
    assert await rig.state(one) == before
    resumed = await rig.say(one, "Do you have debts?")
    assert resumed.utterances[-1].text == unbroken.utterances[-1].text
    assert resumed.state.said == unbroken.state.said


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u200b", "\x00"])
async def test_nothing_readable_is_no_turn(rig: Rig, text: str) -> None:
    session_id = await rig.start()
    with pytest.raises(EmptyMessage):
        await rig.say(session_id, text)
    assert (await rig.state(session_id)).turns == 0


async def test_what_a_turn_needs_is_checked_first(rig: Rig) -> None:
    session_id = await rig.start()
    with pytest.raises(MessageTooLong):
        await rig.say(session_id, "x" * 5001)
    async with rig.database.reading() as tx:
        with pytest.raises(NotSeated):
            await rig.simulation.open_turn(
                tx, session_id, Said(person="stranger", messages=(("Hi.", None),))
            )
        with pytest.raises(NoSession):
            await rig.simulation.open_turn(tx, "none", Said(person=PERSON, messages=()))
    await rig.step(session_id, "pause")
    with pytest.raises(SessionPaused):
        await rig.say(session_id, "Hello?")
    await rig.step(session_id, "end")
    with pytest.raises(SessionEnded):
        await rig.say(session_id, "Hello?")


async def test_what_cannot_be_started_leaves_nothing_behind(rig: Rig) -> None:
    async with rig.database.transaction() as tx:
        with pytest.raises(UnknownMode):
            await rig.simulation.start(tx, scenario(), people={"": PERSON}, mode="turbo")
        with pytest.raises(UnknownLanguage):
            await rig.simulation.start(tx, scenario(), people={"": PERSON}, language="xx")
        with pytest.raises(NotSeated):
            await rig.simulation.start(tx, scenario(), people={"patient": PERSON})
        assert await sessions.of_person(tx, PERSON) == []


async def test_a_turn_that_meets_a_pause_is_refused_and_nothing_is_said(rig: Rig) -> None:
    session_id = await rig.start()
    thought = await rig.think(session_id, "When did it start?")
    spoken = await rig.simulation.speak(thought, Deadline())
    await rig.step(session_id, "pause")
    with pytest.raises(SequenceTaken):
        await rig.close(thought, spoken)
    assert (await rig.state(session_id)).status == "paused"


async def test_the_head_says_when_something_is_due_and_a_tick_moves_it_on(rig: Rig) -> None:
    cues = [
        {"id": "held", "when": {"minutes": 2, "unless_action": "order_film"}, "text": "A."},
        {"id": "rings", "when": {"minutes": 5}, "text": "B."},
    ]
    session_id = await rig.start(scenario(cues=cues))
    await rig.say(session_id, "Please get a film.")
    rig.clock.move(1)
    await rig.step(session_id, "tick")  # the film is here
    rig.clock.move(2)
    async with rig.database.reading() as tx:
        assert [one.id for one in await sessions.due(tx, rig.clock())] == [session_id]
    assert (await rig.step(session_id, "tick")).events == ()
    async with rig.database.reading() as tx:
        assert await sessions.due(tx, rig.clock()) == []  # it does not come due again and again
    rig.clock.move(2)
    outcome = await rig.step(session_id, "tick")
    assert [one.cue for one in outcome.events if isinstance(one, ev.CueFired)] == ["rings"]


async def test_care_ends_the_session_and_stores_no_word(rig: Rig) -> None:
    session_id = await rig.start()
    outcome = await rig.say(session_id, "Stop, I really want to die.", event_id="m1")
    assert (outcome.session.status, outcome.session.due) == ("abandoned", None)
    async with rig.database.reading() as tx:
        log = await events.of_session(tx, session_id)
    assert not any("die" in str(ev.to_body(one)).split() for one in log)
    assert not any(isinstance(one, ev.TraineeSaid) for one in log)


async def test_a_rehearsed_log_becomes_a_session(rig: Rig) -> None:
    made = scenario()
    played = Rehearsal(made, EmbeddedModel())
    for text in ("Hello.", "When did it start?", KIND):
        await played.say(text)
    played.step("end")
    async with rig.database.transaction() as tx:
        outcome = await rig.simulation.adopt(tx, made, played.log, owner="w2")
    assert outcome.state == played.state == await rig.state(outcome.session.id)
    assert (outcome.session.status, outcome.session.owner) == ("completed", "w2")
    assert outcome.session.completed_at == played.state.ended_at


async def test_a_log_of_another_scenario_is_not_adopted(rig: Rig) -> None:
    made = scenario()
    played = Rehearsal(made, EmbeddedModel())
    other = scenario(title="Another")
    for model, log in ((other, played.log), (made, played.log[1:]), (made, [])):
        async with rig.database.transaction() as tx:
            with pytest.raises(NotAllowedNow):
                await rig.simulation.adopt(tx, model, log)


async def test_an_interrupted_reply_is_marked_and_nothing_is_told_by_silence(rig: Rig) -> None:
    session_id = await rig.start()
    thought = await rig.think(session_id, "When did it start?")
    spoken = await rig.simulation.speak(thought, Deadline())
    cut = replace(spoken, text="It began", facts=(), cut=True)
    outcome = await rig.close(thought, cut)
    assert (outcome.utterances[-1].text, outcome.utterances[-1].cut) == ("It began", True)
    assert outcome.state.said == {}
    quiet = await rig.close(await rig.think(session_id, "Hello?"), replace(spoken, text=""))
    assert [one.role for one in quiet.utterances] == ["trainee"]
    assert quiet.state == fold(scenario(), quiet.events, outcome.state)


async def test_what_a_session_needs_is_learned_before_anybody_asks(sqlite: Database) -> None:
    learned: list[str] = []

    class Listening(Reader):
        def learn(self) -> None:
            learned.append("learned")
            super().learn()

    simulation = Simulation(
        EmbeddedModel(), now=lambda: at(0), id_of=lambda: "s1", reader_of=Listening
    )
    async with sqlite.transaction() as tx:
        await simulation.start(tx, scenario(), people={"": "p1"})
    await simulation.prepare()
    await simulation.prepare()
    assert learned == ["learned"]
