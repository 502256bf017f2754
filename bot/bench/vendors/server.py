"""A stand-in for one provider: what it was asked is kept, what it answers is planned."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

from bot.bench.vendors import chat, messages, responses
from bot.bench.vendors.cached import USUALLY, Account, PrefixCache
from bot.bench.vendors.http import Peer, Request
from bot.bench.vendors.plausible import plausible
from bot.bench.vendors.script import Answer, Trouble
from engine.llm.families import ANTHROPIC, OPENAI, family_of

Provider = Literal["anthropic", "openai", "local"]
_SIDES: Mapping[Provider, ModuleType] = {
    "anthropic": messages,
    "openai": responses,
    "local": chat,
}
STAND_IN = "stand-in"
"""The name of the tasks that serve."""
_PAGE = b"<html><body>It works!</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A request that asked for an answer, and its account."""

    number: int
    request: Request
    account: Account

    @property
    def body(self) -> Mapping[str, Any]:
        """What was asked, as JSON."""
        return self.request.body


@dataclass(slots=True, kw_only=True)
class Vendor:
    """A running stand-in. `answer` decides what is not planned; `models` are the ones it has.

    Without `models` it has every model.
    """

    provider: Provider
    answer: Callable[[Kept], Answer]
    url: str = ""
    requests: list[Kept] = field(default_factory=list)
    models: Mapping[str, Mapping[str, Any]] | None = None
    keeps: bool = True
    open: int = 0
    most_open: int = 0
    cache: PrefixCache = field(default_factory=PrefixCache)
    _planned: list[Answer] = field(default_factory=list)
    _serving: dict[asyncio.Task[None], Peer] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def plan(self, *answers: Answer) -> None:
        """What comes next, in this order."""
        self._planned.extend(answers)

    @property
    def read_share(self) -> float:
        """The share of all input that was read from the cache."""
        total = sum(one.account.input for one in self.requests)
        return sum(one.account.read for one in self.requests) / total if total else 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer all requests of one connection."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a connection is served in a task of its own
        task.set_name(STAND_IN)
        peer = self._serving[task] = Peer(reader, writer)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while (request := await peer.asked()) is not None:
                await self._one(peer, request)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            del self._serving[task]
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def hang_up(self) -> None:
        """End all connections."""
        for peer in self._serving.values():
            peer.cut()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _one(self, peer: Peer, request: Request) -> None:
        side = _SIDES[self.provider]
        if request.method == "GET":
            await self._model(peer, request, side)
            return
        if request.path.removeprefix("/v1") != side.PATH.removeprefix("/v1"):
            await peer.send_json(404, side.error(404, "not_found_error", "no such path"))
            return
        account = self.cache.account(side.parts(request.body))
        kept = Kept(number=next(self._numbers), request=request, account=account)
        if self.keeps:
            self.requests.append(kept)
        answer = self._planned.pop(0) if self._planned else self.answer(kept)
        if isinstance(answer, Trouble) and await _in_trouble(peer, answer, side, kept.number):
            return
        await side.tell(peer, request.body, answer, account, f"{kept.number:06d}")

    async def _model(self, peer: Peer, request: Request, side: ModuleType) -> None:
        if request.path.endswith("/models"):
            listed = [{**side.model(name), **told} for name, told in (self.models or {}).items()]
            await peer.send_json(200, {"object": "list", "data": listed})
            return
        name = request.path.rpartition("/models/")[2]
        if self.models is not None and name not in self.models:
            await peer.send_json(404, side.error(404, "not_found_error", "no such model"))
            return
        await peer.send_json(200, {**side.model(name), **(self.models or {}).get(name, {})})


async def _in_trouble(peer: Peer, trouble: Trouble, side: ModuleType, number: int) -> bool:
    """Fail before anything of the protocol was said, if it is a failure of that sort."""
    if trouble.shape == "status":
        headers = {"request-id": f"req_{number}", "x-request-id": f"req_{number}"}
        if trouble.retry_after:
            headers["retry-after"] = trouble.retry_after
        body = side.error(trouble.status, trouble.kind, trouble.said)
        await peer.send_json(trouble.status, body, headers)
    elif trouble.shape == "silent":
        await peer.wait_until_left()
    elif trouble.shape == "page":
        await peer.send(200, _PAGE, "text/html")
    else:
        return False
    return True


def cached_from(provider: Provider, model: str) -> int:
    """How long a beginning has to be for that provider to keep it of that model, in tokens."""
    if provider == "local":
        return USUALLY
    return family_of(model, ANTHROPIC if provider == "anthropic" else OPENAI).cached_from


@asynccontextmanager
async def vendor(
    provider: Provider, answer: Callable[[Kept], Answer] | None = None, port: int = 0
) -> AsyncGenerator[Vendor]:
    """Run a stand-in on loopback while the block runs."""
    speaks = answer or (lambda kept: plausible(kept.body))
    one = Vendor(provider=provider, answer=speaks)
    if provider != "anthropic":
        one.cache.lookback = 1_000_000
    server = await asyncio.start_server(one.serve, "127.0.0.1", port, backlog=2048)
    host, bound = server.sockets[0].getsockname()[:2]
    one.url = f"http://{host}:{bound}" + ("" if provider == "anthropic" else "/v1")
    try:
        yield one
    finally:
        server.close()
        await one.hang_up()
