"""Calls that are kept before they are made: they take one place, and count once, come what may."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.bench.vendors import Say, Trouble
from bot.delivery.leases import LeaseLost
from bot.dialogue import Dialogue
from bot.journal import StoredJournal
from bot.store.database import Database
from engine.calls import Call
from engine.errors import NoSession
from engine.llm.access import Access
from engine.llm.anthropic import anthropic_model
from engine.llm.breaker import OwnShelf
from engine.llm.chain import Chain
from engine.llm.clients import Clients
from engine.llm.embedded import EmbeddedModel
from engine.llm.link import Link
from engine.llm.port import Deadline
from engine.simulation import Simulation
from engine.store import Transaction, ledger, spending
from engine.turns import Outcome, Said
from tests.integration.chain_rig import FIRST, HAIKU, QUICK, Stand, guard, standing
from tests.integration.making import at, begun
from tests.integration.simulation_rig import PERSON, Rig
from tests.integration.test_degraded import GOOD, calls_of
from tests.integration.test_spending import call

LIKELY = replace(call("", 40), status="started", response_id=None)
SOON = at(2)


class Counting:
    """A journal that also tells how often it was asked."""

    def __init__(self, database: Database) -> None:
        self.begun = 0
        self._stored = StoredJournal(database)

    async def begin(self, session_id: str, call: Call, within: timedelta) -> int | None:
        self.begun += 1
        return await self._stored.begin(session_id, call, within)


def rig_over(database: Database, stand: Stand) -> tuple[Rig, Counting]:
    rig, journal = Rig(database), Counting(database)
    rig.simulation = Simulation(stand.chain, rig.clock, lambda: "s1", journal=journal)
    return rig, journal


async def conversation(database: Database) -> int:
    async with database.reading() as tx:
        sums = await spending.spent(tx, session_id="s1", person="p1", owner="w1", at=at(1))
        totals = await ledger.totals(tx, "s1")
    assert sums["conversation"] == sums["person"] == sums["workspace"] == totals.cost_micro_usd
    return sums["conversation"]


async def rows(database: Database) -> list[tuple[int, str, int]]:
    async with database.reading() as tx:
        found = await ledger.of_session(tx, "s1")
    return [(one.number, one.call.status, one.call.cost_micro_usd) for one in found]


async def test_what_was_announced_is_entered_in_its_place(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        first = await ledger.begin(tx, "s1", LIKELY, SOON)
        second = await ledger.begin(tx, "s1", LIKELY, SOON)
    assert (first, second) == (1, 2)
    assert await conversation(database) == 0
    nameless = replace(call("", 2), entry=second)  # its provider gave no id to know it by
    done = [replace(call("r1", 7), entry=first), call("r2", 1), nameless]
    for _ in range(2):  # the second time it is known
        async with database.transaction() as tx:
            assert await ledger.append(tx, "s1", done) == [1, 3, 2]
        assert await rows(database) == [(1, "posted", 7), (2, "posted", 2), (3, "posted", 1)]
        assert await conversation(database) == 10


async def test_what_comes_late_counts_as_it_really_was(database: Database) -> None:
    async with database.transaction() as tx:
        await begun(tx, "s1", "p1")
        for _ in range(3):
            await ledger.begin(tx, "s1", LIKELY, SOON)
    journal = StoredJournal(database)
    assert await journal.give_up(at(1)) == 0
    assert await journal.give_up(SOON) == 3
    assert await conversation(database) == 120
    known = replace(call("r1", 55), entry=2)
    async with database.transaction() as tx:
        await ledger.append(tx, "s1", [replace(call("r1", 55), entry=1)])
        await ledger.append(tx, "s1", [known])  # an answer that is known already
        await ledger.append(tx, "s1", [replace(call("r2", 3), entry=3)])
    assert await rows(database) == [(1, "posted", 55), (3, "posted", 3)]
    assert await conversation(database) == 58


async def test_a_session_that_is_gone_takes_its_calls_with_it(database: Database) -> None:
    assert await StoredJournal(database).begin("nowhere", LIKELY, timedelta(seconds=9)) is None
    async with database.transaction() as tx:
        with pytest.raises(NoSession):
            await ledger.lose(tx, "nowhere", 1)


async def test_a_turn_leaves_no_call_open(database: Database) -> None:
    async with standing() as stand:
        rig, journal = rig_over(database, stand)
        await rig.start()
        stand.first.plan(Trouble(shape="cut"), Say(text=GOOD))
        stand.second.plan(Say(text=GOOD))
        await rig.say("s1", "When did it begin?")
        await rig.say("s1", "Where does it hurt?")
    assert journal.begun == 3
    found = await calls_of(rig)
    assert [one.status for one in found] == ["failed", "posted", "posted"]
    async with database.reading() as tx:
        assert await ledger.late(tx, at(10_000)) == []


async def test_a_turn_that_could_not_be_stored_leaves_none_open(database: Database) -> None:
    async def commit(_tx: Transaction, _outcome: Outcome) -> None:
        raise LeaseLost("s1")

    async with standing() as stand:
        rig, _ = rig_over(database, stand)
        await rig.start()
        stand.first.plan(Say(text=GOOD))
        dialogue = Dialogue(database, rig.simulation, 25.0)
        said = Said(person=PERSON, messages=(("When did it begin?", "e1"),))
        with pytest.raises(LeaseLost):
            await dialogue.take("s1", said, commit)
    [one] = await calls_of(rig)
    assert one.status == "superseded"


async def test_what_found_no_place_among_our_calls_took_nothing(database: Database) -> None:
    async with standing() as stand:
        full = Clients(simultaneous=0)
        model = anthropic_model(HAIKU, Access(base_url=stand.first.url), full, QUICK)
        guarded = guard(FIRST, OwnShelf(), stand.room.now)
        one = Link(model=model, provider="anthropic", named=HAIKU, breaker=guarded)
        rig, journal = Rig(database), Counting(database)
        chain = Chain([one, stand.chain.links[-1]])
        rig.simulation = Simulation(chain, rig.clock, lambda: "s1", journal=journal)
        await rig.start()
        thought = await rig.think("s1", "When did it begin?")
        soon = Deadline(asyncio.get_running_loop().time() + 3.2)
        await rig.close(thought, await rig.simulation.speak(thought, soon))
    first, last = await calls_of(rig)
    assert (first.status, first.reason, first.cost_micro_usd) == ("failed", "no_time", 0)
    assert (last.provider, journal.begun) == ("embedded", 1)


async def test_the_embedded_persona_is_never_announced(database: Database) -> None:
    async with standing() as stand:
        rig, journal = Rig(database), Counting(database)
        own = Chain(stand.chain.links[-1:])
        for model in (own, EmbeddedModel()):
            rig.simulation = Simulation(
                model, rig.clock, lambda: "s1", listener=own, journal=journal
            )
            if model is own:
                await rig.start()
            await rig.say("s1", "When did it begin?")
    assert journal.begun == 0
    assert [one.provider for one in await calls_of(rig)] == ["embedded", "embedded"]
