"""A log that grows between the reading of its head and of its events, on PostgreSQL.

There each statement sees what is stored by then, also in one transaction.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import pytest

from bot.retrying import again
from bot.store.database import Database
from bot.store.snapshots import snapshot
from engine.archive import Archive
from engine.errors import SequenceTaken
from engine.inputs import Input, Sit, Step
from engine.llm.port import Deadline
from engine.session import State
from engine.simulation import Simulation
from engine.store import Transaction
from engine.turns import Said
from tests.databases import Server
from tests.integration.simulation_rig import PERSON, Rig
from tests.locks import Looking


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[Database]:
    with postgres.database(migrated=True) as url:
        opened = Database(url)
        yield opened
        await opened.close()


class Raced:
    """A session in whose log somebody sits down, once, just before it is read."""

    def __init__(self, rig: Rig, session_id: str) -> None:
        self.rig = rig
        self.session_id = session_id
        self.raced = 0
        self._others = rig.simulation
        rig.restart()
        rig.clock.move(0.25)

    @property
    def simulation(self) -> Simulation:
        return self.rig.simulation

    def over(self, tx: Transaction) -> Any:
        return Looking(tx, self._look)

    async def _look(self, statement: Any, _params: Any) -> None:
        if str(statement).startswith("SELECT events.kind") and not self.raced:
            self.raced += 1
            async with self.rig.database.transaction() as tx:
                await self._others.apply(tx, self.session_id, _sits)


def _sits(_state: State, now: datetime) -> Input:
    return Sit(at=now, seat="student", person="p2")


async def step(raced: Raced) -> None:
    async with raced.rig.database.transaction() as tx:
        await raced.simulation.apply(
            raced.over(tx), raced.session_id, lambda _state, now: Step(at=now, verb="pause")
        )


async def turn(raced: Raced) -> None:
    said = Said(person=PERSON, messages=(("When did it start?", None),))
    async with raced.rig.database.reading() as tx:
        opened = await raced.simulation.open_turn(raced.over(tx), raced.session_id, said)
    thought = await raced.simulation.think(opened)
    await raced.rig.close(thought, await raced.simulation.speak(thought, Deadline()))


@pytest.mark.parametrize("write", [step, turn])
async def test_what_was_read_at_two_moments_is_not_written_to(
    database: Database, write: Callable[[Raced], Any]
) -> None:
    rig = Rig(database)
    session_id = await rig.start()
    await rig.say(session_id, "Hello.")
    raced = Raced(rig, session_id)
    before = (await rig.state(session_id)).seq
    with pytest.raises(SequenceTaken):
        await write(raced)
    assert raced.raced
    assert (await rig.state(session_id)).seq == before + 1  # what came between, alone


@pytest.mark.parametrize("write", [step, turn])
async def test_the_seal_holds_once_it_is_read_again(
    database: Database, write: Callable[[Raced], Any]
) -> None:
    rig = Rig(database)
    session_id = await rig.start()
    await rig.say(session_id, "Hello.")
    raced = Raced(rig, session_id)
    await again(lambda: write(raced))
    assert raced.raced
    async with snapshot(database) as tx:
        found = await Archive(rig.simulation.read).replay(tx, session_id)
    assert (found.problems, found.sealed) == ((), True)
