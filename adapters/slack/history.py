"""What stands in a conversation: read when something may have been lost, never to play from it."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.clock import Clock
from adapters.errors import DeliveryFailed
from adapters.refs import ABSENT, UNKNOWABLE, Absent, MessageRef, ThreadRef, Unknowable
from adapters.slack import keys
from adapters.slack.api import Api
from adapters.slack.installs import Installs
from adapters.slack.limits import PAGE
from adapters.slack.places import Spot, message_ref, spot, thread_ref

Json = Mapping[str, Any]

NO_HISTORY: Final = frozenset({"missing_scope", "not_allowed_token_type", "access_denied"})
SKEW: Final = timedelta(minutes=2)
"""So far apart our clock and Slack's may be."""

LATELY: Final = timedelta(days=1)
MOST_PAGES: Final = 10


class History:
    """Reads conversations."""

    def __init__(self, api: Api, installs: Installs, clock: Clock) -> None:
        self._api = api
        self._installs = installs
        self._clock = clock

    async def find(
        self, thread: ThreadRef, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        """The message with this key; one that is still growing carries none yet."""
        here = spot(thread)
        try:
            own = [one async for one in self.own(here, since - SKEW)]
        except DeliveryFailed as error:
            if error.reason in NO_HISTORY:
                return UNKNOWABLE
            raise
        found = keys.standing(own, key)
        if found.whole:
            return message_ref(thread, *found.in_order)
        later = [one for one in own if one.get("ts") != here.root]
        unnamed = keys.growing(later) if not found.at else []
        return message_ref(thread, unnamed[0]) if len(unnamed) == 1 else ABSENT

    async def thread_of(self, near: Spot, key: str) -> ThreadRef | None:
        """The thread that was opened with this key, if it was lately."""
        found = await self.standing(near, key, self._clock.now() - LATELY)
        first = found.in_order[:1]
        return thread_ref(near.tenant, near.channel, first[0]) if first else None

    async def standing(self, here: Spot, key: str, since: datetime | None = None) -> keys.Standing:
        """What stands of the message with this key: nothing, where we may not read that.

        Raises as `Api.ask`.
        """
        try:
            return keys.standing([one async for one in self.own(here, since)], key)
        except DeliveryFailed as error:
            if error.reason in NO_HISTORY:
                return keys.Standing()
            raise

    async def own(self, here: Spot, since: datetime | None) -> AsyncIterator[Json]:
        """Our own messages: nobody else's metadata counts."""
        install = await self._installs.of(here.tenant)
        ours = {install.bot_id, install.bot_user} - {""}
        async for one in self.all(here, f"{since.timestamp():.6f}" if since else ""):
            if {one.get("bot_id"), one.get("user")} & ours:
                yield one

    async def all(self, here: Spot, since: str) -> AsyncIterator[Json]:
        """The messages of a thread, or at the top of a channel, after a time stamp.

        Those of a thread from the first on, those of a channel from the last. Raises as `Api.ask`.
        """
        cursor = ""
        for _ in range(MOST_PAGES):
            page = await self._page(here, since, cursor)
            for one in page.get("messages") or ():
                yield one
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def _page(self, here: Spot, since: str, cursor: str) -> Json:
        asked: dict[str, Any] = {
            "channel": here.channel,
            "limit": PAGE,
            "include_all_metadata": True,
            "oldest": since or None,
            "cursor": cursor or None,
        }
        if here.root:
            return await self._api.ask(
                here.tenant, lambda client: client.conversations_replies(ts=here.root, **asked)
            )
        return await self._api.ask(
            here.tenant, lambda client: client.conversations_history(**asked)
        )
