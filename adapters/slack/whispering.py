"""To one person alone: in the thread, through the command they called, or directly."""

from functools import partial
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from adapters.clock import Clock
from adapters.errors import DeliveryFailed, NotRunning, PlatformDown, RateLimited, Refused
from adapters.lately import Lately
from adapters.messages import Message
from adapters.refs import InteractionRef, MessageRef, Whisper
from adapters.slack.api import Api, ApiError, translated
from adapters.slack.keys import Numbered
from adapters.slack.limits import WHISPER_ANSWERS
from adapters.slack.places import Spot, spot, thread_ref, user_ref, whisper_ref, whispered_to
from adapters.slack.posting import TOO_LONG, Posts
from adapters.slack.render import Part, picture_of, smaller

HOST: Final = "hooks.slack.com"
_NOT_THERE: Final = frozenset(
    {"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived"}
)
_REMEMBERED: Final = 1000


class Whispers:
    """What one person sees. `own` is a host that stands in for Slack, where one is set."""

    def __init__(self, api: Api, posts: Posts, clock: Clock, own: str = "") -> None:
        self._api = api
        self._posts = posts
        self._clock = clock
        self._hosts = {HOST, own} - {""}
        self._pressed: Lately[MessageRef, InteractionRef] = Lately(_REMEMBERED)

    async def show(self, to: Whisper, message: Message, key: str) -> MessageRef:
        """Show something to one person."""
        here = spot(to.thread)
        if here.is_dm:
            return await self._posts.post(to.thread, message, key)
        wanted = await self._posts.rendered(here, message)
        if any(one.part.files for one in wanted):
            return await self._directly(to, message, key)  # Slack whispers no uploads.
        stamp = ""
        for number, one in enumerate(wanted):
            try:
                stamp = await self._whole(here, to.user.id, one.part)
            except ApiError as error:
                self._posts.note(here, error)
                if error.code not in _NOT_THERE or number:
                    raise translated(error) from None
                return await self._beside(to, wanted, message, key)
        return whisper_ref(to.thread, to.user.id, stamp)

    def pressed(self, ref: MessageRef, right: InteractionRef | None) -> None:
        """Somebody pressed in a message, which is how a whisper can be changed for a while."""
        if right is not None and whispered_to(ref):
            self._pressed.put(ref, right)

    async def again(self, ref: MessageRef, message: Message) -> MessageRef:
        """Put other words in the place of a whisper, or below it where nobody pressed in it."""
        wanted = await self._posts.rendered(spot(ref.thread), message)
        right = self._pressed.get(ref)
        alone = len(wanted) == 1 and not wanted[0].part.files
        if alone and right is not None and right.expires > self._clock.now():
            try:
                await self._answer(right.token, wanted[0].part, replaces=True)
            except DeliveryFailed:
                self._pressed.drop(ref)  # Slack takes a few answers to a press, and no more.
            else:
                return ref
        user = user_ref(ref.thread.workspace, whispered_to(ref))
        return await self.show(Whisper(ref.thread, user, None), message, f"{ref.id}+")

    async def _whole(self, here: Spot, user: str, part: Part) -> str:
        """Show a part, cut into smaller ones where Slack finds it too long; the last time stamp."""
        show, stamp = partial(self._ephemeral, here, user), ""
        try:
            return await self._posts.adapted(here, part, show)
        except ApiError as error:
            cut = smaller(part) if error.code in TOO_LONG else [part]
            if len(cut) == 1:
                raise
        for piece in cut:
            stamp = await self._posts.adapted(here, piece, show)
        return stamp

    async def _ephemeral(self, here: Spot, user: str, part: Part) -> str:
        await self._posts.pace.turn(here.tenant, here.channel, here.root)
        answer = await self._api.call(
            here.tenant,
            lambda client: client.chat_postEphemeral(
                channel=here.channel,
                user=user,
                thread_ts=here.root or None,
                text=part.text,
                blocks=list(part.blocks),
                username=part.speaker.name or None,
                icon_url=picture_of(part.speaker),
            ),
        )
        return str(answer.get("message_ts", ""))

    async def _beside(
        self, to: Whisper, wanted: list[Numbered], message: Message, key: str
    ) -> MessageRef:
        """Where we are no member: through the command that was called, else directly."""
        own = to.interaction
        if own is None or own.expires <= self._clock.now() or len(wanted) > WHISPER_ANSWERS:
            return await self._directly(to, message, key)
        for one in wanted:
            await self._answer(own.token, one.part)
        return whisper_ref(to.thread, to.user.id, "")

    async def _answer(self, url: str, part: Part, *, replaces: bool = False) -> None:
        if urlsplit(url).netloc not in self._hosts:
            raise Refused("foreign_host")
        if self._api.session is None:
            raise NotRunning
        body = {
            "response_type": "ephemeral",
            "replace_original": replaces,
            "text": part.text,
            "blocks": list(part.blocks),
        }
        try:
            async with self._api.session.post(url, json=body) as answer:
                status, after = answer.status, float(answer.headers.get("Retry-After", 1))
        except (aiohttp.ClientError, TimeoutError):
            raise PlatformDown("answering") from None
        if status == 429:
            raise RateLimited(after)
        if status != 200:
            raise DeliveryFailed(f"status_{status}")

    async def _directly(self, to: Whisper, message: Message, key: str) -> MessageRef:
        channel = await self._posts.dm(to.user.workspace, to.user.id)
        there = thread_ref(to.user.workspace, channel)
        return await self._posts.post(there, message, key)
