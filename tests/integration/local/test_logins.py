"""Everything asks for a login where others than this machine can come, but what is named."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route, WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adapters.kits import kits
from bot.platforms import Platforms, invited, let_in
from bot.store.database import Database
from bot.web import portraits
from bot.web.app import create
from bot.web.logins import ALWAYS_OPEN
from bot.wiring import App
from tests.integration.local.rig import app_of, platforms, workspace
from tests.integration.web.rig import PATIENCE, Chat, Served

AWAY = "https://dressrun.example.org"
WANTED = {"scenario_id": "chest-pain", "user_id": "ana-lee"}
OPEN = {*ALWAYS_OPEN, *portraits.OPEN, *(path for kit in kits().values() for path in kit.signed)}


def routes(app: App) -> list[BaseRoute]:
    return list(flat(create(app, platforms(app)).router.routes))


def flat(found: Any) -> Iterator[BaseRoute]:
    for one in found:
        included = getattr(one, "original_router", None)
        if included is not None:
            yield from flat(included.routes)
        else:
            assert isinstance(one, Route | WebSocketRoute), f"look closer at {one!r}"
            yield one


def filled(path: str) -> str:
    """A route's path with something in its places."""
    for kind in ("path", "int"):
        path = path.replace(f":{kind}}}", "}")
    parts = [("1" if part.startswith("{at") else "x") if "{" in part else part
             for part in path.split("/")]  # fmt: skip
    return "/".join(parts)


