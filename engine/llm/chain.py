"""Models in the order in which they are asked: if one fails, the next answers.

The last of a character's chain is the embedded persona, which never fails. Another model is asked
only before text was shown, or after `Anew`, by which what was shown is void.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from engine.errors import SHORT_RETRY, ModelUnavailable
from engine.llm.link import LEAST, Link, Times
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
)
from engine.llm.prices import is_priced
from engine.llm.tab import Tab
from engine.llm.vendor import VendorModel
from engine.prompting import Prompt

RESERVE: Final = 1.0
"""Seconds of a turn that stay for whoever answers when everybody before has failed."""
PAUSE: Final = 0.3
"""Seconds before the one repetition, where the provider names none."""


@dataclass(frozen=True, slots=True)
class Anew:
    """What came so far is void: another model begins from the beginning."""


def _nobody(_error: ModelUnavailable) -> None:
    pass


class Chain:
    """Models in order. A `Model` itself, for whoever keeps no tab. Holds nothing of a call."""

    def __init__(
        self,
        links: Sequence[Link],
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tell: Callable[[ModelUnavailable], None] = _nobody,
    ) -> None:
        """Take at least one link, a way to wait some seconds, and who hears of failures."""
        self.links = tuple(links)
        self.name = links[0].name
        self.limits = _best([one.model.limits for one in links])
        self._pause = pause
        self._tell = tell

    @property
    def is_ours(self) -> bool:
        """Whether nothing that is said leaves this process."""
        return all(one.is_ours for one in self.links)

    async def prepare(self) -> None:
        """Load what the first model needs, so that the first who asks does not wait for it."""
        first = self.links[0]
        if isinstance(first.model, VendorModel):
            await first.model.prepare()
            await asyncio.to_thread(is_priced, first.provider, first.named)

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        """As the port says. Once there was text, nobody else is asked.

        Raises:
            ModelUnavailable: everybody failed, or one did after some text.
        """
        async with aclosing(self.play(prompt, deadline, Tab())) as pieces:
            async for piece in pieces:
                if isinstance(piece, Anew):
                    raise ModelUnavailable(self.name, "cut")
                yield piece

    async def play(
        self, prompt: Prompt, deadline: Deadline, tab: Tab
    ) -> AsyncGenerator[Text | ToolCall | Done | Anew]:
        """Yield the first whole answer that a model gives; the tab tells all that led to it.

        What the tab names as having answered goes on: where another takes over, `Anew` comes first.

        Raises:
            ModelUnavailable: everybody failed; the error is the last one's.
        """
        void = False
        failed = ModelUnavailable(self.name, "cannot")
        links = self._in_order(tab, prompt)
        for place, link in enumerate(links):
            for attempt in range(2):
                said = False
                void = void or tab.answered not in ("", link.name)
                times = _times(links[place:], deadline)
                try:
                    asked = link.stream(prompt, times, tab)
                    async with aclosing(asked) as pieces:
                        async for piece in pieces:
                            if void and not said:
                                void = False
                                yield Anew()
                            said = said or isinstance(piece, Text)
                            yield piece
                except ModelUnavailable as error:
                    failed = error
                else:
                    self._note(tab, link)
                    return
                void = void or said
                if not await self._goes_on(failed, times, attempt=attempt, said=said):
                    break
        raise failed

    async def decide(
        self,
        question: Question,
        schema: type[Answer],
        deadline: Deadline,
        tab: Tab | None = None,
    ) -> Decided[Answer]:
        """As the port says; the tab tells all calls that it took.

        Raises:
            ModelUnavailable: everybody failed, or nobody decides anything.
        """
        tab = tab if tab is not None else Tab()
        failed = ModelUnavailable(self.name, "cannot")
        links = [one for one in self.links if one.model.limits.decides]
        for place, link in enumerate(links):
            for attempt in range(2):
                times = _times(links[place:], deadline)
                try:
                    decided = await link.decide(question, schema, times, tab)
                except ModelUnavailable as error:
                    failed = error
                else:
                    self._note(tab, link)
                    return decided
                if not await self._goes_on(failed, times, attempt=attempt):
                    break
        raise failed

    def _in_order(self, tab: Tab, prompt: Prompt) -> tuple[Link, ...]:
        """The models that can answer: first who began this reply, or played this session so far."""
        able = [one for one in self.links if one.model.limits.tools or not prompt.tools]
        first = [one for one in able if one.name == tab.answered]
        pinned = [one for one in able if one.name == tab.pinned and not one.is_ours]
        first = first or pinned
        return (*first, *(one for one in able if one not in first))

    def _note(self, tab: Tab, link: Link) -> None:
        tab.answered = link.name
        tab.degraded = link is not self.links[0]

    async def _goes_on(
        self, error: ModelUnavailable, times: Times, *, attempt: int, said: bool = False
    ) -> bool:
        """Whether the same model is asked once more, after its pause.

        Only where nothing ran that would be paid twice, and time is left.
        """
        self._tell(error)
        wait = PAUSE if error.retry_after is None else error.retry_after
        late = asyncio.get_running_loop().time() + wait + LEAST > times.first
        if attempt or said or late or wait > SHORT_RETRY or not error.may_repeat:
            return False
        await self._pause(wait)
        return True


def chain_of(model: Model) -> Chain:
    """A chain of one model, which is asked as it is; a chain is given back."""
    if isinstance(model, Chain):
        return model
    return Chain([Link(model=model, provider=model.name, named=model.name)])


def _times(links: Sequence[Link], deadline: Deadline) -> Times:
    """What the first of `links` gets of the time that is left for all of them.

    Once it speaks it may take what the others would have got.
    """
    if math.isinf(deadline.at):
        return Times()
    if links[0].is_ours:
        # It takes no time, and whoever has waited that long is to get an answer.
        return Times() if len(links) == 1 else Times(first=deadline.at, end=deadline.at)
    now = asyncio.get_running_loop().time()
    end = deadline.at - (RESERVE if len(links) > 1 else 0.0)
    foreign = sum(not one.is_ours for one in links)
    return Times(first=now + (end - now) / foreign, end=end)


def _best(limits: Sequence[ModelLimits]) -> ModelLimits:
    """What the first can, and whether any can do what not all can."""
    first = limits[0]
    return ModelLimits(
        prompt_tokens=first.prompt_tokens,
        answer_tokens=first.answer_tokens,
        streams=first.streams,
        tools=any(one.tools for one in limits),
        decides=any(one.decides for one in limits),
    )
