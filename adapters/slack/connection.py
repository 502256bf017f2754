"""One app's connection to Slack: its HTTP session, whose its token is, its socket."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp

from adapters.clock import Clock
from adapters.errors import AdapterError
from adapters.slack import oauth
from adapters.slack.api import SECONDS, Api, ApiError
from adapters.slack.background import Background
from adapters.slack.installs import Install, OneInstall
from adapters.slack.limits import PER_SECOND
from adapters.slack.many import ManyInstalls, Renewed
from adapters.slack.pulse import Pulse
from adapters.slack.socket import Socket, Timing

if TYPE_CHECKING:
    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

log = structlog.get_logger(__name__)

STRANGER: Final = "not_authorised"
LATE: Final = "loop_late"
FIRST, MOST = 1.0, 60.0
_LOOK: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What one app is told.

    `late`: so many seconds the process may hang before that is said. `per_second`: messages in one
    channel, for long.
    """

    token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"
    public_url: str = ""
    answer_within: float = 1.0
    timing: Timing = field(default_factory=Timing)
    late: float = 1.0
    per_second: float = PER_SECOND


class Connection:
    """Opens and closes it."""

    def __init__(
        self,
        setup: Setup,
        *,
        api: Api,
        app: AsyncApp,
        installs: OneInstall | ManyInstalls,
        clock: Clock,
        pulse: Pulse,
    ) -> None:
        self._setup = setup
        self._api = api
        self._app = app
        self._installs = installs
        self._clock = clock
        self._pulse = pulse
        self.flow: AsyncOAuthFlow | None = None

    @asynccontextmanager
    async def opened(self, background: Background) -> AsyncGenerator[None]:
        """Be able to call Slack while the block runs."""
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            self._api.session = session
            try:
                await self._introduced(background)
                background.start(self._watch())
                yield
            finally:
                self._api.session = None
                self.flow = None

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Hear by Socket Mode while the block runs, where that is set up."""
        if not self._setup.app_token:
            yield
            return
        socket = Socket(
            self._app,
            self._setup.app_token,
            self._api.client,
            clock=self._clock,
            pulse=self._pulse,
            timing=self._setup.timing,
        )
        async with socket.connected():
            yield

    async def _introduced(self, background: Background) -> None:
        setup, installs = self._setup, self._installs
        if isinstance(installs, ManyInstalls):
            installs.renewal = self._renew
            if not await self._sealed(installs):
                background.start(self._again(lambda: self._sealed(installs)))
            self.flow = oauth.flow_of(
                self._api, installs, setup.client_id, setup.client_secret, setup.public_url
            )
            return
        installs.greet = self._greet
        if not await self._greeted(installs):
            background.start(self._again(lambda: self._greeted(installs)))

    async def _renew(self, refresh_token: str) -> Renewed:
        setup = self._setup
        return await oauth.renew(self._api, setup.client_id, setup.client_secret, refresh_token)

    async def _greet(self, token: str) -> Install:
        found = await self._api.by(token, lambda client: client.auth_test())
        return oauth.of(found, token)

    async def _greeted(self, installs: OneInstall) -> bool:
        try:
            async with asyncio.timeout(SECONDS):
                await installs.begin()
        except (ApiError, AdapterError, TimeoutError) as error:
            self._pulse.lasting(STRANGER)
            log.warning("not_authorised", code=getattr(error, "code", "timeout"))
            return False
        self._pulse.over(STRANGER)
        return True

    async def _sealed(self, installs: ManyInstalls) -> bool:
        try:
            return await installs.sealed_anew()
        except AdapterError as error:
            log.warning("tokens_not_sealed", code=error.code)
            return False

    async def _again(self, done: Callable[[], Awaitable[bool]]) -> None:
        """Try something until it is done, more and more seldom."""
        wait = FIRST
        while True:
            await self._clock.sleep(wait)
            if await done():
                return
            wait = min(MOST, wait * 2)

    async def _watch(self) -> None:
        """Say when the process hangs: Slack takes no answer after three seconds."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(_LOOK)
            late = loop.time() - before - _LOOK
            if late > self._setup.late:
                self._pulse.passing(LATE)
                log.warning("loop_late", seconds=round(late, 2))
