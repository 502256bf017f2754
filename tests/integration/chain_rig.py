"""Chains of models over stand-ins for their providers, and a room in which time costs nothing."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.bench.vendors import Vendor, vendor
from engine.errors import ModelUnavailable
from engine.llm.access import Access, Patience
from engine.llm.anthropic import anthropic_model
from engine.llm.breaker import Breaker, OwnShelf, Shelf
from engine.llm.chain import Anew, Chain
from engine.llm.clients import Clients
from engine.llm.embedded import EmbeddedModel
from engine.llm.link import Link
from engine.llm.openai import openai_model
from engine.llm.port import Deadline, Done, Text, ToolCall
from engine.llm.tab import Tab
from engine.prompting import Prompt

HAIKU, LUNA = "claude-haiku-5-5", "gpt-6-luna"
FIRST, SECOND, LAST = f"anthropic:{HAIKU}", f"openai:{LUNA}", "embedded"
QUICK = Patience(connect=20, first=3.0, idle=1.5)
_TOKENS = count()
T0 = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Room:
    """A clock for breakers, the pauses that were taken, and the failures that were told."""

    at: datetime = T0
    paused: list[float] = field(default_factory=list)
    told: list[ModelUnavailable] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    async def pause(self, seconds: float) -> None:
        self.paused.append(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A chain of three: Anthropic, OpenAI, embedded; the first two are stand-ins."""

    chain: Chain
    first: Vendor
    second: Vendor
    room: Room


def guard(name: str, shelf: Shelf, now: Callable[[], datetime]) -> Breaker:
    """A breaker as one process has it."""
    return Breaker(
        name, name, shelf, now=now, random=lambda: 0.5, token_of=lambda: f"t{next(_TOKENS)}"
    )


@asynccontextmanager
async def standing(
    *, shelf: Shelf | None = None, patience: Patience = QUICK, room: Room | None = None
) -> AsyncIterator[Stand]:
    """A chain that can be asked while the block runs."""
    room, shelf, clients = room or Room(), shelf or OwnShelf(), Clients()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(vendor("anthropic"))
        second = await stack.enter_async_context(vendor("openai"))
        stack.push_async_callback(clients.aclose)
        yield Stand(
            chain=chain_over(first, second, clients, shelf, room, patience),
            first=first,
            second=second,
            room=room,
        )


def chain_over(
    first: Vendor,
    second: Vendor,
    clients: Clients,
    shelf: Shelf,
    room: Room,
    patience: Patience = QUICK,
) -> Chain:
    """A chain as one process has it."""
    own = Link(model=EmbeddedModel(), provider="embedded", named="embedded")
    one = anthropic_model(HAIKU, Access(api_key="k", base_url=first.url), clients, patience)
    two = openai_model(LUNA, Access(api_key="k", base_url=second.url), clients, patience)
    links = [
        Link(model=one, provider="anthropic", named=HAIKU, breaker=guard(FIRST, shelf, room.now)),
        Link(model=two, provider="openai", named=LUNA, breaker=guard(SECOND, shelf, room.now)),
        own,
    ]
    return Chain(links, pause=room.pause, tell=room.told.append)


@dataclass(slots=True, kw_only=True)
class Answered:
    """What came out of a chain: `texts` are the answers, the last of which stands."""

    tab: Tab
    texts: list[str] = field(default_factory=lambda: [""])
    done: Done | None = None
    tool: ToolCall | None = None

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """The ledger's rows: provider, status, reason."""
        return [(one.provider, one.status, one.reason) for one in self.tab.calls]


async def asked(
    chain: Chain, prompt: Prompt, *, tab: Tab | None = None, deadline: Deadline | None = None
) -> Answered:
    """Ask a chain, and hear it out."""
    found = Answered(tab=tab or Tab(at=T0))
    async for piece in chain.play(prompt, deadline or Deadline(), found.tab):
        if isinstance(piece, Anew):
            found.texts.append("")
        elif isinstance(piece, Text):
            found.texts[-1] += piece.text
        elif isinstance(piece, ToolCall):
            found.tool = piece
        else:
            found.done = piece
    return found


def providers(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Who was asked, in order."""
    return [provider for provider, _, _ in rows]
