"""Asks for a login wherever others than this machine can come.

Closed is the rule: what stays open is named, and a new address is closed until somebody names it.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import Response
from starlette.requests import HTTPConnection
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from adapters.errors import AdapterError
from adapters.kit import Login
from adapters.nearby import far, host_of, is_loopback
from bot.observability import METRICS
from bot.platforms import Platforms, Visitor
from bot.settings import Settings
from bot.views.errors import words_for
from bot.web import portraits
from bot.web.problems import problem
from bot.web.signing_in import ASKS, page
from bot.web.words import words_of

log = structlog.get_logger(__name__)

ALWAYS_OPEN: Final = ("/healthz", "/readyz")
"""For whoever restarts processes, who has no account. They tell nothing about anybody."""

LOOK_SECONDS: Final = 0.5
"""So old may be what is known about the login of an open WebSocket."""

LOGIN_ENDED: Final = 4401

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """Nobody is let in like this."""

    status: int
    code: str


class Logins:
    """Wraps the routes. Whoever comes in has `state.visitor`: None where nobody has to log in."""

    def __init__(self, app: ASGIApp, *, settings: Settings, platforms: Platforms) -> None:
        self._app = app
        self._near = settings.on_loopback and not settings.public_url
        self._platforms = platforms
        self._open = patterns((*ALWAYS_OPEN, *portraits.OPEN, *platforms.signed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let somebody in, or ask them to log in."""
        if scope["type"] not in {"http", "websocket"} or self.is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            visitor = await self._visitor(connection)
        except Refused as error:
            await _refuse(error, connection, receive, send)
            return
        scope.setdefault("state", {})["visitor"] = visitor
        if scope["type"] == "websocket" and visitor is not None:
            lasting = _Lasting(lambda: self._visitor(connection), receive, send)
            receive, send = lasting.receive, lasting.send
        await self._app(scope, receive, send)

    def is_open(self, path: str) -> bool:
        """Whether nobody is asked who they are at this address."""
        return any(one.fullmatch(path) for one in self._open)

    async def _visitor(self, connection: HTTPConnection) -> Visitor | None:
        why = self._why_login(connection)
        if why is None:
            return None
        try:
            found = await self._platforms.visitor(connection)
        except AdapterError as error:
            log.warning("login_unknown", code=error.code)
            raise Refused(503, "store_away") from None
        if found is None:
            raise Refused(401, "forwarded" if why == "forwarded" else "login_needed")
        login, visitor = found
        if _acts(connection) and not _is_own_page(connection, login):
            raise Refused(403, "csrf")
        return visitor

    def _why_login(self, connection: HTTPConnection) -> str | None:
        if not self._near:
            return "login_needed"
        peer = connection.client.host if connection.client else ""
        return far(dict(connection.headers), peer)


class _Lasting:
    """A WebSocket of somebody who logged in: it ends with its login, at the next frame."""

    def __init__(
        self, visitor: Callable[[], Awaitable[object]], receive: Receive, send: Send
    ) -> None:
        self._visitor = visitor
        self._receive = receive
        self._send = send
        self._ended = False
        self._looked = asyncio.get_running_loop().time()

    async def receive(self) -> Message:
        """What comes in; the end of it for whoever is let in no more."""
        message = await self._receive()
        if message["type"] == "websocket.receive" and not await self._stays():
            return {"type": "websocket.disconnect", "code": LOGIN_ENDED}
        return message

    async def send(self, message: Message) -> None:
        """Send something, but not to whoever is let in no more.

        Raises:
            WebSocketDisconnect: it was closed, so that nothing follows.
        """
        if message["type"] == "websocket.send" and not await self._stays():
            raise WebSocketDisconnect(LOGIN_ENDED)
        if not self._ended:
            await self._send(message)

    async def _stays(self) -> bool:
        now = asyncio.get_running_loop().time()
        if not self._ended and now - self._looked > LOOK_SECONDS:
            self._looked = now
            try:
                await self._visitor()
            except Refused as error:
                if error.status != 401:
                    return True  # Nobody can say now.
                self._ended = True
                await self._send({"type": "websocket.close", "code": LOGIN_ENDED})
        return not self._ended


def patterns(paths: Collection[str]) -> tuple[re.Pattern[str], ...]:
    """What the paths of routes match."""
    return tuple(compile_path(one)[0] for one in paths)


def _acts(connection: HTTPConnection) -> bool:
    # A WebSocket of another page is refused by its origin; no page can send a header with one.
    return connection.scope["type"] == "http" and connection.scope["method"] not in _READING


def _is_own_page(connection: HTTPConnection, login: Login) -> bool:
    if login.word is None:
        return True
    given = connection.headers.get(login.header, "")
    return hmac.compare_digest(given.encode(), login.word.encode())


async def _refuse(why: Refused, connection: HTTPConnection, receive: Receive, send: Send) -> None:
    scope = connection.scope
    words = words_of(why.code) or words_for(why.code, {})
    if scope["type"] == "websocket":
        METRICS.errors.labels(why.code).inc()
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": words})
        return
    await _answer(why, connection, words)(scope, receive, send)


def _answer(why: Refused, connection: HTTPConnection, words: str) -> Response:
    if why.status == 401 and "text/html" in connection.headers.get("accept", ""):
        secret = connection.url.scheme == "https" or is_loopback(host_of(connection.url.netloc))
        return page(keeps_cookies=secret)
    request_id = str(connection.scope["state"].get("request_id", ""))
    asks = {"WWW-Authenticate": ASKS} if why.status == 401 else None
    retry = why.status == 503
    return problem(request_id, why.status, why.code, words, retryable=retry, headers=asks)
