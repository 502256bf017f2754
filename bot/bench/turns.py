"""How long a turn takes, store included, and its parts without one."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.bench import Figure
from bot.people import Identity, consent, person_of
from bot.settings import Settings
from bot.wiring import App, intents_of, running
from engine.classify import Reader
from engine.llm.select import build, parse_choice
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from engine.store import Transaction
from engine.turns import Outcome, Said

ROUNDS = 3


def run() -> Iterator[Figure]:
    """A turn of each scenario: from the words to the stored reply, on SQLite with full sync."""
    stored, alone = asyncio.run(_measured())
    for name, times in stored.items():
        yield {"scenario": name, "turns": len(times), **_percentiles(times)}
    everything = [one for times in stored.values() for one in times]
    bare = [one for times in alone.values() for one in times]
    yield {"scenario": "all", "turns": len(everything), **_percentiles(everything)}
    yield {"scenario": "all, no store", "turns": len(bare), **_percentiles(bare)}
    ratio = statistics.median(everything) / statistics.median(bare)
    yield {"ratio": "p50 with the store to p50 without", "value": round(ratio, 2)}


async def _measured() -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    stored: dict[str, list[float]] = {}
    alone: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=None)
        async with running(settings) as app:
            for scenario in app.services.catalog.published():
                lines = _lines(scenario)
                stored[scenario.id] = await _stored(app, scenario, lines)
                alone[scenario.id] = await _alone(app, scenario, lines)
    return stored, alone


def _lines(scenario: Scenario) -> list[str]:
    """Questions of the scenario's own facts, one a fact, as a trainee might type them."""
    return [fact.asks[0] for fact in scenario.facts if fact.asks][:25]


async def _stored(app: App, scenario: Scenario, lines: Sequence[str]) -> list[float]:
    times: list[float] = []
    async with app.services.database.transaction() as tx:
        who = Identity(platform="api", workspace="bench", user_id="bench")
        person = await person_of(tx, who, at=app.services.now())
        await consent(tx, person.id, at=app.services.now())
    for _ in range(ROUNDS):
        async with app.services.database.transaction() as tx:
            started = await app.services.simulation.start(tx, scenario, people={"": person.id})
        for line in lines:
            async with app.services.database.reading() as tx:
                _, _, state = await app.services.simulation.read(tx, started.session.id)
            if state.over:
                break
            begun = time.perf_counter()
            said = Said(person=person.id, messages=((line, None),))
            await app.dialogue.take(started.session.id, said, _nothing_more)
            times.append(time.perf_counter() - begun)
    return times


async def _nothing_more(_tx: Transaction, _outcome: Outcome) -> None:
    """Store the turn alone."""


async def _alone(app: App, scenario: Scenario, lines: Sequence[str]) -> list[float]:
    times: list[float] = []
    reader = Reader(scenario, intents_of(app.settings))
    reader.learn()
    for _ in range(ROUNDS):
        rehearsal = Rehearsal(scenario, build(parse_choice("embedded")), reader=reader)
        for line in lines:
            if rehearsal.state.over:
                break
            begun = time.perf_counter()
            await rehearsal.say(line)
            times.append(time.perf_counter() - begun)
    return times


def _percentiles(times: Sequence[float]) -> Figure:
    ordered = sorted(times)
    return {
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 2),
        "p99_ms": round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
    }
