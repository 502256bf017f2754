"""Language models through their vendors' libraries, against stand-ins on loopback.

What a cache saves, whether connections are freed, and how many turns fit in one process.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Final
from uuid import uuid4

from bot.bench import Figure, models_money
from bot.bench.leak_requests import MAKES, PROVIDERS
from bot.bench.vendors import Say, Vendor, vendor
from bot.bench.vendors.server import Provider, cached_from
from engine.llm.access import Access, Patience
from engine.llm.breaker import Breaker, OwnShelf
from engine.llm.chain import Chain
from engine.llm.clients import Clients
from engine.llm.embedded import EmbeddedModel
from engine.llm.link import Link
from engine.llm.port import Deadline, Done, Model
from engine.llm.prices import cost_of
from engine.llm.tab import Tab
from engine.prompting import Heard, Prompt, PromptFact
from engine.scenario.people import Persona, PersonaLines
from engine.usage import Usage

MODELS: Final[tuple[tuple[Provider, str, int], ...]] = (
    ("anthropic", "claude-haiku-5-5", 0),
    ("anthropic", "claude-sonnet-5-5", 0),
    ("openai", "gpt-6-luna", 0),
    ("local", "any", 0),
    ("local", "any", 16_384),
    ("local", "any", 32_768),
)
"""With the window in tokens that was named for it, 0 for none."""
TURNS: Final = 60
STATIC_TOKENS: Final = 6_000
ASKED_TOKENS, ANSWER_TOKENS, TAIL_TOKENS = 40, 90, 80
MANY_TURNS: Final = 500
AT_ONCE: Final = 1_000
_WORD: Final = "words7 "
_PATIENT: Final = Patience(connect=30.0, first=60.0, idle=60.0)
_PERSONA: Final = Persona(name="Ruth", lines=PersonaLines(unknown=("I don't know.", "No idea.")))


def run() -> Iterator[Figure]:
    """A long session of each vendor, then turns that are broken off, then many at once."""
    for provider, model, window in MODELS:
        yield asyncio.run(_session(provider, model, window))
    for provider in PROVIDERS:
        yield asyncio.run(_descriptors(provider))
    for provider in PROVIDERS:
        yield asyncio.run(_at_once(provider))
    yield from models_money.run()


def _text(tokens: int) -> str:
    return (_WORD * (tokens // 2)).strip()


def _prompt(turn: int) -> Prompt:
    """The prompt of a turn of one session, as long as those of real ones."""
    history: list[Heard] = []
    for before in range(1, turn):
        asked = Heard(seq=2 * before - 1, name="You", mine=False, text=_line(before, ASKED_TOKENS))
        said = Heard(seq=2 * before, name="Ruth", mine=True, text=_line(before, ANSWER_TOKENS))
        history += [asked, said]
    text = _line(turn, ASKED_TOKENS)
    return Prompt(
        static=_text(STATIC_TOKENS),
        history=tuple(history),
        said=text,
        answered=(Heard(seq=2 * turn - 1, name="You", mine=False, text=text),),
        facts=(PromptFact(id="one", say=_line(turn, TAIL_TOKENS - 20), standing="open"),),
        note=f"trust {turn}",
        name="Ruth",
        persona=_PERSONA,
        turn=turn,
    )


def _line(turn: int, tokens: int) -> str:
    return f"{turn}: {_text(tokens - 2)}"


@asynccontextmanager
async def _stood_in(
    provider: Provider, model: str = "model-1", window: int = 0
) -> AsyncGenerator[tuple[Model, Vendor]]:
    clients = Clients()
    async with vendor(provider) as server:
        server.cache.cached_from = cached_from(provider, model)
        access = Access(api_key="none", base_url=server.url, window=window)
        try:
            yield MAKES[provider](model, access, clients, _PATIENT), server
        finally:
            await clients.aclose()


async def _turn(model: Model, turn: int) -> Done | None:
    done = None
    async with aclosing(model.stream(_prompt(turn), Deadline())) as stream:
        async for piece in stream:
            if isinstance(piece, Done):
                done = piece
    return done


async def _session(provider: Provider, name: str, window: int) -> Figure:
    """What a session of many turns read from the cache, and what it would have cost without."""
    used: list[Usage] = []
    async with _stood_in(provider, name, window) as (model, server):
        cap = model.limits.prompt_tokens
        for turn in range(1, TURNS + 1):
            server.plan(Say(text=_line(turn, ANSWER_TOKENS)))
            done = await _turn(model, turn)
            if done is not None:
                used.append(done.usage)
    now = datetime.now(UTC)
    cost = sum(cost_of(provider, name, one, now) for one in used)
    plain = [Usage(input=one.input, output=one.output) for one in used]
    without = sum(cost_of(provider, name, one, now) for one in plain)
    tokens = sum(one.input for one in used)
    return {
        "session of": f"{provider}:{name}",
        "prompt cap": cap,
        "turns": len(used),
        "static tokens": STATIC_TOKENS,
        "input tokens": tokens,
        "share read from cache": round(sum(one.cache_read for one in used) / tokens, 4),
        "usd": round(cost / 1e6, 4),
        "usd without cache": round(without / 1e6, 4),
        "times cheaper": round(without / cost, 1) if cost else 0,
    }


async def _descriptors(provider: Provider) -> Figure:
    """How many descriptors are open before and after many turns, half of them broken off."""
    async with _stood_in(provider) as (model, server):
        server.answer = lambda _: Say(text="One. Two. Three. Four. " * 20)
        server.keeps = False
        for turn in range(20):
            await (_broken_off if turn % 2 else _turn)(model, 2)
        before = await _open(server)
        for turn in range(MANY_TURNS):
            await (_broken_off if turn % 2 else _turn)(model, 2)
        after = await _open(server)
    return {
        "descriptors of": provider,
        "turns": MANY_TURNS,
        "cancelled": MANY_TURNS // 2,
        "before": before,
        "after": after,
    }


async def _broken_off(model: Model, turn: int) -> None:
    began = asyncio.Event()

    async def listen() -> None:
        async with aclosing(model.stream(_prompt(turn), Deadline())) as stream:
            async for _ in stream:
                began.set()

    task = asyncio.create_task(listen())
    await began.wait()
    task.cancel()
    await asyncio.wait([task])


async def _open(server: Vendor) -> int:
    """Open descriptors, once the other end has noticed who left."""
    for _ in range(200):
        if server.open <= 1:
            break
        await asyncio.sleep(0.01)
    return await asyncio.to_thread(_descriptors_open)


def _descriptors_open() -> int:
    folder = Path("/proc/self/fd")
    return sum(1 for _ in folder.iterdir()) if folder.exists() else 0


async def _at_once(provider: Provider) -> Figure:
    """Many turns at the same moment, each of a provider that takes its time.

    As in a session: each has its deadline, and who gets no place in time is answered by another.
    """
    async with _stood_in(provider) as (model, server):
        chain = Chain(
            [
                Link(model=model, provider=provider, named=model.name, breaker=_breaker(model)),
                Link(model=EmbeddedModel(), provider="embedded", named="embedded"),
            ]
        )
        server.answer = lambda _: Say(text=_line(1, ANSWER_TOKENS), pause=0.05)
        server.keeps = False
        await _turn(model, 1)
        began = time.monotonic()
        took = await asyncio.gather(*(_timed(chain, model.name) for _ in range(AT_ONCE)))
        whole = time.monotonic() - began
    good = [one for one in took if one is not None]
    return {
        "at once": provider,
        "turns": AT_ONCE,
        "stood_in": AT_ONCE - len(good),
        "connections": server.most_open,
        "seconds": round(whole, 2),
        "p50_s": round(quantiles(good, n=100)[49], 2),
        "p95_s": round(quantiles(good, n=100)[94], 2),
    }


async def _timed(chain: Chain, name: str) -> float | None:
    """Seconds until a turn was answered by the model of that name; None: another stood in."""
    began = time.monotonic()
    tab = Tab()
    deadline = Deadline(asyncio.get_running_loop().time() + models_money.TURN_SECONDS)
    async for _ in chain.play(_prompt(2), deadline, tab):
        pass
    return time.monotonic() - began if tab.answered == name else None


def _breaker(model: Model) -> Breaker:
    return Breaker(
        model.name,
        model.name,
        OwnShelf(),
        now=lambda: datetime.now(UTC),
        random=random.random,
        token_of=lambda: uuid4().hex,
    )
