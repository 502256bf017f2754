"""What is in use is learned once a process is ready, then what may begin; loading eats no time."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from bot.dialogue import Dialogue
from bot.services import Services
from bot.store.database import Database
from bot.warming import Warming
from bot.wiring import assembled
from engine.classify import Reader
from engine.llm.embedded import EmbeddedModel
from engine.llm.port import Deadline, Done, Text, ToolCall
from engine.prompting import Prompt
from engine.scenario import Scenario
from engine.simulation import Simulation
from engine.store import Transaction
from engine.turns import Outcome, Said
from tests.integration.web.rig import settings_for

USED = "technical-support-training"
TURN_SECONDS = 25.0


class Noting(EmbeddedModel):
    """Notes until when it may speak."""

    until = 0.0

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        """As the embedded persona does."""
        self.until = deadline.at
        async for piece in super().stream(prompt, deadline):
            yield piece


class Learned(list[tuple[str, float]]):
    """Which scenarios were learned, in order, each with the time."""

    def reader_of(self, scenario: Scenario) -> Reader:
        """A reader that notes that it learned."""
        learned = self

        class Listening(Reader):
            def learn(self) -> None:
                learned.append((scenario.id, time.monotonic()))

        return Listening(scenario)

    @property
    def ids(self) -> list[str]:
        """The scenarios alone."""
        return [one for one, _ in self]


def services_of(database: Database, folder: Path, simulation: Simulation) -> Services:
    """What an application has, with this simulation."""
    settings = settings_for(database.url.render_as_string(hide_password=False), folder)
    clock = SystemClock()
    return replace(assembled(settings, database, clock.now, clock).services, simulation=simulation)


def simulation_of(learned: Learned, model: EmbeddedModel | None = None) -> Simulation:
    """One whose readers say that they learned."""
    ids = iter(["s1"])
    return Simulation(
        model or EmbeddedModel(),
        now=SystemClock().now,
        id_of=lambda: next(ids),
        reader_of=learned.reader_of,
    )


async def begun(database: Database, services: Services) -> str:
    """A session that goes on."""
    scenario = services.catalog.get(USED)
    async with database.transaction() as tx:
        outcome = await services.simulation.start(tx, scenario, people={"": "p1"})
    return outcome.session.id


async def nothing_more(_tx: Transaction, _outcome: Outcome) -> None:
    """Store the turn alone."""


async def test_what_is_in_use_comes_first_and_the_rest_one_by_one(
    database: Database, tmp_path: Path
) -> None:
    await begun(database, services_of(database, tmp_path, simulation_of(Learned())))
    learned = Learned()
    services = services_of(database, tmp_path, simulation_of(learned))
    warming = Warming(services)
    await warming.step()
    assert learned.ids == [USED]
    with services.hub.turning("s1"):
        await warming.step()
    assert learned.ids == [USED]  # whoever has a turn comes first
    published = [one.id for one in services.catalog.published()]
    for count in range(2, len(published) + 1):
        await warming.step()
        assert len(learned) == count
    await warming.step()
    assert learned.ids == [USED, *(one for one in published if one != USED)]


async def test_a_store_that_is_away_is_asked_again(tmp_path: Path, sqlite: Database) -> None:
    learned = Learned()
    services = services_of(sqlite, tmp_path, simulation_of(learned))
    away = Database(f"postgresql://nobody@/none?host={tmp_path}")
    warming = Warming(replace(services, database=away))
    await warming.step()
    await warming.step()
    await away.close()
    assert learned == []


@pytest.mark.parametrize("prepared", [True, False])
async def test_the_time_of_a_turn_begins_once_all_is_loaded(
    sqlite: Database, tmp_path: Path, prepared: bool
) -> None:
    learned, model = Learned(), Noting()
    simulation = simulation_of(learned, model)
    session_id = await begun(sqlite, services_of(sqlite, tmp_path, simulation))
    if prepared:
        await simulation.prepare()
    said = Said(person="p1", messages=(("Good morning, how are you?", None),))
    before = asyncio.get_running_loop().time()
    dialogue = Dialogue(sqlite, simulation, TURN_SECONDS)
    await dialogue.take(session_id, said, nothing_more)
    [(_, at)] = learned
    assert model.until - TURN_SECONDS >= max(before, at)
