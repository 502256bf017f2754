"""Turns under way. They belong to the server and not to a connection.

So a client that goes away in mid-turn changes nothing: the reply is stored, and read when the
client comes back. What comes while a turn of the session runs is answered together by the next.
"""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import structlog

from bot.dialogue import Answered, Dialogue, Unheard
from bot.observability import METRICS, correlated, report
from bot.router import Expected, code_of
from bot.web.words import TooMany
from engine.events import Ended
from engine.turns import Outcome, Said

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 50
"""Messages of one session that wait for their turn."""


class Ear(Protocol):
    """Where a message came from. None of these may wait."""

    def grown(self, event_id: str, text: str) -> None:
        """The reply so far."""
        ...

    def failed(self, event_id: str, error: Exception) -> None:
        """The message was not stored."""
        ...

    def repeated(self, event_id: str, stored: Answered) -> None:
        """The message was stored before."""
        ...

    def unheard(self, event_id: str, instead: Unheard) -> None:
        """No scene takes the message any more; whoever wrote it is told something instead."""
        ...


@dataclass(slots=True, kw_only=True)
class Arrived:
    """A message that waits for its answer. Sent again from elsewhere, it has one more ear.

    `agrees`: writing it agrees to the notice.
    """

    session_id: str
    person: str
    event_id: str
    text: str = field(repr=False)
    ears: set[Ear]
    agrees: bool = False


class Turns:
    """Takes turns one after another within a session, side by side between sessions."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._waiting: dict[str, deque[Arrived]] = {}
        self._answering: dict[str, list[Arrived]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, message: Arrived) -> None:
        """Answer a message soon. One that is on its way already is not taken up again.

        Raises:
            TooMany: too many of this session wait.
        """
        session_id = message.session_id
        waiting = self._waiting.setdefault(session_id, deque())
        answering = self._answering.get(session_id)
        for known in (*waiting, *(answering or ())):
            if (known.person, known.event_id) == (message.person, message.event_id):
                known.ears |= message.ears
                return
        if len(waiting) >= MOST_WAITING:
            raise TooMany
        waiting.append(message)
        if answering is None:
            self._answering[session_id] = []
            self.keep(self._work(session_id))

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that goes on though its client goes away; `drain` waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> None:
        """Let the turns under way come to their end, and give up on those that take longer."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, session_id: str) -> None:
        try:
            with correlated(session_id=session_id):
                while batch := self._next(session_id):
                    await self._answer(batch)
        finally:
            self._answering.pop(session_id, None)
            self._waiting.pop(session_id, None)

    def _next(self, session_id: str) -> list[Arrived]:
        """Everything that waits, as far as one person wrote it."""
        waiting = self._waiting[session_id]
        batch: list[Arrived] = []
        while waiting and (not batch or waiting[0].person == batch[0].person):
            batch.append(waiting.popleft())
        self._answering[session_id] = batch
        return batch

    async def _answer(self, batch: Sequence[Arrived]) -> None:
        began = time.monotonic()
        try:
            outcome = await self._take(batch)
        except Expected as error:
            self._failed(batch, error)
        except Exception as error:  # noqa: BLE001 - a bug must not leave the session mute
            report(error)
            self._failed(batch, error)
        else:
            await self._tell(batch, outcome, time.monotonic() - began)

    async def _tell(
        self, batch: Sequence[Arrived], outcome: Outcome | Answered | Unheard, seconds: float
    ) -> None:
        if isinstance(outcome, Outcome):
            _measured(outcome, seconds)
        elif isinstance(outcome, Unheard):
            METRICS.turns.labels("unheard").inc()
            # Once for all of them, to each place they came from.
            for ear in _ears(batch):
                ear.unheard(batch[-1].event_id, outcome)
        elif len(batch) == 1:
            METRICS.turns.labels("repeated").inc()
            for ear in _ears(batch):
                ear.repeated(batch[0].event_id, outcome)
        else:
            # One of them was stored before; the others were not.
            for message in batch:
                await self._answer([message])

    async def _take(self, batch: Sequence[Arrived]) -> Outcome | Answered | Unheard:
        last = batch[-1]

        async def show(text: str) -> None:
            for ear in _ears(batch):
                ear.grown(last.event_id, text)

        said = Said(
            person=last.person,
            messages=tuple((message.text, message.event_id) for message in batch),
        )
        agrees = any(message.agrees for message in batch)
        return await self._dialogue.take(last.session_id, said, show, agrees=agrees)

    def _failed(self, batch: Sequence[Arrived], error: Exception) -> None:
        METRICS.turns.labels("failed").inc()
        log.info("turn_failed", code=code_of(error))
        for message in batch:
            for ear in message.ears:
                ear.failed(message.event_id, error)


def _ears(batch: Sequence[Arrived]) -> set[Ear]:
    return set[Ear]().union(*(message.ears for message in batch))


def _measured(outcome: Outcome, seconds: float) -> None:
    METRICS.turn_seconds.observe(seconds)
    METRICS.turns.labels("answered").inc()
    count_ended(outcome)
    tokens = sum(one.tokens for one in outcome.utterances)
    log.info("turn", seconds=round(seconds, 3), seq=outcome.state.seq, tokens=tokens)


def count_ended(outcome: Outcome) -> None:
    """Count the session as over if this is what ended it."""
    for event in outcome.events:
        if isinstance(event, Ended):
            METRICS.ended.labels(event.status).inc()