@asynccontextmanager
async def client(app: App, url: str = AWAY, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    running = platforms(app)
    transport = httpx.ASGITransport(app=create(app, running))
    async with (
        running.running(app),
        httpx.AsyncClient(transport=transport, base_url=url, **more) as http,
    ):
        yield http


async def came_in(app: App, http: httpx.AsyncClient, name: str, role: str) -> dict[str, str]:
    """Log a browser in; the headers of its page."""
    [link] = await invited(app, kits(), name, role)
    own = {"Origin": AWAY}
    entered = await http.post(link.removeprefix(AWAY), headers=own)
    assert entered.status_code == 303
    start = (await http.get("/local/api/start")).json()
    return {**own, "X-Dressrun-Csrf": start["csrf"]}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize(
    ("setting", "header"),
    [
        ({"bind": "0.0.0.0:8000"}, {}),
        ({"public_url": AWAY}, {}),
        ({}, {"X-Forwarded-For": "203.0.113.9"}),
        ({}, {"Via": "1.1 proxy"}),
    ],
    ids=["bind", "public", "forwarded", "via"],
)
async def test_every_route_of_the_server_asks_for_a_login(
    sqlite: Database, tmp_path: Path, setting: Mapping[str, str], header: Mapping[str, str]
) -> None:
    app = app_of(sqlite, tmp_path, **setting)
    asked, let_through = 0, []
    async with client(app, "http://127.0.0.1:8000", headers=header) as http:
        for route in routes(app):
            if not isinstance(route, Route | APIRoute):
                continue
            for method in route.methods or ():
                answer = await http.request(method, filled(route.path), json={})
                asked += 1
                if answer.status_code != 401:
                    let_through.append(route.path)
                elif route.path not in OPEN:
                    assert answer.headers["www-authenticate"].startswith("Bearer")
        unknown = await http.get("/no/such/address")
    assert asked > 40
    assert set(let_through) <= OPEN
    assert unknown.status_code == 401


async def test_every_web_socket_asks_for_a_login(sqlite: Database, tmp_path: Path) -> None:
    app = app_of(sqlite, tmp_path, public_url=AWAY)
    async with workspace(app) as server:
        sockets = [
            one.path for one in flat(server.web.router.routes) if isinstance(one, WebSocketRoute)
        ]
        for path in sockets:
            at = f"ws://127.0.0.1:{server.port}{filled(path)}"
            with pytest.raises(InvalidStatus) as refused:
                async with connect(at):
                    pass
            assert refused.value.response.status_code == 403
    assert {"/local/live", "/chat/{session_id}"} <= set(sockets)


async def test_a_browser_is_shown_a_page_and_a_program_a_problem(
    sqlite: Database, tmp_path: Path
) -> None:
    app = app_of(sqlite, tmp_path, public_url=AWAY)
    async with client(app) as http:
        page = await http.get("/docs", headers={"Accept": "text/html,*/*"})
        problem = await http.get("/api/scenarios")
        plain = await http.get("http://dressrun.example.org/", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, problem.status_code) == (401, 401)
    assert "dressrun user add" in page.text
    assert "sha256-" in page.headers["content-security-policy"]
    assert "not encrypted" not in page.text
    assert "not encrypted" in plain.text
    assert problem.json()["code"] == "login_needed"


async def test_on_this_machine_nobody_logs_in(sqlite: Database, tmp_path: Path) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, server.http() as http:
        wanted = {**WANTED, "user_id": "ada"}
        begun = await http.post("/api/sessions", json=wanted)
        read = await http.get(f"/api/sessions/{begun.json()['session_id']}/transcript")
        async with server.chat(begun.json()["session_id"]) as chat:
            opening = await chat.begin()
        foreign = await http.get("/api/scenarios", headers={"Origin": "https://evil.example"})
    assert (begun.status_code, read.status_code) == (201, 200)
    assert opening["metadata"]["status"]
    assert foreign.status_code == 401


async def test_a_trainee_sees_their_own_sessions_only(sqlite: Database, tmp_path: Path) -> None:
    app = app_of(sqlite, tmp_path, public_url=AWAY)
    async with client(app) as http:
        ana = await came_in(app, http, "Ana Lee", "trainee")
        unguarded = await http.post("/api/sessions", json=WANTED, headers={"Origin": AWAY})
        begun = await http.post("/api/sessions", json=WANTED, headers=ana)
        somebody = {**WANTED, "user_id": "somebody"}
        claimed = await http.post("/api/sessions", json=somebody, headers=ana)
        session = f"/api/sessions/{begun.json()['session_id']}"
        own = await http.get(session)
        listed = await http.get("/api/sessions", params={"user_id": "ana-lee"})
        http.cookies.clear()
        ben = await came_in(app, http, "Ben", "trainee")
        others = await looked_at_by_another(http, session, ben)
        http.cookies.clear()
        await came_in(app, http, "Ina", "instructor")
        looked = await http.get(f"{session}/transcript")
        hers = await http.get("/api/sessions", params={"user_id": "ana-lee"})
    assert (unguarded.status_code, unguarded.json()["code"]) == (403, "csrf")
    assert (begun.status_code, own.status_code) == (201, 200)
    assert (claimed.status_code, claimed.json()["code"]) == (403, "not_you")
    assert [one["session_id"] for one in listed.json()] == [begun.json()["session_id"]]
    assert others == {404: 11, 403: 2}
    assert looked.status_code == 200
    assert len(hers.json()) == 1


async def looked_at_by_another(
    http: httpx.AsyncClient, session: str, page: dict[str, str]
) -> Counter[int]:
    """How often somebody else is answered with which status; lists are refused, not hidden."""
    id_ = session.rpartition("/")[2]
    reads = (
        session,
        f"{session}/transcript",
        f"{session}/export",
        f"{session}/responses",
        f"{session}/exhibits/ecg.png",
        f"{session}/exhibits/ecg.csv",
        f"/api/documents/chest-pain/ecg.png?session={id_}",
        "/api/sessions?user_id=ana-lee",
        "/api/people/ana-lee/responses",
    )
    answers = [await http.get(one) for one in reads]
    answers += [
        await http.post(f"{session}/complete", headers=page),
        await http.post(f"{session}/evaluate", headers=page),
        await http.post(f"{session}/commands", json={"name": "end"}, headers=page),
        await http.delete(session, headers=page),
    ]
    return Counter(one.status_code for one in answers)


async def test_a_program_shows_its_secret_and_needs_no_page(
    sqlite: Database, tmp_path: Path
) -> None:
    app = app_of(sqlite, tmp_path, public_url=AWAY)
    [mine] = await let_in(app, kits(), "Ana Lee", "trainee")
    [keeper] = await let_in(app, kits(), "Learning platform", "admin")
    async with client(app) as http:
        begun = await http.post("/api/sessions", json=WANTED, headers=bearer(mine))
        wrong = await http.get("/api/scenarios", headers=bearer(mine[:-1]))
        metrics = await http.get("/metrics", headers=bearer(mine))
        for_another = await http.post(
            "/api/sessions", json={**WANTED, "user_id": "student-7"}, headers=bearer(keeper)
        )
        theirs = f"/api/sessions/{for_another.json()['session_id']}"
        read = await http.get(f"{theirs}/transcript", headers=bearer(keeper))
        hidden = await http.get(f"{theirs}/transcript", headers=bearer(mine))
    assert (begun.status_code, wrong.status_code, metrics.status_code) == (201, 401, 200)
    assert (for_another.status_code, read.status_code, hidden.status_code) == (201, 200, 404)


async def test_talking_over_the_api_with_a_secret(sqlite: Database, tmp_path: Path) -> None:
    app = app_of(sqlite, tmp_path, public_url=AWAY)
    [mine] = await let_in(app, kits(), "Ana Lee", "trainee")
    [other] = await let_in(app, kits(), "Ben", "trainee")
    async with workspace(app) as server, server.http() as http:
        begun = (await http.post("/api/sessions", json=WANTED, headers=bearer(mine))).json()
        session = begun["session_id"]
        async with server.chat(session, additional_headers=bearer(mine)) as chat:
            await chat.begin()
            answer = await chat.say("Where does it hurt?", "m1")
        async with server.chat(session, additional_headers=bearer(other)) as chat:
            refused = await chat.next()
        with pytest.raises(InvalidStatus):
            async with server.chat(
                session,
                additional_headers={**bearer(mine), "Origin": "https://evil.example"},
            ):
                pass
    assert answer["content"]
    assert refused["metadata"]["code"] == "no_session"


async def test_whoever_is_removed_is_out_at_once(sqlite: Database, tmp_path: Path) -> None:
    from bot.platforms import dismissed

    app = app_of(sqlite, tmp_path, public_url=AWAY)
    [secret] = await let_in(app, kits(), "Ana Lee", "trainee")
    async with client(app) as http:
        await came_in(app, http, "Ana Lee", "trainee")
        before = await http.get("/api/scenarios")
        await dismissed(app, kits(), "Ana Lee")
        after = [
            (await http.get("/api/scenarios")).status_code,
            (await http.get("/api/scenarios", headers=bearer(secret))).status_code,
        ]
    assert before.status_code == 200
    assert after == [401, 401]
    with pytest.raises(ValueError, match="nobody"):
        await dismissed(app, kits(), "Ana Lee")


async def looks(http: httpx.AsyncClient, server: Served) -> ClientConnection:
    """The live stream of whoever is logged in, once it has begun."""
    cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    live = f"ws://127.0.0.1:{server.port}/local/live"
    socket = await connect(live, additional_headers={"Cookie": cookie, "Origin": AWAY})
    assert '"hello"' in str(await socket.recv())
    return socket


async def test_who_is_signed_out_or_removed_is_told_nothing_more(
    sqlite: Database, tmp_path: Path
) -> None:
    from bot.platforms import dismissed

    app = app_of(sqlite, tmp_path, public_url=AWAY)
    async with workspace(app) as server, asyncio.timeout(PATIENCE):
        browsers = [httpx.AsyncClient(base_url=AWAY, transport=Through(server)) for _ in range(3)]
        pages = [await came_in(app, one, "Ana Lee", "trainee") for one in browsers[:2]]
        pages.append(await came_in(app, browsers[2], "Ben", "trainee"))
        left, removed, stays = [await looks(one, server) for one in browsers]
        out = await browsers[0].post("/local/api/logout", headers=pages[0])
        await left.wait_closed()
        assert (out.status_code, left.close_code, removed.close_code) == (200, 4401, None)
        await dismissed(app, kits(), "Ana Lee")
        await removed.wait_closed()
        assert (removed.close_code, stays.close_code) == (4401, None)
        await stays.close()
        for one in browsers:
            await one.aclose()


async def test_talking_over_the_api_ends_with_the_login(sqlite: Database, tmp_path: Path) -> None:
    from bot.platforms import dismissed

    app = app_of(sqlite, tmp_path, public_url=AWAY)
    [secret] = await let_in(app, kits(), "Ana Lee", "trainee")
    async with workspace(app) as server, server.http() as http, asyncio.timeout(PATIENCE):
        begun = (await http.post("/api/sessions", json=WANTED, headers=bearer(secret))).json()
        session = begun["session_id"]
        async with server.chat(session, additional_headers=bearer(secret)) as chat:
            await chat.begin()
            await chat.say("Where does it hurt?", "m1")
            await dismissed(app, kits(), "Ana Lee")
            with pytest.raises(ConnectionClosed):
                await goes_on(chat)
        with pytest.raises(InvalidStatus):
            async with server.chat(session, additional_headers=bearer(secret)):
                pass
    assert chat.socket.close_code == 4401


async def goes_on(chat: Chat) -> None:
    """Say something, over and over."""
    while True:
        await chat.nothing_more()


class Through(httpx.AsyncHTTPTransport):
    """Brings what goes to the public address to a server here, as a proxy does."""

    def __init__(self, server: Served) -> None:
        super().__init__()
        self._port = server.port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        here = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        brought = httpx.Request(
            request.method, here, headers=request.headers, stream=request.stream
        )
        return await super().handle_async_request(brought)


async def test_while_the_store_is_away_nobody_is_turned_away_for_good(
    sqlite: Database, tmp_path: Path
) -> None:
    app = app_of(sqlite, tmp_path, public_url=AWAY)
    transport = httpx.ASGITransport(app=create(app, platforms(app)))  # not running: not there yet
    async with httpx.AsyncClient(transport=transport, base_url=AWAY) as http:
        answer = await http.get("/api/scenarios")
        alive = await http.get("/healthz")
    assert (answer.status_code, alive.status_code) == (503, 200)
    assert answer.headers["retry-after"]


async def test_without_the_workspace_nobody_can_log_in(sqlite: Database, tmp_path: Path) -> None:
    app = app_of(sqlite, tmp_path, bind="0.0.0.0:8000")
    transport = httpx.ASGITransport(app=create(app, Platforms()))
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.1") as http:
        answer = await http.get("/api/scenarios")
    assert answer.status_code == 401


async def test_a_platform_names_the_routes_that_know_their_senders(
    sqlite: Database, tmp_path: Path
) -> None:
    async def hook(_request: Any) -> httpx.Response:
        raise AssertionError("not reached")

    app = app_of(sqlite, tmp_path, public_url=AWAY)
    [local] = platforms(app).connected
    paths = {one.path for one in local.kit.routes(local.adapter) if isinstance(one, Route)}
    assert set(local.kit.signed) <= paths
    more = replace(local, kit=replace(local.kit, routes=lambda _: (Route("/x/hook", hook),)))
    running = Platforms((more,))
    transport = httpx.ASGITransport(app=create(app, running))
    async with running.running(app), httpx.AsyncClient(transport=transport, base_url=AWAY) as http:
        async with asyncio.timeout(10):
            closed = await http.get("/x/hook")
    assert closed.status_code == 401
