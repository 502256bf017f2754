"""Turns of a simulation when models fail: nothing is lost, all is marked, all is paid."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.bench.vendors import Say, Trouble
from bot.delivery.leases import LeaseLost
from bot.dialogue import Dialogue
from bot.store.database import Database
from engine.calls import Call
from engine.cutting import Cut
from engine.events import CharacterSaid
from engine.llm.budget import Budgets
from engine.llm.chain import Chain
from engine.llm.port import Deadline
from engine.simulation import Simulation
from engine.store import Transaction, ledger
from engine.turns import Outcome, Said
from tests.integration.chain_rig import FIRST, LAST, SECOND, Stand, standing
from tests.integration.simulation_rig import PERSON, Rig

GOOD = "It began on Monday, after lunch."


def rig_over(database: Database, stand: Stand, **more: object) -> Rig:
    rig = Rig(database)
    rig.simulation = Simulation(stand.chain, rig.clock, lambda: "s1", **more)  # type: ignore[arg-type]
    return rig


async def calls_of(rig: Rig) -> Sequence[Call]:
    async with rig.database.reading() as tx:
        return [one.call for one in await ledger.of_session(tx, "s1")]


def line(events: Sequence[object]) -> CharacterSaid:
    [said] = [one for one in events if isinstance(one, CharacterSaid)]
    return said


async def test_a_stand_in_is_marked_kept_and_paid(database: Database) -> None:
    async with standing() as stand:
        rig = rig_over(database, stand)
        await rig.start()
        stand.first.plan(Trouble(shape="silent"), Say(text=GOOD))
        stand.second.plan(Say(text=GOOD), Say(text="I told you that."))
        said = line((await rig.say("s1", "When did it begin?")).events)
        assert (said.text, said.model, said.degraded, said.outage) == (GOOD, SECOND, True, False)
        # The voice stays the same while it can, though the first would answer again.
        said = line((await rig.say("s1", "Where does it hurt?")).events)
        assert (said.model, said.degraded) == (SECOND, True)
        assert len(stand.first.requests) == 1
    found = await calls_of(rig)
    assert [(one.provider, one.status, one.reason) for one in found] == [
        ("anthropic", "failed", "first_token"),
        ("openai", "posted", ""),
        ("openai", "posted", ""),
    ]
    assert found[0].usage.estimated
    assert all(one.cost_micro_usd for one in found)
    async with database.reading() as tx:
        totals = await ledger.totals(tx, "s1")
    assert totals.cost_micro_usd == sum(one.cost_micro_usd for one in found)
    assert (await rig.state("s1")).utterances[-1].degraded


async def test_what_was_shown_of_a_broken_answer_is_replaced(sqlite: Database) -> None:
    shown: list[str] = []

    async def show(text: str) -> None:
        shown.append(text)

    async with standing() as stand:
        rig = rig_over(sqlite, stand)
        await rig.start()
        stand.first.plan(Trouble(shape="cut", text="It is cold here. I was going to s"))
        stand.second.plan(Say(text=GOOD))
        thought = await rig.think("s1", "When did it begin?")
        spoken = await rig.simulation.speak(thought, Deadline(), show)
    assert spoken.text == GOOD
    assert shown[0] == "It is cold here."
    assert shown[-1] == GOOD


async def test_with_everybody_away_the_session_goes_on(sqlite: Database) -> None:
    async with standing() as stand:
        rig = rig_over(sqlite, stand)
        await rig.start()
        stand.first.plan(*[Trouble(shape="status", status=500)] * 2)
        stand.second.plan(*[Trouble(shape="status", status=500)] * 2)
        said = line((await rig.say("s1", "When did it begin?")).events)
        assert (said.model, said.degraded, said.outage) == (LAST, True, False)
        said = line((await rig.say("s1", "When did it begin?")).events)
        assert said.text
        stand.first.plan(Say(text=GOOD))
        said = line((await rig.say("s1", "Where does it hurt?")).events)
        assert (said.model, said.degraded) == (FIRST, False)


async def test_without_a_stand_in_an_outage_line_is_left_and_never_scored(
    sqlite: Database,
) -> None:
    async with standing() as stand:
        chain = Chain(stand.chain.links[:1], pause=stand.room.pause)
        rig = Rig(sqlite)
        rig.simulation = Simulation(chain, rig.clock, lambda: "s1")
        await rig.start()
        stand.first.plan(Trouble(shape="status", status=500))
        said = line((await rig.say("s1", "When did it begin?")).events)
        assert (said.outage, said.degraded, said.model) == (True, True, "authored")


async def test_a_spent_budget_is_noticed_between_turns(database: Database) -> None:
    async with standing() as stand:
        rig = rig_over(database, stand, budgets=Budgets(conversation=1))
        await rig.start()
        stand.first.plan(Say(text=GOOD))
        said = line((await rig.say("s1", "When did it begin?")).events)
        assert (said.model, said.degraded) == (FIRST, False)
        said = line((await rig.say("s1", "Where does it hurt?")).events)
        assert (said.model, said.degraded, said.outage) == (LAST, True, False)
        assert len(stand.first.requests) == 1


@pytest.mark.parametrize("while_speaking", [True, False])
async def test_what_somebody_cut_off_is_paid(sqlite: Database, *, while_speaking: bool) -> None:
    async with standing() as stand:
        rig = rig_over(sqlite, stand)
        await rig.start()
        stand.first.plan(Say(text="It is cold. I do not know. It is late.", pause=0.3))
        thought = await rig.think("s1", "When did it begin?")
        cut, begun = Cut(), asyncio.Event()

        async def show(_text: str) -> None:
            begun.set()

        if not while_speaking:
            cut.now()
        speaking = asyncio.create_task(rig.simulation.speak(thought, Deadline(), show, cut))
        if while_speaking:
            await begun.wait()
            cut.now()
        outcome = await rig.close(thought, await speaking)
    assert outcome.session.id == "s1"
    found = [(one.provider, one.status, one.reason) for one in await calls_of(rig)]
    assert found == ([("anthropic", "failed", "cut")] if while_speaking else [])


async def test_a_turn_that_could_not_be_stored_is_paid(database: Database) -> None:
    async def commit(_tx: Transaction, _outcome: Outcome) -> None:
        raise LeaseLost("s1")

    async with standing() as stand:
        rig = rig_over(database, stand)
        await rig.start()
        stand.first.plan(Say(text=GOOD))
        dialogue = Dialogue(database, rig.simulation, 25.0)
        said = Said(person=PERSON, messages=(("When did it begin?", "e1"),))
        with pytest.raises(LeaseLost):
            await dialogue.take("s1", said, commit)
    [call] = await calls_of(rig)
    assert (call.provider, call.status) == ("anthropic", "superseded")
    assert call.cost_micro_usd > 0
    assert (await rig.state("s1")).turns == 0
