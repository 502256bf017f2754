"""Growing text by edits, no more often than a platform allows."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import structlog

from adapters.clock import Clock
from adapters.errors import AdapterError, RateLimited, Unknown
from adapters.messages import Message, Speaker
from adapters.refs import MessageRef

log = structlog.get_logger(__name__)

Edit = Callable[[MessageRef, Message], Awaitable[MessageRef]]

CUT_SECONDS: Final = 5.0
"""So long an edit may take that nobody waits for any more, and as long again once it is cut."""


@asynccontextmanager
async def paced_draft(
    ref: MessageRef,
    edit: Edit,
    *,
    speaker: Speaker,
    clock: Clock,
    per_minute: int,
    cut: float = CUT_SECONDS,
) -> AsyncGenerator["PacedDraft"]:
    """A draft over a placeholder that is already posted.

    Args:
        ref: the placeholder.
        edit: the adapter's own.
        speaker: who seems to write.
        clock: paces the edits.
        per_minute: how many edits the platform takes; the last one counts too.
        cut: seconds; see `PacedDraft.leave`.
    """
    draft = PacedDraft(ref, edit, speaker=speaker, clock=clock, gap=60 / per_minute, cut=cut)
    draft.start()
    try:
        yield draft
    except BaseException:
        await draft.leave()
        raise
    await draft.flush()


class PacedDraft:
    """A `Draft` by edits: what is shown meanwhile is always the latest, never a backlog."""

    def __init__(
        self,
        ref: MessageRef,
        edit: Edit,
        *,
        speaker: Speaker,
        clock: Clock,
        gap: float,
        cut: float = CUT_SECONDS,
    ) -> None:
        self._ref = ref
        self._edit = edit
        self._speaker = speaker
        self._clock = clock
        self._gap = timedelta(seconds=gap)
        self._cut = cut
        self._free_at = clock.now() + self._gap  # the placeholder was just posted
        self._latest = self._sent = ""
        self._until = math.inf
        self._changed = asyncio.Event()
        self._editing = asyncio.Lock()
        self._worker: asyncio.Task[None] | None = None

    @property
    def ref(self) -> MessageRef:
        """The message that grows."""
        return self._ref

    async def show(self, text: str, *, until: float = math.inf) -> None:
        """Keep the text; the worker sends the latest when an edit is free."""
        self._latest, self._until = text, until
        self._changed.set()

    async def finish(self, message: Message) -> MessageRef:
        """Stop pacing and put the whole message there."""
        await self.stop()
        await self._wait()
        self._latest = self._sent = message.text
        return await self._send(message)

    def start(self) -> None:
        """Begin to send; `stop`, `leave` or `flush` ends it."""
        self._worker = asyncio.create_task(self._work())

    async def flush(self) -> None:
        """Stop, and send what was shown last if it is not there yet."""
        await self.stop()
        if self._latest != self._sent:
            await self._wait()
            await self._send_latest()

    async def stop(self) -> None:
        """Stop sending. An edit under way is waited for, so that none comes after the last.

        Where that is left by an error, the edit is cut short, and whoever stops again waits for
        its end.

        Raises:
            Unknown: it was cut, and did not end even so: what it shows may come after all else.
        """
        worker = self._worker
        if worker is None:
            return
        try:
            if not worker.cancelling():
                async with self._editing:
                    pass
        finally:
            worker.cancel()
        ended, _ = await asyncio.wait({worker}, timeout=self._cut)
        if not ended:
            log.warning("edit_clings")
            raise Unknown("edit_clings")
        self._worker = None
        if not worker.cancelled() and (error := worker.exception()):
            raise error

    async def leave(self) -> None:
        """Stop sending, where something else went wrong; an edit that takes long is cut short."""
        with suppress(AdapterError):
            with suppress(TimeoutError):
                async with asyncio.timeout(self._cut):
                    await self.stop()
                return
            await self.stop()

    async def _work(self) -> None:
        while True:
            await self._changed.wait()
            await self._wait()
            self._changed.clear()
            async with self._editing:
                try:
                    await self._send_latest()
                except RateLimited as limited:
                    self._free_at = self._clock.now() + timedelta(seconds=limited.retry_after)
                    self._changed.set()
                except AdapterError:
                    # Later text holds this text too, and `finish` says how it ended.
                    self._free_at = self._clock.now() + self._gap

    async def _wait(self) -> None:
        if (left := (self._free_at - self._clock.now()).total_seconds()) > 0:
            await self._clock.sleep(left)

    async def _send_latest(self) -> None:
        text = self._latest
        if text and text != self._sent and time.monotonic() < self._until:
            await self._send(Message(text=text, speaker=self._speaker))
            self._sent = text

    async def _send(self, message: Message) -> MessageRef:
        self._ref = await self._edit(self._ref, message)
        self._free_at = self._clock.now() + self._gap
        return self._ref
