"""What hearing something needs of the rest: who we are there, forms to open, pages to show."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

import structlog

from adapters.asking import ask
from adapters.errors import AdapterError
from adapters.lately import Lately
from adapters.port import (
    CommandSpec,
    Event,
    HomeShown,
    MessagePosted,
    Pressed,
    Shown,
    ThreadRef,
    UserRef,
)
from adapters.slack import actions, parse, views
from adapters.slack.abilities import Abilities
from adapters.slack.agent import Agent
from adapters.slack.api import Api, ApiError
from adapters.slack.background import Background
from adapters.slack.installs import Installs
from adapters.slack.parse import Body, Ours
from adapters.slack.places import Spot, spot, thread_ref
from adapters.slack.posting import Posts
from adapters.slack.pulse import Pulse
from adapters.slack.whispering import Whispers

if TYPE_CHECKING:
    from adapters.slack.inbound import Doors

log = structlog.get_logger(__name__)

GONE: Final = "not_installed"
LOOK_SECONDS: Final = 0.5
VIEW_SECONDS: Final = 1.2
"""So long these may take: Slack wants its answer three seconds after the press."""

_READERS: Final = 5000


class Reach:
    """The rest of the adapter, as the door sees it."""

    def __init__(
        self,
        api: Api,
        installs: Installs,
        posts: Posts,
        whispers: Whispers,
        agent: Agent,
        abilities: Abilities,
        pulse: Pulse,
        specs: tuple[CommandSpec, ...],
    ) -> None:
        self._api = api
        self._installs = installs
        self._posts = posts
        self._whispers = whispers
        self._agent = agent
        self._abilities = abilities
        self._pulse = pulse
        self._specs = specs
        self._readers: Lately[str, UserRef] = Lately(_READERS)
        self._seen: set[tuple[str, str]] = set()
        self.background = Background()
        self.doors: Doors | None = None

    async def ours(self, body: Body) -> Ours | None:
        """Who we are there. In a shared channel, whoever was there first owns what is said."""
        install = await self._installs.owner(parse.owner(body))
        if install is None:
            return None
        tenant = install.tenant
        if self._installs.single:
            self._pulse.over(GONE)  # It was installed again.
        if shared := parse.shared_channel(body):
            tenant = await self._installs.tenant_in(shared, tenant)
        elif channel := actions.channel(body):
            tenant = await self._installs.shared_by(channel) or tenant
        return Ours(tenant=tenant, bot_user=install.bot_user, specs=self._specs)

    async def open_view(self, ours: Ours, trigger: str, view: dict[str, Any]) -> bool:
        """Open a form, if there is still time."""
        try:
            async with asyncio.timeout(VIEW_SECONDS):
                await self._api.call(
                    ours.tenant, lambda client: client.views_open(trigger_id=trigger, view=view)
                )
        except (ApiError, AdapterError, TimeoutError) as error:
            log.info("form_not_opened", code=getattr(error, "code", "timeout"))
            return False
        return True

    async def within_reach(self, thread: ThreadRef, user: UserRef) -> ThreadRef:
        """The thread; the direct message instead of a channel that we cannot see."""
        here = spot(thread)
        if here.is_dm or (here.tenant, here.channel) in self._seen:
            return thread
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                if not await self._is_there(here):
                    return await self.dm_of(user)
        except (AdapterError, TimeoutError):
            return thread
        self._seen.add((here.tenant, here.channel))
        return thread

    async def _is_there(self, here: Spot) -> bool:
        try:
            await self._api.call(
                here.tenant, lambda client: client.conversations_info(channel=here.channel)
            )
        except ApiError as error:
            return error.code != "channel_not_found"
        return True

    async def dm_of(self, user: UserRef) -> ThreadRef:
        """The direct message with somebody."""
        return thread_ref(user.workspace, await self._posts.dm(user.workspace, user.id))

    async def removed(self, ours: Ours) -> None:
        """The app was taken out of a workspace."""
        await self._installs.removed(ours.tenant)
        log.warning("app_removed", tenant=ours.tenant)
        if self._installs.single:
            self._pulse.lasting(GONE)

    async def show_home(self, user: UserRef) -> None:
        """Show the app's own page, as it is for this person now."""
        doors = self.doors
        if doors is None:
            return
        shown = await ask(doors.answer, HomeShown(user=user), Shown, within=doors.within)
        if shown is None:
            return
        try:
            install = await self._installs.of(user.workspace)
            look = self._abilities.look(install)
            view = views.of_home(shown.message, look, self._posts.link)
            await self._api.call(
                user.workspace, lambda client: client.views_publish(user_id=user.id, view=view)
            )
        except (ApiError, AdapterError) as error:
            log.info("home_not_shown", code=error.code)

    async def offer(self, ours: Ours, inner: Body) -> None:
        """Offer things to say."""
        if channel := str(inner.get("channel") or ""):
            await self._agent.offer(Spot(tenant=ours.tenant, channel=channel))

    def heard_from(self, event: Event) -> None:
        """Remember who waits for an answer in a thread."""
        if isinstance(event, MessagePosted):
            self._readers.put(event.thread.key, event.user)
        elif isinstance(event, Pressed) and event.ref is not None:
            self._whispers.pressed(event.ref, event.interaction)

    def reader(self, thread: ThreadRef) -> UserRef | None:
        """Who wrote last in a thread, in the life of this process."""
        return self._readers.get(thread.key)

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the answer."""
        self.background.start(work)
