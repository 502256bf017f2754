"""To one person alone: in the thread, through the command they called, or directly."""

from typing import Final
from urllib.parse import urlsplit

import aiohttp

from adapters.clock import Clock
from adapters.errors import DeliveryFailed, NotRunning, PlatformDown, RateLimited, Refused
from adapters.messages import Message
from adapters.refs import MessageRef, Whisper
from adapters.slack.api import Api, ApiError, translated
from adapters.slack.keys import Numbered
from adapters.slack.places import Spot, spot, thread_ref, user_ref
from adapters.slack.posting import Posts, picture
from adapters.slack.render import Part

MARK: Final = "whisper"
"""How the ids of whispers begin: Slack lets nobody find or change those."""

HOST: Final = "hooks.slack.com"
_NOT_THERE: Final = frozenset(
    {"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived"}
)


class Whispers:
    """What one person sees. `own` is a host that stands in for Slack, where one is set."""

    def __init__(self, api: Api, posts: Posts, clock: Clock, own: str = "") -> None:
        self._api = api
        self._posts = posts
        self._clock = clock
        self._hosts = {HOST, own} - {""}

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
                stamp = await self._ephemeral(here, to.user.id, one)
            except ApiError as error:
                self._posts.note(here, error)
                if error.code not in _NOT_THERE or number:
                    raise translated(error) from None
                return await self._beside(to, wanted, message, key)
        return MessageRef(to.thread, f"{MARK}:{to.user.id}:{stamp}")

    async def again(self, ref: MessageRef, message: Message) -> MessageRef:
        """Show other words: a whisper cannot be changed."""
        user = user_ref(ref.thread.workspace, ref.id.split(":")[1])
        return await self.show(Whisper(ref.thread, user, None), message, f"{ref.id}+")

    async def _ephemeral(self, here: Spot, user: str, one: Numbered) -> str:
        await self._posts.pace.turn(here.tenant, here.channel, here.root)
        answer = await self._api.call(
            here.tenant,
            lambda client: client.chat_postEphemeral(
                channel=here.channel,
                user=user,
                thread_ts=here.root or None,
                text=one.part.text,
                blocks=list(one.part.blocks),
                username=one.part.speaker.name or None,
                icon_url=picture(one.part),
            ),
        )
        return str(answer.get("message_ts", ""))

    async def _beside(
        self, to: Whisper, wanted: list[Numbered], message: Message, key: str
    ) -> MessageRef:
        """Where we are no member: through the command that was called, else directly."""
        own = to.interaction
        if own is None or own.expires <= self._clock.now():
            return await self._directly(to, message, key)
        for one in wanted:
            await self._answer(own.token, one.part)
        return MessageRef(to.thread, f"{MARK}:{to.user.id}:")

    async def _answer(self, url: str, part: Part) -> None:
        if urlsplit(url).netloc not in self._hosts:
            raise Refused("foreign_host")
        if self._api.session is None:
            raise NotRunning
        body = {"response_type": "ephemeral", "text": part.text, "blocks": list(part.blocks)}
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
