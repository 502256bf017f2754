"""Slack over HTTP: what it sends, and the pages that install the app."""

from slack_bolt.adapter.starlette.async_handler import (
    to_async_bolt_request,
    to_starlette_response,
)
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from adapters.slack.adapter import SlackAdapter
from adapters.slack.oauth import INSTALL, REDIRECT

EVENTS = "/slack/events"


def routes_of(adapter: SlackAdapter) -> list[BaseRoute]:
    """Every route."""
    web = _Web(adapter)
    return [
        _Route(EVENTS, web.heard, methods=["POST"]),
        _Route(INSTALL, web.install),
        _Route(REDIRECT, web.installed),
    ]


class _Route(Route):
    """A route that the server's log and figures know by its path."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it takes a request; the request then knows its route."""
        match, child = super().matches(scope)
        return match, {**child, "route": self}


class _Web:
    """Requests in, answers out."""

    def __init__(self, adapter: SlackAdapter) -> None:
        self._adapter = adapter

    async def heard(self, request: Request) -> Response:
        """An event, a command, a press or a form; only what is signed by Slack."""
        if not self._adapter.setup.signing_secret:
            return PlainTextResponse("no signing secret is set", 404)
        try:
            asked = to_async_bolt_request(request, await request.body())
        except ValueError:
            return PlainTextResponse("unreadable", 400)
        return to_starlette_response(await self._adapter.app.async_dispatch(asked))

    async def install(self, request: Request) -> Response:
        """The page with the button that installs the app."""
        flow = self._adapter.connection.flow
        if flow is None:
            return self._none()
        asked = to_async_bolt_request(request, b"")
        return to_starlette_response(await flow.handle_installation(asked))

    async def installed(self, request: Request) -> Response:
        """Where Slack sends whoever installed it."""
        flow = self._adapter.connection.flow
        if flow is None:
            return self._none()
        asked = to_async_bolt_request(request, b"")
        return to_starlette_response(await flow.handle_callback(asked))

    def _none(self) -> Response:
        many = not self._adapter.installs.single
        return PlainTextResponse("not running" if many else "not set up", 503 if many else 404)
