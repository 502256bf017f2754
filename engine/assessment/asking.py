"""Asking a model that judges or coaches, with an account of what that took."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from pydantic import BaseModel

from engine.calls import Call, CallKind
from engine.errors import ModelUnavailable
from engine.llm.chain import chain_of
from engine.llm.port import Deadline, Model, Question
from engine.llm.tab import Tab

AT_ONCE: Final = 4
"""So many questions are open at the same time."""

Answer = TypeVar("Answer", bound=BaseModel)


class Asking:
    """Asks for one evaluation; `calls` is all that was asked of a model, answered or not."""

    def __init__(self, model: Model, kind: CallKind, now: Callable[[], datetime]) -> None:
        self.model = chain_of(model)
        self.calls: list[Call] = []
        self._kind = kind
        self._now = now
        self._open = asyncio.Semaphore(AT_ONCE)

    async def ask(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Answer | None:
        """The answer, or None where the model gave none in time. Never raises."""
        tab = Tab(kind=self._kind, at=self._now())
        try:
            async with self._open, asyncio.timeout_at(deadline.at):
                decided = await self.model.decide(question, schema, deadline, tab)
        except (ModelUnavailable, TimeoutError):
            return None
        finally:
            self.calls += tab.calls
        return decided.answer


def soon(deadline: Deadline, seconds: float) -> Deadline:
    """The deadline, or so many seconds from now where that is earlier."""
    return Deadline(min(deadline.at, asyncio.get_running_loop().time() + seconds))
