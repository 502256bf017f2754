"""One model of a chain: a single call, in its time, past its breaker, and on somebody's tab."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engine.errors import ModelUnavailable
from engine.llm.breaker import Breaker, Pass
from engine.llm.port import (
    FAIR,
    Answer,
    Deadline,
    Decided,
    Done,
    Model,
    Question,
    Text,
    ToolCall,
    estimated_tokens,
)
from engine.llm.tab import Asked, Tab
from engine.prompting import Prompt, rendered
from engine.usage import Failure, Usage

LEAST: Final = 1.0
"""With fewer seconds left, nobody is asked any more who needs a network."""
LIKELY: Final = 150
"""Tokens of an answer, where nothing else is known of it than that it was asked for."""
MARGIN: Final = 0.2
"""So many seconds earlier a model gives up by itself: it knows what its vendor counted by then."""


@dataclass(frozen=True, slots=True)
class Times:
    """Moments of the loop's clock: by when the first piece is to be there, and the whole answer."""

    first: float = math.inf
    end: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A model of a chain. Without a breaker it is one of our own, which costs and breaks nothing.

    `provider` and `named` are what the ledger and the price list call it.
    """

    model: Model
    provider: str
    named: str
    breaker: Breaker | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it runs in this process."""
        return self.breaker is None

    @property
    def name(self) -> str:
        """The model's name in settings, in the log and for the operator."""
        return self.model.name

    async def stream(
        self, prompt: Prompt, times: Times, tab: Tab
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        """Ask once; the tab and the breaker learn what became of it, whatever that is.

        Raises:
            ModelUnavailable: it failed, rests, has no time, or nothing is left to spend.
        """
        leave, entry = await self._enter(times.end, times, tab, prompt)
        call = _Call(self, tab.at, entry)
        told = False
        try:
            async with aclosing(_in_time(self.model, prompt, times)) as pieces:
                async for piece in pieces:
                    call.take(piece)
                    if isinstance(piece, Done):
                        tab.answer(call.asked(), piece)
                        await self._report(leave, None)
                        told = True
                    yield piece
        except ModelUnavailable as error:
            call.whole = True
            tab.failure(call.asked(), error)
            await self._report(leave, error)
            told = True
            raise
        finally:
            if not call.whole:  # whoever listened went away: it ran, and is paid
                gone = ModelUnavailable(self.name, "cut", billed=_estimate(prompt, call.said))
                tab.failure(call.asked(), gone)
            if not told:
                await self._left(leave)

    async def decide(
        self,
        question: Question,
        schema: type[Answer],
        times: Times,
        tab: Tab,
    ) -> Decided[Answer]:
        """Ask a closed question once, as `stream`.

        Raises:
            ModelUnavailable: as `stream`.
        """
        leave, entry = await self._enter(times.first, times, tab, question)
        call = _Call(self, tab.at, entry)
        told = False
        try:
            decided = await self.model.decide(question, schema, Deadline(times.first - MARGIN))
            call.whole = True
            tab.answer(call.asked(), decided)
            await self._report(leave, None)
            told = True
        except ModelUnavailable as error:
            call.whole = True
            tab.failure(call.asked(), error)
            await self._report(leave, error)
            told = True
            raise
        finally:
            if not call.whole:
                gone = ModelUnavailable(self.name, "cut", billed=_estimate_of(question))
                tab.failure(call.asked(), gone)
            if not told:
                await self._left(leave)
        return decided

    async def _enter(
        self, end: float, times: Times, tab: Tab, asks: Prompt | Question
    ) -> tuple[Pass, int | None]:
        """Leave to go until `end`, and the call's number in the ledger.

        What is ours costs nothing, so nothing is entered before it.
        """
        if self.breaker is None:
            return Pass(), None
        if tab.is_spent:
            raise ModelUnavailable(self.name, "spent")
        now = asyncio.get_running_loop().time()
        if times.first - now < LEAST:
            raise ModelUnavailable(self.name, "no_time")
        leave, entered = await self.breaker.enter(end - now), False
        try:
            likely = _likely(asks)
            entry = await tab.begin(self.provider, self.named, likely, end - now)
            entered = True
        finally:
            if not entered:
                await self._left(leave)
        return leave, entry

    async def _report(self, leave: Pass, error: ModelUnavailable | None) -> None:
        if self.breaker is not None:
            await self.breaker.report(leave, error)

    async def _left(self, leave: Pass) -> None:
        if self.breaker is not None:
            await self.breaker.leave(leave)


class _Call:
    """What is known of a call while it runs. `whole`: it needs no further word."""

    def __init__(self, link: Link, at: datetime, entry: int | None) -> None:
        self.said = ""
        self.whole = False
        self._link = link
        self._at = at
        self._entry = entry
        self._began = time.monotonic()

    def take(self, piece: Text | ToolCall | Done) -> None:
        """Note a piece."""
        if isinstance(piece, Text):
            self.said += piece.text
        self.whole = isinstance(piece, Done)

    def asked(self) -> Asked:
        """The call as the ledger wants it."""
        return Asked(
            provider=self._link.provider,
            model=self._link.named,
            at=self._at,
            latency_ms=round((time.monotonic() - self._began) * 1000),
            entry=self._entry,
        )


async def _in_time(
    model: Model, prompt: Prompt, times: Times
) -> AsyncGenerator[Text | ToolCall | Done]:
    """A model's pieces, the first by `times.first` and `Done` by `times.end`.

    Raises:
        ModelUnavailable: also where there was no `Done`.
    """
    began = asyncio.get_running_loop().time()
    until: float = times.first
    reason: Failure = "first_token"
    said = ""
    own = Deadline(times.end - MARGIN, first=times.first - MARGIN)
    async with aclosing(model.stream(prompt, own)) as pieces:
        while True:
            late = False
            piece: Text | ToolCall | Done | None = None
            try:
                async with asyncio.timeout_at(None if math.isinf(until) else until):
                    piece = await anext(pieces, None)
            except TimeoutError:
                late = True
            if late or piece is None:
                why: Failure = reason if late else "cut"
                raise ModelUnavailable(
                    model.name,
                    why,
                    billed=_estimate(prompt, said),
                    hurried=late and until - began < FAIR,
                )
            until, reason = times.end, "deadline"
            said += piece.text if isinstance(piece, Text) else ""
            yield piece
            if isinstance(piece, Done):
                return


def _estimate(prompt: Prompt, said: str) -> Usage:
    return Usage(
        input=estimated_tokens(rendered(prompt)), output=estimated_tokens(said), estimated=True
    )


def _likely(asks: Prompt | Question) -> Usage:
    """What a call will take, before it is made."""
    estimate = _estimate(asks, "") if isinstance(asks, Prompt) else _estimate_of(asks)
    return replace(estimate, output=LIKELY)


def _estimate_of(question: Question) -> Usage:
    asked = estimated_tokens(question.instructions) + estimated_tokens(question.material)
    return Usage(input=asked, estimated=True)
