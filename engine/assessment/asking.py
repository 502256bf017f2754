"""Asking a model that judges or coaches, with an account of what that took."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from pydantic import BaseModel

from engine.calls import Announce, Call, CallKind, Journal
from engine.errors import ModelUnavailable
from engine.llm.chain import chain_of
from engine.llm.port import Deadline, Model, Question
from engine.llm.tab import Tab

AT_ONCE: Final = 4
"""So many questions are open at the same time."""
AFTER: Final = 1.0
"""Seconds after its deadline at which a model that does not keep to it is left."""

Answer = TypeVar("Answer", bound=BaseModel)


class Asking:
    """Asks for one evaluation; `calls` is all that was asked of a model, answered or not."""

    def __init__(
        self,
        model: Model,
        kind: CallKind,
        now: Callable[[], datetime],
        left: int | None = None,
        announce: Announce | None = None,
    ) -> None:
        """Take the model, and how many micro-USD may be spent, None for no limit.

        `announce` keeps each question before it is asked, since it will be paid.
        """
        self.model = chain_of(model)
        self.calls: list[Call] = []
        self._left_at_first = left
        self._kind = kind
        self._now = now
        self._announce = announce
        self._open = asyncio.Semaphore(AT_ONCE)

    async def ask(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Answer | None:
        """The answer, or None where the model gave none in time. Never raises."""
        tab = Tab(kind=self._kind, at=self._now(), announce=self._announce)
        try:
            async with self._open, asyncio.timeout_at(deadline.at + AFTER):
                tab.left = self._left
                decided = await self.model.decide(question, schema, deadline, tab)
        except (ModelUnavailable, TimeoutError):
            return None
        finally:
            self.calls += tab.calls
        return decided.answer

    @property
    def is_spent(self) -> bool:
        """Whether nothing that is paid may be asked any more."""
        return self._left is not None and self._left <= 0

    @property
    def _left(self) -> int | None:
        if self._left_at_first is None:
            return None
        return self._left_at_first - sum(call.cost_micro_usd for call in self.calls)


def announced(journal: Journal | None, session_id: str) -> Announce | None:
    """A journal for the questions about one session."""
    return None if journal is None else partial(journal.begin, session_id)


def soon(deadline: Deadline, seconds: float) -> Deadline:
    """The deadline, or so many seconds from now where that is earlier."""
    return Deadline(min(deadline.at, asyncio.get_running_loop().time() + seconds))
