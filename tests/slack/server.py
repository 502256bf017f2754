"""The fake as a server on loopback: HTTP, sockets, and the bad habits of real ones."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from aiohttp import WSCloseCode, WSMsgType, web

from tests.slack.checks import check_blocks
from tests.slack.methods import Methods
from tests.slack.world import Json, SlackError, Team, World

Found = TypeVar("Found")


@dataclass
class Called:
    """One call of the Web API, as it came."""

    method: str
    asked: Json
    token: str
    outcome: str = ""


@dataclass
class Faults:
    """What goes wrong. `scripted` errors are given once each, by method; an empty one is none."""

    down: bool = False
    refusing: bool = False
    throttled: float = 0
    answers_to_lose: list[int] = field(default_factory=list)
    scripted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    spent: bool = False
    deaf: bool = False
    no_sockets: bool = False


class FakeSlack:
    """A Slack."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.methods = Methods(world, lambda: self.root)
        self.log: list[Called] = []
        self.fetched: list[str] = []
        self.answered: list[tuple[str, Json]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.envelopes: dict[str, asyncio.Future[Json]] = {}
        self.connected = asyncio.Condition()
        self.changed = asyncio.Condition()
        self.handed = 0
        self.root = ""
        self._runner: web.AppRunner | None = None
        self._tokens = 0

    @property
    def api_url(self) -> str:
        """What stands for `https://slack.com/api/`."""
        return f"{self.root}/api/"

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncGenerator["FakeSlack"]:
        """Serve while the block runs."""
        await self.start(port)
        try:
            yield self
        finally:
            await self.stop()

    async def start(self, port: int = 0) -> None:
        """Begin to serve."""
        app = web.Application(client_max_size=100 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._called)
        app.router.add_post("/upload/{id}", self._upload)
        app.router.add_get("/download/{id}", self._download)
        app.router.add_post("/response/{id}", self._answer)
        app.router.add_get("/socket/{ticket}", self._socket)
        runner = web.AppRunner(app, shutdown_timeout=0.1, handle_signals=False, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        [(_, bound, *_)] = [one.getsockname() for one in site._server.sockets]  # type: ignore
        self.root = f"http://127.0.0.1:{bound}"
        self._runner = runner

    async def stop(self) -> None:
        """Stop."""
        for one in list(self.sockets):
            await one.close(code=WSCloseCode.GOING_AWAY)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def calls(self, method: str) -> list[Json]:
        """What a method was asked, for calls that did something."""
        return [one.asked for one in self.log if one.method == method and one.outcome == "ok"]

    async def until(self, found: Callable[[], Found], seconds: float = 20) -> Found:
        """Wait until something is there; looked for after each call."""
        async with asyncio.timeout(seconds), self.changed:
            while not (hit := found()):
                await self.changed.wait()
            return hit

    # --- the Web API ---------------------------------------------------------------------------

    async def _called(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._outcome(request)
        finally:
            async with self.changed:
                self.changed.notify_all()

    async def _outcome(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        asked = await _asked(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = str(asked.pop("token", "") or token)
        entry = Called(name, asked, token)
        self.log.append(entry)
        if self.faults.down:
            entry.outcome = "down"
            return web.Response(status=503, text="<html>away</html>", content_type="text/html")
        try:
            result, team = self._result(name, asked, token, request)
        except SlackError as error:
            entry.outcome = error.code
            headers = {"Retry-After": f"{error.retry_after:g}"} if error.retry_after else {}
            body = {"ok": False, "error": error.code}
            return web.json_response(body, status=error.status, headers=headers)
        entry.outcome = "ok"
        if self._loses(name):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        headers = {"x-oauth-scopes": team.scopes} if team else {}
        return web.json_response({"ok": True, **result}, headers=headers)

    def _result(
        self, name: str, asked: Json, token: str, request: web.Request
    ) -> tuple[Json, Team | None]:
        if name == "oauth.v2.access":
            return self._granted(asked, request), None
        if self.faults.scripted[name] and (code := self.faults.scripted[name].pop(0)):
            raise SlackError(code)
        if name == "apps.connections.open":
            if self.faults.no_sockets:
                raise SlackError("internal_error")
            if token not in {one.app_token for one in self.world.teams.values()}:
                raise SlackError("invalid_auth")
            return {"url": f"{self.root.replace('http', 'ws')}/socket/{self.world.number()}"}, None
        if name.startswith("chat.") and self.faults.throttled:
            raise SlackError("ratelimited", status=429, retry_after=self.faults.throttled)
        team = self.world.team_of(token)
        if name.startswith("chat.") and self.faults.refusing:
            # As real ones do, it quotes what it refuses.
            raise SlackError(f"invalid_text {asked.get('text')}")
        return self.methods.answer(name, team, asked), team

    def _loses(self, name: str) -> bool:
        if not name.startswith("chat.") or not self.faults.answers_to_lose:
            return False
        left = [one - 1 for one in self.faults.answers_to_lose]
        self.faults.answers_to_lose = [one for one in left if one > 0]
        return 0 in left

    def _granted(self, asked: Json, request: web.Request) -> Json:
        """Tokens for a code of somebody who installs, or for a refresh token, which is spent."""
        self._tokens += 1
        if asked.get("grant_type") == "refresh_token":
            for team in self.world.teams.values():
                if team.refresh_token and team.refresh_token == asked["refresh_token"]:
                    team.token = f"xoxe-{team.id}-{self._tokens}"
                    team.refresh_token = f"refresh-{team.id}-{self._tokens}"
                    return {
                        "access_token": team.token,
                        "refresh_token": team.refresh_token,
                        "expires_in": 43_200,
                    }
            raise SlackError("invalid_refresh_token")
        if not request.headers.get("Authorization", "").startswith("Basic ") and not asked.get(
            "client_secret"
        ):
            raise SlackError("bad_client_secret")
        team = self.world.teams[self.world.codes.pop(asked["code"], "")]
        return {
            "access_token": team.token,
            "app_id": "A1",
            "bot_user_id": team.bot_user,
            "scope": team.scopes,
            "team": None if team.whole else {"id": team.id, "name": team.id},
            "enterprise": {"id": team.enterprise} if team.enterprise else None,
            "is_enterprise_install": team.whole,
            "authed_user": {"id": "U1"},
            "token_type": "bot",
            **(
                {"refresh_token": team.refresh_token, "expires_in": 43_200}
                if team.refresh_token
                else {}
            ),
        }

    # --- files ---------------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        self.world.contents[request.match_info["id"]] = await request.read()
        return web.Response(text="OK")

    async def _download(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        self.fetched.append(id_)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in {one.token for one in self.world.teams.values()}:
            return web.Response(text="<html>log in</html>", content_type="text/html")
        if id_ not in self.world.contents:
            return web.Response(status=404)
        return web.Response(body=self.world.contents[id_])

    async def _answer(self, request: web.Request) -> web.Response:
        id_, body = request.match_info["id"], await request.json()
        self.answered.append((id_, body))
        said = self.world.pressed.get(id_)
        if body.get("replace_original") and self.faults.spent:
            return web.Response(status=404, text="used_url")
        if body.get("replace_original") and said is not None:
            check_blocks(body["blocks"], 50, charts=self.methods.charts, tables=True)
            said.text, said.blocks, said.edits = body["text"], body["blocks"], said.edits + 1
        async with self.changed:
            self.changed.notify_all()
        return web.Response(text="ok")

    # --- Socket Mode ---------------------------------------------------------------------------

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.faults.no_sockets:
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=not self.faults.deaf)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets) + 1})
        async with self.connected:
            self.sockets.append(socket)
            self.handed += 1
            self.connected.notify_all()
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            self.sockets.remove(socket)
        return socket

    def _acknowledged(self, answer: Json) -> None:
        waiting = self.envelopes.get(str(answer.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.get("payload") or {})

    async def until_connected(self, times: int) -> None:
        """Wait until a socket was opened so often."""
        async with asyncio.timeout(10), self.connected:
            await self.connected.wait_for(lambda: self.handed >= times)


async def _asked(request: web.Request) -> Json:
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    elif request.content_type == "application/x-www-form-urlencoded":
        found |= dict(parse_qsl((await request.text()), keep_blank_values=True))
    elif request.content_type.startswith("multipart/"):
        found |= dict((await request.post()).items())
    return {key: _bool(value) for key, value in found.items()}


def _bool(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
