"""Messages out: shown once, in parts where they are long."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from adapters.errors import DeliveryFailed, RateLimited
from adapters.lately import Lately
from adapters.messages import Message
from adapters.refs import MessageRef, ThreadRef
from adapters.slack import keys
from adapters.slack.abilities import Abilities, told
from adapters.slack.api import Api, ApiError, translated
from adapters.slack.files import UNREADABLE, Files
from adapters.slack.history import History
from adapters.slack.installs import Installs
from adapters.slack.keys import Numbered, Standing
from adapters.slack.pace import Pace
from adapters.slack.places import Spot, message_ref, spot, stamps
from adapters.slack.render import Part, parts, picture_of, smaller

Found = TypeVar("Found")

TRIES: Final = 5
"""So often a message is tried with less, where something in it is not granted."""

REMEMBERED: Final = 5000
"""Messages of which it is known what they carry."""

TOO_LONG: Final = frozenset({"msg_too_long", "msg_blocks_too_long"})
_GONE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


class Posts:
    """What goes out."""

    def __init__(
        self,
        api: Api,
        installs: Installs,
        files: Files,
        abilities: Abilities,
        history: History,
        pace: Pace,
    ) -> None:
        self._api = api
        self._installs = installs
        self._files = files
        self._abilities = abilities
        self._history = history
        self.pace = pace
        self._carried: Lately[tuple[str, str], dict[str, Any]] = Lately(REMEMBERED)

    async def post(self, thread: ThreadRef, message: Message, key: str) -> MessageRef:
        """Show a message; of one in several parts, those that lack."""
        here = spot(thread)
        wanted = await self.rendered(here, message)
        stands = await self._history.standing(here, key) if len(wanted) > 1 else Standing()
        return message_ref(thread, *await self._all(here, wanted, key, stands))

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        """Put a message in the place of another."""
        here, old = spot(ref.thread), stamps(ref)
        wanted = await self.rendered(here, message)
        anew = f"{ref.id}+"
        try:
            try:
                await self._updated(here, old, wanted)
            except ApiError as error:
                if error.code not in TOO_LONG:
                    raise
                wanted = keys.numbered([cut for one in wanted for cut in smaller(one.part)])
                await self._updated(here, old, wanted)
        except ApiError as error:
            if error.code not in _GONE:
                raise translated(error) from None
            stands = await self._history.standing(here, anew)
            return message_ref(ref.thread, *await self._all(here, wanted, anew, stands))
        kept = old[: len(wanted)]
        if more := keys.numbered([one.part for one in wanted[len(old) :]]):
            stands = await self._history.standing(here, anew)
            kept += await self._all(here, more, anew, stands)
        for stamp in old[len(wanted) :]:
            await self._delete(here, stamp)
        return message_ref(ref.thread, *kept)

    async def rendered(self, here: Spot, message: Message) -> list[Numbered]:
        """A message as this tenant can see it."""
        install = await self._installs.of(here.tenant)
        return keys.numbered(parts(message, self._abilities.look(install), self.link))

    async def _all(
        self, here: Spot, wanted: list[Numbered], key: str, stands: Standing
    ) -> list[str]:
        shown: list[str] = []
        for one in wanted:
            shown += stands.part(one.at) or await self._send(here, one, key)
        return shown

    async def _send(self, here: Spot, one: Numbered, key: str) -> list[str]:
        """Show a part, cut into smaller ones where Slack finds it too long."""
        try:
            return [await self._sent(here, one, key)]
        except ApiError as error:
            cut = smaller(one.part) if error.code in TOO_LONG else [one.part]
            if len(cut) == 1:
                raise translated(error) from None
        shown = []
        stands = await self._history.standing(here, key)
        for sub, part in enumerate(cut):
            stamp = stands.at.get((one.at, sub))
            if stamp is None:
                try:
                    piece = replace(one, part=part, sub=sub, subs=len(cut))
                    stamp = await self._sent(here, piece, key)
                except ApiError as error:
                    raise translated(error) from None
            shown.append(stamp)
        return shown

    async def _sent(self, here: Spot, one: Numbered, key: str) -> str:
        """Show one message of Slack's; its time stamp."""
        try:
            return await self.adapted(
                here, one.part, lambda part: self._once(here, part, one.metadata(key))
            )
        except ApiError as error:
            self.note(here, error)
            raise

    async def adapted(
        self, here: Spot, part: Part, show: Callable[[Part], Awaitable[Found]]
    ) -> Found:
        """Show a part; with less in it where something is not granted.

        Raises ApiError, RateLimited where to wait for files, else as `Api.call`.
        """
        for _ in range(TRIES):
            fitting = self._abilities.fitting(here.tenant, part)
            try:
                found = await show(fitting)
            except ApiError as error:
                if self._files.anew(here, fitting, error.code):
                    continue
                if not self._abilities.less(here.tenant, error.code, fitting):
                    if not fitting.files or error.code not in UNREADABLE:
                        raise
                    part = told(fitting)
            else:
                self._files.shown(here, fitting)
                return found
        raise DeliveryFailed("refused_again")

    async def _once(self, here: Spot, part: Part, metadata: dict[str, Any]) -> str:
        await self.pace.turn(here.tenant, here.channel, here.root)
        blocks = await self._files.uploaded(here, part)
        answer = await self._api.call(
            here.tenant,
            lambda client: client.chat_postMessage(
                channel=here.channel,
                thread_ts=here.root or None,
                text=part.text,
                blocks=blocks,
                username=part.speaker.name or None,
                icon_url=picture_of(part.speaker),
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        stamp = str(answer["ts"])
        self.carries(here, stamp, metadata)
        return stamp

    def carries(self, here: Spot, stamp: str, metadata: dict[str, Any]) -> None:
        """Remember what a message carries, so that an edit does not take it away."""
        self._carried.put((here.channel, stamp), metadata)

    async def _updated(self, here: Spot, old: list[str], wanted: list[Numbered]) -> None:
        for stamp, one in zip(old, wanted, strict=False):
            await self.adapted(here, one.part, partial(self._changed, here, stamp))

    async def _changed(self, here: Spot, stamp: str, part: Part) -> None:
        blocks = await self._files.uploaded(here, part)
        await self._api.call(
            here.tenant,
            lambda client: client.chat_update(
                channel=here.channel,
                ts=stamp,
                text=part.text,
                blocks=blocks,
                metadata=self._carried.get((here.channel, stamp)),
            ),
        )

    async def _delete(self, here: Spot, stamp: str) -> None:
        try:
            await self._api.call(
                here.tenant, lambda client: client.chat_delete(channel=here.channel, ts=stamp)
            )
        except ApiError as error:
            if error.code != "message_not_found":
                raise translated(error) from None

    def note(self, here: Spot, error: ApiError) -> None:
        """Let the other threads of a channel wait too, where Slack said to."""
        refusal = translated(error)
        if isinstance(refusal, RateLimited):
            self.pace.shut(here.tenant, here.channel, here.root, refusal.retry_after)

    async def dm(self, tenant: str, user: str) -> str:
        """The channel of the direct message with somebody. Raises as `Api.ask`."""
        answer = await self._api.ask(tenant, lambda client: client.conversations_open(users=user))
        return str((answer.get("channel") or {})["id"])

    def link(self, ref: MessageRef) -> str:
        """Where a message stands, for a browser."""
        here = spot(ref.thread)
        install = self._installs.known(here.tenant)
        base = (install.url if install else "").rstrip("/") or "https://slack.com"
        first = stamps(ref)[0]
        stamp = first if first.replace(".", "").isdigit() else here.root
        if not stamp:
            return f"{base}/archives/{here.channel}"
        address = f"{base}/archives/{here.channel}/p{stamp.replace('.', '')}"
        if here.root and here.root != stamp:
            return f"{address}?thread_ts={here.root}&cid={here.channel}"
        return address
