"""Slack as a chat platform: the parts put together, and the port they answer."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.clock import Clock
from adapters.errors import DeliveryFailed, NotRunning, Refused, Unreachable
from adapters.messages import Message, Speaker
from adapters.port import (
    Absent,
    Accept,
    AdapterHealth,
    Answer,
    CommandSpec,
    Draft,
    Event,
    FileRef,
    GroupRef,
    Limits,
    MessageRef,
    Platform,
    Profile,
    ThreadRef,
    ThreadState,
    To,
    Unknowable,
    UserRef,
    Whisper,
)
from adapters.refs import UNKNOWABLE
from adapters.slack import parse
from adapters.slack.abilities import Abilities
from adapters.slack.agent import Agent
from adapters.slack.api import QUIET, Api, ApiError, client_of
from adapters.slack.connection import Connection, Setup
from adapters.slack.files import Files
from adapters.slack.growing import Growing
from adapters.slack.history import NO_HISTORY, History
from adapters.slack.inbound import Doors, Inbound, Next
from adapters.slack.installs import OneInstall
from adapters.slack.limits import LIMITS, PLATFORM
from adapters.slack.many import ManyInstalls
from adapters.slack.outside import Reach
from adapters.slack.pace import Pace
from adapters.slack.people import People
from adapters.slack.places import Spot, spot, stamps, thread_ref, whispered_to
from adapters.slack.posting import Posts
from adapters.slack.pulse import Pulse
from adapters.slack.whispering import Whispers
from adapters.text import literal

OFF: Final = "not_running"


class SlackAdapter:
    """One app, in one workspace or in many."""

    def __init__(
        self,
        setup: Setup,
        *,
        installs: OneInstall | ManyInstalls,
        specs: tuple[CommandSpec, ...],
        clock: Clock,
    ) -> None:
        place = urlsplit(setup.api_url).netloc
        own = "" if place == "slack.com" else place
        self.setup = setup
        self.installs = installs
        self._pulse = Pulse(clock)
        self._pulse.lasting(OFF)
        self._api = api = Api(setup.api_url, installs, self._pulse)
        self._abilities = abilities = Abilities()
        self._files = Files(api, installs, clock, own)
        self._history = History(api, installs, clock)
        pace = Pace(clock, setup.per_second)
        self._posts = Posts(api, installs, self._files, abilities, self._history, pace)
        self._whispers = Whispers(api, self._posts, clock, own)
        self._growing = Growing(api, installs, self._posts, abilities, clock)
        self._agent = Agent(api, abilities, specs)
        self._people = People(api, clock)
        self._reach = Reach(
            api,
            installs,
            self._posts,
            self._whispers,
            self._agent,
            abilities,
            self._pulse,
            specs,
        )
        self._inbound = Inbound(self._reach, specs, clock, self._pulse)
        self.app = self._bolt(setup)
        self.connection = Connection(
            setup, api=api, app=self.app, installs=installs, clock=clock, pulse=self._pulse
        )
        self._specs = specs

    @property
    def platform(self) -> Platform:
        """Slack."""
        return PLATFORM

    @property
    def limits(self) -> Limits:
        """What it carries."""
        return LIMITS

    @asynccontextmanager
    async def running(self, accept: Accept, answer: Answer) -> AsyncGenerator[None]:
        """Take part while the block runs."""
        doors = Doors(accept=accept, answer=answer, within=self.setup.answer_within)
        background = self._reach.background
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.connection.opened(background))
            self._pulse.over(OFF)
            self._inbound.doors = self._reach.doors = doors
            try:
                await stack.enter_async_context(self.connection.listening())
                self._pulse.back()
                yield
            finally:
                self._inbound.doors = self._reach.doors = None
                self._pulse.lasting(OFF)
                await self._inbound.busy.idle()
                broken = await background.close()
        if broken:
            raise broken

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        """Show a message in a thread, or to one person alone."""
        here = self._addressed(to)
        if isinstance(to, Whisper):
            return await self._whispers.show(to, message, key)
        ref = await self._posts.post(to, message, key)
        if message.pinned:
            await self._pin(here, stamps(ref)[0])
        await self._agent.wrote(here)
        return ref

    async def edit(self, ref: MessageRef, message: Message) -> MessageRef:
        """Put a message in the place of another."""
        self._addressed(ref.thread)
        if whispered_to(ref):
            return await self._whispers.again(ref, message)
        return await self._posts.edit(ref, message)

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        """Let a message grow."""
        here = self._addressed(to)
        async with self._growing.draft(to, key, speaker, self._reach.reader(to)) as draft:
            yield draft
        await self._agent.wrote(here)

    async def find_posted(
        self, to: To, *, key: str, since: datetime
    ) -> MessageRef | Absent | Unknowable:
        """The message with this key. Whispers leave no trace, but in a direct message."""
        here = self._addressed(to)
        if isinstance(to, Whisper):
            if not here.is_dm:
                return UNKNOWABLE
            to = to.thread
        return await self._history.find(to, key, since)

    async def typing(self, thread: ThreadRef, speaker: Speaker) -> None:
        """Show that somebody is about to write."""
        await self._agent.typing(self._addressed(thread), speaker)

    async def open_thread(
        self, near: ThreadRef, title: str, *, key: str, private_to: tuple[UserRef, ...] = ()
    ) -> ThreadRef:
        """A thread under a message with the title, in the channel of `near` or in a direct one."""
        here = replace(self._addressed(near), root="")
        if private_to:
            people = ",".join(one.id for one in private_to)
            here = replace(here, channel=await self._posts.dm(here.tenant, people))
        try:
            return await self._opened(here, title, key)
        except Unreachable:
            if not await self._came_in(here):
                raise
        return await self._opened(here, title, key)

    async def _opened(self, here: Spot, title: str, key: str) -> ThreadRef:
        known = await self._history.thread_of(here, key)
        if known is not None:
            return known
        top = thread_ref(here.tenant, here.channel)
        ref = await self._posts.post(top, Message(text=f"**{literal(title)}**"), key)
        return thread_ref(here.tenant, here.channel, stamps(ref)[0])

    async def _came_in(self, here: Spot) -> bool:
        """Whether we could come into a channel: into a public one, and nowhere else."""
        try:
            await self._api.call(
                here.tenant, lambda client: client.conversations_join(channel=here.channel)
            )
        except ApiError:
            return False
        return True

    async def mark_thread(
        self, thread: ThreadRef, *, title: str | None = None, state: ThreadState | None = None
    ) -> None:
        """Show another title or state, where Slack knows sessions."""
        await self._agent.mark(self._addressed(thread), title=title, state=state)

    async def open_dm(self, user: UserRef) -> ThreadRef:
        """The direct message with somebody."""
        self.require_running()
        if user.platform != PLATFORM:
            raise Refused("foreign_ref")
        return await self._reach.dm_of(user)

    def fetch(self, file: FileRef) -> AsyncIterator[bytes]:
        """What somebody sent."""
        self.require_running()
        return self._files.fetch(file)

    async def profile(self, user: UserRef) -> Profile:
        """What Slack tells about somebody."""
        self.require_running()
        return await self._people.profile(user)

    async def members(self, of: ThreadRef | GroupRef) -> AsyncIterator[UserRef]:
        """The people in a channel or user group."""
        self.require_running()
        if isinstance(of, GroupRef):
            found = self._people.in_group(of)
        else:
            here = self._addressed(of)
            install = await self.installs.of(here.tenant)
            found = self._people.in_channel(here, install.bot_user)
        async for one in found:
            yield one

    async def missed(self, thread: ThreadRef, since: str) -> AsyncIterator[Event]:
        """What people wrote there later, where we may read it."""
        here = self._addressed(thread)
        install = await self.installs.of(here.tenant)
        ours = parse.Ours(tenant=here.tenant, bot_user=install.bot_user, specs=self._specs)
        try:
            found = [one async for one in self._history.all(here, since)]
        except DeliveryFailed as error:
            if error.reason in NO_HISTORY:
                return
            raise
        for one in sorted(found, key=lambda each: str(each.get("ts", ""))):
            event = parse.message({**one, "channel": here.channel}, ours)
            if event is not None and event.order > since:
                yield event

    def link(self, ref: MessageRef) -> str:
        """Where a message stands, for a browser."""
        return self._posts.link(ref)

    def health(self) -> AdapterHealth:
        """How the connection is."""
        return self._pulse.health()

    # --- bookkeeping ---------------------------------------------------------------------------

    def _bolt(self, setup: Setup) -> AsyncApp:
        return AsyncApp(
            logger=QUIET,
            name="dressrun",
            signing_secret=setup.signing_secret or "none",
            client=client_of("", setup.api_url, None),
            authorize=_nobody,
            before_authorize=self._heard,
        )

    def require_running(self) -> None:
        """Go on only inside `running`.

        Raises:
            NotRunning: it is not entered.
        """
        if self._inbound.doors is None:
            raise NotRunning

    def _addressed(self, to: To) -> Spot:
        self.require_running()
        return spot(to.thread if isinstance(to, Whisper) else to)

    async def _pin(self, here: Spot, stamp: str) -> None:
        try:
            await self._api.call(
                here.tenant,
                lambda client: client.pins_add(channel=here.channel, timestamp=stamp),
            )
        except ApiError:
            return  # It stands there all the same.

    async def _heard(self, req: AsyncBoltRequest, next: Next) -> BoltResponse | None:
        return await self._inbound.heard(req, next)


async def _nobody() -> AuthorizeResult:
    """Bolt never asks: what comes in is answered before that."""
    raise NotRunning
