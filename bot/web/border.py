"""The border every request passes: its id, its limits, its log line, and headers for safety."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final
from uuid import uuid4

import structlog
from fastapi import HTTPException, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.grace import Grace
from bot.observability import METRICS, correlated, report
from bot.views.errors import words_for
from bot.web.origins import Origins
from bot.web.problems import problem
from bot.web.words import words_of

log = structlog.get_logger(__name__)

MAX_BODY: Final = 1024 * 1024
"""Bytes of a request's body. Nobody writes that much, and platforms post less."""

GONE: Final = 499
"""What logs and figures call a request whose sender left before it was answered."""

DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = _READING | {"POST", "PUT", "PATCH", "DELETE"}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": DATA_POLICY,
    "Cache-Control": "no-store",
}


class Border:
    """Wraps the whole application. Outermost, so that nothing leaves without an id."""

    def __init__(
        self, app: ASGIApp, origins: Origins, bodies: Mapping[str, int], grace: Grace
    ) -> None:
        self._app = app
        self._origins = origins
        self._bodies = bodies
        self._grace = grace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request or connection on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _SAFE_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        with correlated(request_id=request_id):
            passed = _Request(self._app, scope, request_id, self._most(scope), self._grace)
            refusal = self._refusal(scope, headers)
            if scope["type"] == "websocket":
                await passed.connect(refusal, receive, send)
            else:
                await passed.answer(refusal, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """The status and code that this request is refused with, if it is."""
        host = headers.get("host", "")
        if not self._origins.host_allowed(host):
            return 421, "host_refused"
        acts = scope["type"] == "websocket" or scope["method"] not in _READING
        if acts and not self._origins.origin_allowed(headers.get("origin"), host):
            return 403, "origin_refused"
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._most(scope):
            return 413, "too_large"
        return None

    def _most(self, scope: Scope) -> int:
        return self._bodies.get(scope["path"], MAX_BODY)


class _Request:
    """One request on its way through."""

    def __init__(
        self, app: ASGIApp, scope: Scope, request_id: str, most: int, grace: Grace
    ) -> None:
        self._app = app
        self._scope = scope
        self._id = request_id
        self._most = most
        self._grace = grace
        self._status = 0

    async def connect(self, refusal: tuple[int, str] | None, receive: Receive, send: Send) -> None:
        """Pass a WebSocket on; a refused one never opens."""
        if refusal is not None:
            METRICS.errors.labels(refusal[1]).inc()
            log.info("connection_refused", code=refusal[1])
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": words_of(refusal[1])})
            return
        try:
            await self._app(self._scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the outermost place; a bug ends here
            report(error)

    async def answer(self, refusal: tuple[int, str] | None, receive: Receive, send: Send) -> None:
        """Pass a request on and log it by its route; a bug becomes a problem document.

        So does a stop that cannot wait for it any longer.
        """
        began = time.monotonic()
        sent = self._sending(send)
        if refusal is not None:
            status, code = refusal
            await self._problem(status, code, words_of(code))(self._scope, receive, sent)
        else:
            try:
                await self._app(self._scope, _limited(receive, self._most), sent)
            except asyncio.CancelledError:
                if self._status or not self._grace.has_begun:
                    raise
                # Whoever cancelled it waits for its end, which is the answer.
                stopping = self._problem(503, "stopping", words_of("stopping"), retryable=True)
                await stopping(self._scope, receive, sent)
            except ClientDisconnect:
                self._status = GONE
            except Exception as error:  # noqa: BLE001 - the outermost place; a bug ends here
                report(error)
                if not self._status:
                    await self._problem(500, "failed", words_for("failed", {}))(
                        self._scope, receive, sent
                    )
        self._logged(time.monotonic() - began)

    def _problem(self, status: int, code: str, words: str, *, retryable: bool = False) -> Response:
        return problem(self._id, status, code, words, retryable=retryable)

    def _sending(self, send: Send) -> Callable[[Message], Awaitable[None]]:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = self._id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        return sent

    def _logged(self, seconds: float) -> None:
        # The route and not the address: that may hold what somebody wrote into it.
        route = getattr(self._scope.get("route"), "path", "") or "unmatched"
        method = self._scope["method"] if self._scope["method"] in _METHODS else "other"
        status = self._status or int(HTTPStatus.INTERNAL_SERVER_ERROR)
        METRICS.requests.labels(method, route, str(status)).observe(seconds)
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _limited(receive: Receive, most: int) -> Receive:
    """The request's body, counted as it comes: its length may be missing or a lie."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413)
        return message

    return limited
