"""Looks for sealed facts and other secrets in what is really sent to model providers.

Whole sessions are played through the providers' own libraries, against stand-ins that keep every
request. So whatever leaves this machine is looked at, and not only what was meant to.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from bot.bench.leak import ATTACKS, WARM, LeakCount, Search, lines_of
from bot.bench.vendors import Kept, Vendor, vendor
from bot.bench.vendors.server import Provider
from engine.casting import mode_names
from engine.classify import Reader
from engine.errors import SimulationError
from engine.gate import sealed
from engine.intents import NO_INTENTS, Intents
from engine.listening import Listener
from engine.llm.access import Access, Patience
from engine.llm.anthropic import anthropic_model
from engine.llm.chain import chain_of
from engine.llm.clients import Clients
from engine.llm.local import local_model
from engine.llm.openai import openai_model
from engine.llm.port import Deadline, Model
from engine.llm.tab import Tab
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from engine.scenario.exhibits import Radiology
from engine.thinking import readings
from engine.turns import ThoughtTurn
from engine.words import content_stems, normal

MAKES: Final[Mapping[Provider, Callable[[str, Access, Clients, Patience | None], Model]]] = {
    "anthropic": anthropic_model,
    "openai": openai_model,
    "local": local_model,
}
PROVIDERS: Final[tuple[Provider, ...]] = tuple(MAKES)
HEARD: Final = 5
"""In one turn of so many, a model also hears which questions were asked."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_WORDS = 4
"""A secret text counts from so many content words on; shorter ones stand in any talk."""


@dataclass(slots=True)
class RequestCount:
    """How many requests were looked at, and what was found in them."""

    leaks: LeakCount = field(default_factory=LeakCount)
    requests: int = 0
    bytes: int = 0
    private: int = 0

    def __add__(self, other: "RequestCount") -> "RequestCount":
        return RequestCount(
            leaks=self.leaks + other.leaks,
            requests=self.requests + other.requests,
            bytes=self.bytes + other.bytes,
            private=self.private + other.private,
        )


def count_in_requests(
    scenarios: Iterable[Scenario],
    *,
    intents: Intents = NO_INTENTS,
    providers: Sequence[Provider] = PROVIDERS,
    every: int = 1,
) -> RequestCount:
    """Play all scenarios, with one line in `every` of all there are, and search all requests."""
    return asyncio.run(_counted(scenarios, intents, providers, every))


async def _counted(
    scenarios: Iterable[Scenario], intents: Intents, providers: Sequence[Provider], every: int
) -> RequestCount:
    total = RequestCount()
    for scenario in scenarios:
        reader = Reader(scenario, intents)
        search = RequestSearch(scenario)
        for provider in providers:
            async with recorded(provider) as (model, server):
                for mode in mode_names(scenario):
                    total += await played(scenario, mode, model, server, reader, search, every)
    return total


@asynccontextmanager
async def recorded(provider: Provider, window: int = 0) -> AsyncGenerator[tuple[Model, Vendor]]:
    """A provider's model, over a stand-in that keeps all requests; `window` as in `Access`."""
    clients = Clients()
    async with vendor(provider) as server:
        access = Access(api_key="none", base_url=server.url, window=window)
        try:
            yield MAKES[provider]("model-1", access, clients, None), server
        finally:
            await clients.aclose()


async def played(
    scenario: Scenario,
    mode: str,
    model: Model,
    server: Vendor,
    reader: Reader,
    search: "RequestSearch",
    every: int,
) -> RequestCount:
    """Play one mode, warm and with orders taken, in as many sessions as it takes."""
    count = RequestCount()
    rehearsal: Rehearsal | None = None
    for number, text in enumerate((*islice(lines_of(scenario), None, None, every), *ATTACKS[:6])):
        if rehearsal is None or rehearsal.state.over:
            rehearsal = Rehearsal(scenario, model, mode=mode, reader=reader, seed=number)
            for line in WARM:
                count += await _said(rehearsal, line, model, server, reader, search)
            _ordered(rehearsal)
        count += await _said(rehearsal, text, model, server, reader, search)
    return count


