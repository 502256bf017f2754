"""A message that grows: each piece at once for who looks, and the last one always in the tables."""

import math
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from adapters.clock import Clock
from adapters.errors import AdapterError
from adapters.kit import Database
from adapters.local import store
from adapters.local.limits import LIMITS
from adapters.local.live import Feed
from adapters.local.rows import Place
from adapters.pacing import Edit, PacedDraft
from adapters.port import Message, MessageRef, Speaker


class Growing:
    """A `Draft`."""

    def __init__(
        self,
        ref: MessageRef,
        place: Place,
        speaker: Speaker,
        *,
        edit: Edit,
        database: Database,
        feed: Feed,
        clock: Clock,
    ) -> None:
        self._ref = ref
        self._place = place
        self._edit = edit
        self._database = database
        self._feed = feed
        self._text = ""
        self._finished = False
        self._stored = PacedDraft(
            ref,
            self._store,
            speaker=speaker,
            clock=clock,
            gap=60 / LIMITS.edits_per_minute,
        )

    @property
    def ref(self) -> MessageRef:
        """The message that grows."""
        return self._ref

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keep what is shown; what was shown last stays, however the block ends."""
        self._stored.start()
        try:
            yield
        except BaseException:
            await self._stored.leave()
            with suppress(AdapterError):
                await self._leave()
            raise
        await self._stored.stop()
        await self._leave()

    async def show(self, text: str, *, until: float = math.inf) -> None:
        """Show the text so far."""
        if time.monotonic() >= until:
            return
        self._text = text
        frame = {"type": "draft", "place": self._place.key, "message_id": self._ref.id}
        self._feed.tell({**frame, "text": text}, self._place)
        await self._stored.show(text, until=until)

    async def finish(self, message: Message) -> MessageRef:
        """Put the whole message there."""
        await self._stored.stop()
        ref = await self._edit(self._ref, message)
        self._finished = True
        return ref

    async def _leave(self) -> None:
        if not self._finished:
            await self._write(draft=False)

    async def _store(self, ref: MessageRef, _message: Message) -> MessageRef:
        await self._write(draft=True)
        return ref

    async def _write(self, *, draft: bool) -> None:
        async with self._database.transaction() as tx:
            # Where another process put the whole there meanwhile, it stays.
            await store.change_draft(tx, self._ref.id, text=self._text, draft=draft)
        self._feed.ring()
