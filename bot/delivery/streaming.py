"""Replies that grow before people's eyes: in a client of the API, and on platforms that show it.

On a platform the growing message is an outbox row without a body. The turn's transaction gives it
its body and takes its thread's lane; whoever has that puts the body there by an edit, so it ends
whole whatever dies.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from adapters.errors import AdapterError
from adapters.port import (
    BOT,
    ChatAdapter,
    Draft,
    MessagePosted,
    MessageRef,
    Platform,
    Speaker,
    ThreadRef,
)
from bot.delivery import leases, outbox, placing
from bot.delivery.inbox import Received
from bot.delivery.leases import Lease
from bot.delivery.outbox import Grown, Outgoing
from bot.delivery.points import NO_POINTS, Reached
from bot.delivery.posting import POST_SECONDS
from bot.hub import Hub
from bot.observability import report
from bot.store.database import Database
from engine.speaking import Show

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Growing:
    """One reply while it grows. `row` and `last`: the first and the last event that it answers.

    `grown` names its row, once there is one. Whoever lost the lane meanwhile shows nothing more,
    and nobody shows anything who cannot be sure: a process may have stood still for long.
    """

    streams: "Streams"
    lease: Lease
    row: Received
    last: Received
    stack: AsyncExitStack
    grown: Grown | None = None
    draft: Draft | None = None
    _speaker: Speaker = field(default=BOT, init=False)
    _tried: bool = field(default=False, init=False)
    _stands: bool = field(default=False, init=False)

    async def begins(self, speaker: Speaker) -> Show:
        """Let people see that somebody is about to answer."""
        self._speaker = speaker
        adapter, here = self.streams.adapter_of(self.row)
        if adapter is not None and here is not None and self.grown is None:
            await adapter.typing(here, speaker)
        return self.show

    async def show(self, text: str) -> None:
        """Show the text so far, wherever somebody looks."""
        sure = self.streams.seconds() < self.lease.shows_until
        if self.row.session_id is not None and sure:
            self.streams.hub.grew(self.row.session_id, self.last.event.event_id, text)
        if not self._tried:
            self._tried = True
            await self._begin()
        if self.draft is not None:
            await self.draft.show(text, until=self.lease.shows_until)
            self.streams.reached("growing")

    async def _begin(self) -> None:
        adapter, here = self.streams.adapter_of(self.row)
        if adapter is None or here is None or self.grown is not None:
            return
        streams, key = self.streams, f"{self.row.key}#reply"
        at = streams.seconds()
        async with streams.database.transaction() as tx:
            await leases.hold(tx, self.lease)
            if await outbox.first(tx, placing.lane_of(here)) is not None:
                return  # What waits in this thread comes first; the whole reply follows it.
            self.grown = await outbox.grow(tx, key, here, self.last, streams.now())
        self.lease.known.at = at
        if self.grown is None or not self._surely_ours(self.lease, "not_growing"):
            return
        try:
            async with asyncio.timeout(POST_SECONDS):
                self.draft = await self.stack.enter_async_context(
                    adapter.draft(here, key=key, speaker=self._speaker)
                )
        except (AdapterError, TimeoutError) as error:
            # The whole reply comes at the end; `find_posted` tells whether a placeholder stands.
            log.info("not_growing", code=getattr(error, "code", "timeout"))
            return
        async with streams.database.transaction() as tx:
            await leases.hold(tx, self.lease)
            await outbox.grows_at(tx, self.grown, self.draft.ref)

    async def finished(self, lease: Lease, row: Outgoing) -> MessageRef | None:
        """Put a row there, if it is the whole reply and its lane is surely ours; where it stands.

        Otherwise, and where that fails, it is shown as all other rows are. Raises nothing: the turn
        is stored, so no bug is its fault, nor that of what comes next on its lane.
        """
        if self.grown is None or row.key != self.grown.key:
            return None
        ref = await self._whole(lease)
        if ref is None:
            await self.let_go()
        return ref

    async def _whole(self, lease: Lease) -> MessageRef | None:
        message = self.grown.message if self.grown else None
        if self.draft is None or message is None or not self._surely_ours(lease, "not_finished"):
            return None
        try:
            async with asyncio.timeout(POST_SECONDS):
                ref = await self.draft.finish(message)
        except (AdapterError, TimeoutError) as error:
            log.info("not_finished", code=getattr(error, "code", "timeout"))
            return None
        except Exception as error:  # noqa: BLE001 - see `finished`
            report(error)
            return None
        self._stands = True
        return ref

    def _surely_ours(self, lease: Lease, otherwise: str) -> bool:
        """Whether nobody else can have a lane by now; if not, `otherwise` is logged."""
        if self.streams.seconds() < lease.shows_until:
            return True
        log.info(otherwise, code="late")
        return False

    async def let_go(self) -> None:
        """Show nothing more: no part of it may come after the whole. Raises nothing."""
        if self.draft is None:
            return
        try:
            await self._leave()
        except Exception as error:  # noqa: BLE001 - see `finished`
            report(error)

    async def _leave(self) -> None:
        with suppress(_LetGo):
            async with self.stack.pop_all():
                if not self._stands:
                    raise _LetGo


class _LetGo(Exception):
    """A draft that is left by an error stays as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """Lets replies grow. `worth`: the model tells its reply piece by piece.

    `seconds` is a clock that nobody sets.
    """

    database: Database
    hub: Hub
    adapters: Mapping[Platform, ChatAdapter]
    now: Callable[[], datetime]
    worth: bool = False
    seconds: Callable[[], float] = time.monotonic
    reached: Reached = NO_POINTS

    @asynccontextmanager
    async def growing(
        self, lease: Lease, rows: Sequence[Received], grown: Grown | None
    ) -> AsyncGenerator[Growing]:
        """A reply to events, from its first sentence on.

        `grown` is the row of one that grew before somebody died. It gets its body here too, whether
        this process could let it grow or not.
        """
        async with AsyncExitStack() as stack:
            growing = Growing(self, lease, rows[0], rows[-1], stack, grown)
            yield growing
            await growing.let_go()

    def adapter_of(self, row: Received) -> tuple[ChatAdapter | None, ThreadRef | None]:
        """Where a reply to an event may grow."""
        here: ThreadRef | None = getattr(row.event, "thread", None)
        if not self.worth or here is None or not isinstance(row.event, MessagePosted):
            return None, None
        adapter = self.adapters.get(here.platform)
        if adapter is None or adapter.limits.draft == "whole" or row.session_id is None:
            return None, None
        return adapter, here
