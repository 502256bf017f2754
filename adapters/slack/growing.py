"""Messages that grow: Slack's own stream where it is allowed, else paced edits.

A stream may die at any time, after some five minutes for sure. What was meant to stand there is put
there by an edit, so it ends whole either way.
"""

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from adapters.clock import Clock
from adapters.errors import AdapterError
from adapters.messages import Message, Speaker
from adapters.pacing import PacedDraft, paced_draft
from adapters.port import Draft
from adapters.refs import MessageRef, ThreadRef, UserRef
from adapters.slack import keys
from adapters.slack.abilities import CHANNEL_STREAMS, CUSTOMISE, NAMES, STREAMS, Abilities
from adapters.slack.api import Api, ApiError, translated
from adapters.slack.installs import Installs
from adapters.slack.limits import APPENDS_PER_MINUTE, EDITS_PER_MINUTE, TEXT
from adapters.slack.places import Spot, message_ref, spot
from adapters.slack.posting import Posts
from adapters.slack.render import picture_of
from adapters.text import harmless

PLACEHOLDER: Final = "…"
_BUSY: Final = frozenset({"ratelimited", "rate_limited"})
_NOT_HERE: Final = frozenset({"channel_type_not_supported", "missing_recipient_user_id"})


class Stream:
    """One message of Slack's streaming kind."""

    def __init__(self, api: Api, here: Spot, stamp: str, key: str) -> None:
        self._api = api
        self._here = here
        self._stamp = stamp
        self._key = key
        self._shown = ""
        self.alive = True

    async def grow(self, text: str) -> bool:
        """Add what is new; False where this cannot be shown by adding to what stands."""
        text = harmless(text)
        if not self.alive or not text.startswith(self._shown) or len(text) > TEXT:
            return False
        if text == self._shown:
            return True
        more = text[len(self._shown) :]
        try:
            await self._api.call(
                self._here.tenant,
                lambda client: client.chat_appendStream(
                    channel=self._here.channel, ts=self._stamp, markdown_text=more
                ),
            )
        except ApiError as error:
            if error.code in _BUSY:
                raise translated(error) from None
            self.alive = False
            return False
        self._shown = text
        return True

    async def stop(self) -> None:
        """End it; what stands there can be edited from now on."""
        if not self.alive:
            return
        self.alive = False
        try:
            await self._api.call(
                self._here.tenant,
                lambda client: client.chat_stopStream(
                    channel=self._here.channel, ts=self._stamp, metadata=keys.metadata(self._key)
                ),
            )
        except (ApiError, AdapterError):
            return  # It had ended by itself; the edit that follows makes it whole.


class Growing:
    """Begins drafts."""

    def __init__(
        self, api: Api, installs: Installs, posts: Posts, abilities: Abilities, clock: Clock
    ) -> None:
        self._api = api
        self._installs = installs
        self._posts = posts
        self._abilities = abilities
        self._clock = clock

    @asynccontextmanager
    async def draft(
        self, to: ThreadRef, key: str, speaker: Speaker, reader: UserRef | None
    ) -> AsyncGenerator[Draft]:
        """A message that grows. `reader` is who is waiting for it, where that is known."""
        stream = await self._begun(to, key, speaker, reader)
        if stream is not None:
            async with self._native(to, stream, speaker) as draft:
                yield draft
            return
        ref = await self._posts.post(to, Message(text=PLACEHOLDER, speaker=speaker), key)
        async with paced_draft(
            ref,
            self._posts.edit,
            speaker=speaker,
            clock=self._clock,
            per_minute=EDITS_PER_MINUTE,
        ) as draft:
            yield draft

    @asynccontextmanager
    async def _native(
        self, to: ThreadRef, begun: tuple[str, Stream], speaker: Speaker
    ) -> AsyncGenerator[Draft]:
        stamp, stream = begun
        edit = _GrowOrEdit(stream, self._posts)
        try:
            async with paced_draft(
                message_ref(to, stamp),
                edit,
                speaker=speaker,
                clock=self._clock,
                per_minute=APPENDS_PER_MINUTE,
            ) as paced:
                yield _Native(paced, stream)
        finally:
            await stream.stop()

    async def _begun(
        self, to: ThreadRef, key: str, speaker: Speaker, reader: UserRef | None
    ) -> tuple[str, Stream] | None:
        """A stream, where Slack lets us have one."""
        here = spot(to)
        in_channel = not here.is_dm
        lacking = CHANNEL_STREAMS if in_channel else STREAMS
        install = await self._installs.of(here.tenant)
        named = install.may(CUSTOMISE) and self._abilities.can(here.tenant, NAMES)
        may = self._abilities.can(here.tenant, STREAMS) and self._abilities.can(
            here.tenant, lacking
        )
        if (
            not here.root
            or not may
            or (in_channel and reader is None)
            or (speaker.name and not named)
        ):
            return None
        await self._posts.pace.turn(here.tenant, here.channel, here.root)
        try:
            answer = await self._api.call(
                here.tenant,
                lambda client: client.chat_startStream(
                    channel=here.channel,
                    thread_ts=here.root,
                    recipient_user_id=reader.id if reader and in_channel else None,
                    recipient_team_id=install.team if in_channel else None,
                    username=speaker.name or None,
                    icon_url=picture_of(speaker),
                ),
            )
        except ApiError as error:
            if error.code not in _BUSY:
                self._abilities.cannot(
                    here.tenant, CHANNEL_STREAMS if error.code in _NOT_HERE else lacking
                )
            return None
        stamp = str(answer["ts"])
        self._posts.carries(here, stamp, keys.metadata(key))
        return stamp, Stream(self._api, here, stamp, key)


class _GrowOrEdit:
    """Adds to a stream while it lives, then edits."""

    def __init__(self, stream: Stream, posts: Posts) -> None:
        self._stream = stream
        self._posts = posts

    async def __call__(self, ref: MessageRef, message: Message) -> MessageRef:
        if await self._stream.grow(message.text):
            return ref
        await self._stream.stop()
        return await self._posts.edit(ref, message)


class _Native:
    """A draft whose end is an edit: that one is the same however often it is tried."""

    def __init__(self, paced: PacedDraft, stream: Stream) -> None:
        self._paced = paced
        self._stream = stream

    @property
    def ref(self) -> MessageRef:
        """The message that grows."""
        return self._paced.ref

    async def show(self, text: str, *, until: float = math.inf) -> None:
        """Show the text so far."""
        await self._paced.show(text, until=until)

    async def finish(self, message: Message) -> MessageRef:
        """Put the whole message there."""
        await self._paced.stop()
        await self._stream.stop()
        return await self._paced.finish(message)
