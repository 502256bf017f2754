"""Socket Mode: a connection that is watched, and replaced as a whole when it goes deaf.

The library's client reconnects too, but it can believe in a connection that brings nothing. Here a
new client takes over before the old one is closed; Slack lets an app have ten.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.clock import Clock
from adapters.slack.api import QUIET
from adapters.slack.lanes import Busy
from adapters.slack.pulse import Pulse

log = structlog.get_logger(__name__)

CODE: Final = "no_socket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """In seconds.

    How often to look and to ping, how long silence is believed, how long a connection may take to
    stand, and how long to wait after a failure at first and at most.
    """

    look: float = 1.0
    ping: float = 5.0
    quiet: float = 600.0
    connect: float = 10.0
    wait: float = 1.0
    most: float = 30.0


class Socket:
    """One app's connection."""

    def __init__(
        self,
        app: AsyncApp,
        token: str,
        client: Callable[[str], AsyncWebClient],
        *,
        clock: Clock,
        pulse: Pulse,
        timing: Timing,
    ) -> None:
        self._app = app
        self._token = token
        self._web = client
        self._clock = clock
        self._pulse = pulse
        self._timing = timing
        self._socket: SocketModeClient | None = None
        self._heard = clock.now()
        self._failed = 0
        self._busy = Busy()

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[None]:
        """Take part while the block runs. At its end nothing is under way any more."""
        self._pulse.lasting(CODE)
        await self._replace("begin")
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching})
            await self._close(self._socket)
            self._socket = None
            await self._busy.idle()
        if not watching.cancelled() and (error := watching.exception()):
            raise error

    async def _watch(self) -> None:
        """Look, and replace what is dead or deaf."""
        while True:
            wait = min(self._timing.most, self._timing.wait * 2**self._failed)
            await self._clock.sleep(wait if self._failed else self._timing.look)
            if why := await self._wrong():
                await self._replace(why)

    async def _wrong(self) -> str:
        """What is wrong with the connection; nothing, usually."""
        socket = self._socket
        if socket is None:
            return "none"
        if socket.current_session is None or socket.current_session.closed:
            return "closed"
        if not await socket.is_connected():
            return "no_pong"
        if self._clock.now() - self._last() > timedelta(seconds=self._timing.quiet):
            return "quiet"
        return ""

    def _last(self) -> datetime:
        return max(self._heard, self._pulse.last_heard or self._heard)

    async def _replace(self, why: str) -> None:
        """Put a new connection in the place of the one there is."""
        if why not in ("begin", "quiet"):
            self._pulse.lasting(CODE)
        if why != "begin":
            log.info("socket_replaced", why=why, tries=self._failed)
        old, self._heard = self._socket, self._clock.now()
        fresh = SocketModeClient(
            app_token=self._token,
            logger=QUIET,
            web_client=self._web(self._token),
            auto_reconnect_enabled=False,
            ping_interval=self._timing.ping,
        )
        fresh.socket_mode_request_listeners.append(self._request)
        fresh.message_listeners.append(self._message)
        try:
            async with asyncio.timeout(self._timing.connect):
                await fresh.connect_to_new_endpoint()
        except (
            SlackApiError,
            SlackClientError,
            aiohttp.ClientError,
            TimeoutError,
            OSError,
        ) as error:
            self._failed += 1
            self._pulse.lasting(CODE)
            log.warning("socket_failed", kind=type(error).__name__, tries=self._failed)
            await self._close(fresh)
            return
        self._socket, self._failed = fresh, 0
        self._pulse.over(CODE)
        self._pulse.back()
        await self._close(old)

    async def _close(self, socket: SocketModeClient | None) -> None:
        if socket is None:
            return
        tasks = (socket.message_processor, socket.current_session_monitor, socket.message_receiver)
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(self._timing.connect):
                await socket.close()  # type: ignore[no-untyped-call]
        # The library cancels its tasks and leaves them; nobody else would wait for them.
        left = {one for one in tasks if one is not None}
        for one in left:
            one.cancel()
        if left:
            await asyncio.wait(left)

    async def _message(self, _client: AsyncBaseSocketModeClient, _message: Any, _raw: Any) -> None:
        self._heard = self._clock.now()

    async def _request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        with self._busy:
            answer = await run_async_bolt_app(self._app, request)
            with suppress(aiohttp.ClientError, ConnectionError, RuntimeError):
                # Not acknowledged is delivered again; the inbox has it already then.
                await send_async_response(client, request, answer, 0.0)
