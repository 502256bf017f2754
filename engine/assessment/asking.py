"""Asking a model that judges or coaches, with an account of what that took."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from pydantic import BaseModel

from engine.errors import ModelUnavailable
from engine.llm.port import Deadline, Model, Question
from engine.store.ledger import Call, CallKind

AT_ONCE: Final = 4
"""So many questions are open at the same time."""

Answer = TypeVar("Answer", bound=BaseModel)


class Asking:
    """Asks one model for one evaluation; `calls` is what went through."""

    def __init__(self, model: Model, kind: CallKind, now: Callable[[], datetime]) -> None:
        self.model = model
        self.calls: list[Call] = []
        self._kind = kind
        self._now = now
        self._open = asyncio.Semaphore(AT_ONCE)

    async def ask(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Answer | None:
        """The answer, or None where the model gave none in time. Never raises."""
        async with self._open:
            started, at = time.monotonic(), self._now()
            try:
                async with asyncio.timeout_at(deadline.at):
                    decided = await self.model.decide(question, schema, deadline)
            except (ModelUnavailable, TimeoutError):
                return None
        self.calls.append(
            Call(
                kind=self._kind,
                provider=self.model.name,
                model=decided.model,
                status="posted",
                at=at,
                response_id=decided.response_id or None,
                usage=decided.usage,
                latency_ms=round((time.monotonic() - started) * 1000),
            )
        )
        return decided.answer


def soon(deadline: Deadline, seconds: float) -> Deadline:
    """The deadline, or so many seconds from now where that is earlier."""
    return Deadline(min(deadline.at, asyncio.get_running_loop().time() + seconds))