async def _said(
    rehearsal: Rehearsal,
    text: str,
    model: Model,
    server: Vendor,
    reader: Reader,
    search: "RequestSearch",
) -> RequestCount:
    """Say a line; now and then a model also hears which questions were asked in it."""
    if rehearsal.state.over:
        return RequestCount()
    thought = rehearsal.thought(text)
    await rehearsal.say(text)
    count = RequestCount()
    for kept in _taken(server):
        count += search.look(kept, thought)
    if rehearsal.state.turns % HEARD == 1:
        read = readings(thought.turn, reader)
        hears = Listener(chain_of(model))
        await hears.hear(reader, thought.turn, read, Deadline(), Tab(kind="classify"))
        for kept in _taken(server):
            count += search.look_at_questions(kept, thought)
    return count


def _taken(server: Vendor) -> tuple[Kept, ...]:
    """The requests that came in since the last time."""
    sent, server.requests[:] = tuple(server.requests), []
    return sent


def _ordered(rehearsal: Rehearsal) -> None:
    """Take every order there is that ends nothing."""
    for action in rehearsal.scenario.actions:
        if not action.ends_phase and action.command == "order" and not rehearsal.state.over:
            with suppress(SimulationError):  # an order for another seat
                rehearsal.act(action.command, action.match[0])


class RequestSearch:
    """Looks through the requests of one scenario; remembers what it has read."""

    def __init__(self, scenario: Scenario) -> None:
        self._search = Search(scenario)
        self._scenario = scenario
        self._private = {normal(text): text for text in private_texts(scenario)}

    def look(self, kept: Kept, thought: ThoughtTurn) -> RequestCount:
        """Everything in a request, but what the trainee said in so many words.

        `thought` is the turn that it was sent for: what is sealed then, is.
        """
        shut = {fact.id for fact in sealed(self._scenario, thought.state)}
        mine = {
            line
            for one in thought.state.utterances
            if one.role == "trainee"
            for line in _lines(one.text)
        }
        read = [line for text in strings_in(kept.body) for line in _lines(text)]
        lines = [line for line in read if not mine & {line, line.partition(": ")[2]}]
        told = frozenset(fact for line in lines for fact in self._search.given_away(line))
        own = frozenset(fact for line in mine for fact in self._search.given_away(line))
        whole = normal("\n".join(lines))
        return self._found(kept, thought, (told & shut) - own, whole, len(shut))

    def look_at_questions(self, kept: Kept, thought: ThoughtTurn) -> RequestCount:
        """A request that asks which questions were asked: it lists them, and holds no answer."""
        said = normal("\n".join(one.text for one in thought.state.utterances))
        whole = normal("\n".join(strings_in(kept.body)))
        facts = {
            fact.id
            for fact in self._scenario.facts
            for way in (fact.say, *fact.variants, fact.cover)
            if len(content_stems(way)) >= _WORDS and normal(way) in whole
            if normal(way) not in said
        }
        return self._found(kept, thought, facts, whole, len(self._scenario.facts))

    def _found(
        self, kept: Kept, thought: ThoughtTurn, facts: Iterable[str], whole: str, checks: int
    ) -> RequestCount:
        private = {text for plain, text in self._private.items() if plain in whole}
        place = f"{thought.turn.scenario.id}/{thought.state.mode}/{thought.speaker}"
        found = [f"{place}: {fact}" for fact in sorted(facts)]
        found += [f"{place}: private text of {len(text)} characters" for text in sorted(private)]
        return RequestCount(
            leaks=LeakCount(
                checks=checks + len(self._private), leaks=len(found), found=tuple(found)
            ),
            requests=1,
            bytes=len(kept.request.raw),
            private=len(self._private),
        )


def private_texts(scenario: Scenario) -> Iterator[str]:
    """What no character is ever told: how it is scored, what instructors know, what pictures mean.

    Cut into sentences; those of a few words are left out, for they stand in any talk.
    """
    rubric = scenario.rubric
    texts = [scenario.instructor_notes]
    for one in rubric.criteria:
        texts += [one.label, one.advice, *one.anchors.values()]
    if rubric.global_rating is not None:
        texts += [rubric.global_rating.label, *rubric.global_rating.levels]
    texts += [one.report for one in scenario.exhibits if isinstance(one, Radiology)]
    for text in texts:
        for sentence in _SENTENCE.findall(text):
            if len(set(content_stems(sentence))) >= _WORDS:
                yield sentence.strip()


def strings_in(thing: Any) -> Iterator[str]:
    """Every text in a piece of JSON, names of fields included."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Mapping):
        for name, one in thing.items():
            yield str(name)
            yield from strings_in(one)
    elif isinstance(thing, list):
        for one in thing:
            yield from strings_in(one)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
