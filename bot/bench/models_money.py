"""What a conversation costs on the test profile, and what turns take while a provider is down."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bot.bench import Figure
from bot.bench.vendors import Trouble, vendor
from bot.bench.vendors.server import cached_from
from bot.models import Models, chosen_of, embedded_models, models_of
from bot.observability import configure
from bot.settings import Settings
from bot.wiring import catalog_of, intents_of
from engine.classify import Reader
from engine.llm.breaker import FIRST_REST, IN_A_ROW, OwnShelf
from engine.llm.port import Deadline, Done
from engine.llm.tab import Tab
from engine.prompting import Prompt
from engine.rehearsal import Rehearsal

SCENARIO: Final = "chest-pain"
TURNS: Final = 20
WAITING: Final = 1_000
TURN_SECONDS: Final = 25.0


def run() -> Iterator[Figure]:
    """A conversation for each vendor's model of the test profile, then an outage."""
    configure("error")  # failures are the point here, and figures are all that is printed
    for provider in ("anthropic", "openai"):
        yield asyncio.run(_conversation(provider))
    yield asyncio.run(_outage())


def _settings(provider: str, url: str) -> Settings:
    section = {provider: {"api_key": "of-a-bench", "base_url": url}}
    return Settings(_env_file=None, profile="test", **section)  # type: ignore[arg-type]


def _questions(reader: Reader, rehearsal: Rehearsal) -> list[str]:
    known = reader.questions(rehearsal.state, reader.read(rehearsal.state, "Hello").addressed)
    return [asks[0] for asks in known.values()]


async def _conversation(provider: str) -> Figure:
    """All calls of twenty turns, as the ledger would hold them."""
    async with vendor("anthropic" if provider == "anthropic" else "openai") as server:
        settings = _settings(provider, server.url)
        chosen = chosen_of(settings)
        server.cache.cached_from = cached_from(server.provider, chosen.roles["persona"][0].model)
        models = models_of(chosen, OwnShelf(), lambda: datetime.now(UTC))
        scenario = catalog_of(settings).get(SCENARIO)
        reader = Reader(scenario, intents_of(settings))
        rehearsal = Rehearsal(scenario, models.persona, reader=reader)
        asks = _questions(reader, rehearsal)
        said = [await rehearsal.say(asks[turn % len(asks)]) for turn in range(TURNS)]
        calls = [call for exchange in said for call in exchange.spoken.calls]
        await models.clients.aclose()
    return {
        "case": "conversation",
        "model": models.persona.name,
        "turns": TURNS,
        "calls": len(calls),
        "usd": round(sum(call.cost_micro_usd for call in calls) / 1_000_000, 5),
        "target_usd": 0.01,
        "read_share": round(server.read_share, 3),
    }


async def _outage() -> Figure:
    """Turns while one provider answers 500 to everything, and there is no other."""
    clock = [datetime.now(UTC)]
    async with vendor("anthropic", lambda _kept: Trouble(shape="status", status=500)) as server:
        chosen = chosen_of(_settings("anthropic", server.url))
        models = models_of(chosen, OwnShelf(), lambda: clock[0])
        prompt = _prompt(Settings(_env_file=None))
        first = [await _turn(models, prompt) for _ in range(IN_A_ROW)]
        until_open = len(server.requests)
        following = await _turn(models, prompt)
        waiting = await asyncio.gather(*(_turn(models, prompt) for _ in range(WAITING)))
        while_open = len(server.requests) - until_open
        clock[0] += FIRST_REST * 2
        await asyncio.gather(*(_turn(models, prompt) for _ in range(WAITING)))
        probes = len(server.requests) - until_open - while_open
        await models.clients.aclose()
    return {
        "case": "provider down",
        "first_turns_seconds": round(max(first), 3),
        "next_turn_seconds": round(following, 3),
        "waiting": WAITING,
        "slowest_of_waiting_seconds": round(max(waiting), 3),
        "requests_until_open": until_open,
        "requests_while_open": while_open,
        "probes_a_cool_down": probes,
    }


def _prompt(settings: Settings) -> Prompt:
    scenario = catalog_of(settings).get(SCENARIO)
    prompt = Rehearsal(scenario, embedded_models().persona).thought("Where does it hurt?").prompt
    if prompt is None:
        raise LookupError(f"nobody answers in {SCENARIO}")
    return prompt


async def _turn(models: Models, prompt: Prompt) -> float:
    """Seconds until a turn has its answer, whoever gives it."""
    began = time.perf_counter()
    deadline = Deadline(asyncio.get_running_loop().time() + TURN_SECONDS)
    tab, done = Tab(), False
    async for piece in models.persona.play(prompt, deadline, tab):
        done = done or isinstance(piece, Done)
    if not done:
        raise LookupError("a turn got no answer")
    return time.perf_counter() - began
