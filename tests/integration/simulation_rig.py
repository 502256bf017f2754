"""A simulation over a real database, with models that do as they are told."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta

from bot.store.database import Database
from engine.errors import ModelUnavailable
from engine.inputs import Input, Step
from engine.llm.embedded import EmbeddedModel
from engine.llm.port import (
    Answer,
    Deadline,
    Decided,
    Done,
    Model,
    ModelLimits,
    Question,
    Text,
    ToolCall,
    Usage,
)
from engine.prompting import Prompt
from engine.scenario import Scenario
from engine.session import State
from engine.simulation import Simulation
from engine.turns import Outcome, Said, Spoken, ThoughtTurn
from tests.integration.making import at
from tests.unit.engine.rules_scene import scenario

PERSON = "p1"


class Scripted:
    """Says the given lines in turn; an exception is raised, a tool call is made."""

    name = "scripted"
    limits = ModelLimits(
        prompt_tokens=9999, answer_tokens=999, streams=True, tools=True, decides=False
    )

    def __init__(self, *lines: str | ToolCall | Exception) -> None:
        self._lines = iter(lines)
        self.prompts: list[Prompt] = []

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        self.prompts.append(prompt)
        await asyncio.sleep(0)
        line = next(self._lines)
        if isinstance(line, Exception):
            raise line
        yield line if isinstance(line, ToolCall) else Text(line)
        yield Done(
            usage=Usage(input=10, output=5),
            response_id=f"r{len(self.prompts)}",
            stop="end",
            model="scripted-1",
        )

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        raise ModelUnavailable(self.name, "cannot")


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = at(0)

    def __call__(self) -> datetime:
        return self.at

    def move(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


class Rig:
    """One database, one simulation over it, and the steps of a turn."""

    def __init__(self, database: Database, model: Model | None = None) -> None:
        self.database = database
        self.clock = Clock()
        self._ids = itertools.count(1)
        self.restart(model)

    def restart(self, model: Model | None = None) -> None:
        """Another process takes over: nothing is left in memory."""
        self.simulation = Simulation(
            model or EmbeddedModel(), self.clock, lambda: f"s{next(self._ids)}"
        )

    async def start(self, made: Scenario | None = None) -> str:
        async with self.database.transaction() as tx:
            outcome = await self.simulation.start(
                tx, made or scenario(), people={"": PERSON}, seed=1, owner="w1"
            )
        return outcome.session.id

    async def think(self, session_id: str, *texts: str, event_id: str | None = None) -> ThoughtTurn:
        messages = tuple((text, event_id if at == 0 else None) for at, text in enumerate(texts))
        async with self.database.reading() as tx:
            turn = await self.simulation.open_turn(
                tx, session_id, Said(person=PERSON, messages=messages)
            )
        return await self.simulation.think(turn)

    async def close(self, thought: ThoughtTurn, spoken: Spoken) -> Outcome:
        async with self.database.transaction() as tx:
            outcome = await self.simulation.close_turn(tx, thought, spoken)
        self.simulation.remember(outcome)
        return outcome

    async def say(self, session_id: str, *texts: str, event_id: str | None = None) -> Outcome:
        self.clock.move(0.25)
        thought = await self.think(session_id, *texts, event_id=event_id)
        spoken = await self.simulation.speak(thought, Deadline())
        return await self.close(thought, spoken)

    async def apply(self, session_id: str, make: Callable[[State, datetime], Input]) -> Outcome:
        async with self.database.transaction() as tx:
            return await self.simulation.apply(tx, session_id, make)

    async def step(self, session_id: str, verb: str) -> Outcome:
        return await self.apply(session_id, lambda _state, now: Step(at=now, verb=verb))

    async def state(self, session_id: str) -> State:
        async with self.database.reading() as tx:
            _, _, state = await self.simulation.read(tx, session_id)
        return state
