"""Who gets into the workspace: demo people on this machine alone, else whoever logged in."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from adapters.kits import kits
from bot.platforms import first_links, invited
from bot.store.database import Database
from bot.web.app import create
from tests.integration.local.rig import app_of, browser, platforms, workspace

START = "/local/api/start"
SAY = "/local/api/places/clinical/messages"
LOCAL = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-Host": "dressrun.example.org"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "203.0.113.9"},
        {"CF-Connecting-IP": "203.0.113.9"},
    ],
    ids=lambda header: next(iter(header)),
)
async def test_behind_a_proxy_there_are_no_demo_people(
    sqlite: Database, tmp_path: Path, header: Mapping[str, str]
) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, server.http() as http:
        answer = await http.get(START, headers=header)
        posted = await http.post(SAY, json={"text": "Hello."}, headers=header)
        live = f"ws://127.0.0.1:{server.port}/local/live"
        with pytest.raises(WebSocketException):
            async with connect(live, additional_headers=header) as socket:
                await socket.recv()
        assert (await http.get("/healthz", headers=header)).status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (401, "forwarded")
    assert "dressrun user add" in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert posted.status_code == 401


async def test_a_name_that_was_pointed_here_is_refused(sqlite: Database, tmp_path: Path) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, server.http() as http:
        rebound = {"Host": f"evil.example:{server.port}"}
        answer = await http.get(START, headers=rebound)
        live = f"ws://127.0.0.1:{server.port}/local/live"
        with pytest.raises(InvalidStatus):
            async with connect(live, additional_headers=rebound):
                pass
    assert answer.status_code in {403, 421}
    assert "trainee-1" not in answer.text


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "http://localhost:3000", "null"]
)
async def test_another_page_may_not_act(sqlite: Database, tmp_path: Path, origin: str) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, server.http() as http:
        foreign = {"Origin": origin}
        posted = await http.post(SAY, json={"text": "Hello."}, headers=foreign)
        live = f"ws://127.0.0.1:{server.port}/local/live"
        with pytest.raises((InvalidStatus, WebSocketException)):
            async with connect(live, additional_headers=foreign) as socket:
                await socket.recv()
        found = (await http.get(SAY)).json()["messages"]
    assert (posted.status_code, posted.json()["code"]) == (403, "origin_refused")
    assert found == []


async def test_what_a_foreign_page_embeds_is_refused(sqlite: Database, tmp_path: Path) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, server.http() as http:
        posted = await http.post(SAY, json={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert posted.status_code == 403


@pytest.mark.parametrize(
    "setting",
    [{"bind": "0.0.0.0:8000"}, {"public_url": "https://dressrun.example.org"}],
    ids=["bind", "public"],
)
async def test_where_others_can_come_a_login_is_needed(
    sqlite: Database, tmp_path: Path, setting: Mapping[str, str]
) -> None:
    app = app_of(sqlite, tmp_path, **setting)
    asked = {"X-Dressrun-As": "admin"}
    running = platforms(app)
    transport = httpx.ASGITransport(app=create(app, running))
    async with running.running(app), httpx.AsyncClient(transport=transport, base_url=LOCAL) as http:
        answer = await http.get(START, headers=asked)
        named = await http.get(f"{START}?as=admin")
        posted = await http.post(SAY, json={"text": "Hello."}, headers=asked)
        open_ = await http.get("/healthz")
    assert [one.status_code for one in (answer, named, posted)] == [401, 401, 401]
    assert answer.json()["code"] == "login_needed"
    assert open_.status_code == 200


async def test_a_link_lets_in_once(sqlite: Database, tmp_path: Path) -> None:
    app = app_of(sqlite, tmp_path, public_url="https://dressrun.example.org")
    [link] = await invited(app, kits(), "Ana Lee", "instructor")
    path = link.removeprefix("https://dressrun.example.org")
    running = platforms(app)
    transport = httpx.ASGITransport(app=create(app, running))
    own = {"Origin": "https://dressrun.example.org"}
    async with (
        running.running(app),
        httpx.AsyncClient(transport=transport, base_url="https://dressrun.example.org") as http,
    ):
        looked = await http.get(path)
        foreign = await http.post(path, headers={"Origin": "https://evil.example"})
        entered = await http.post(path, headers=own)
        start = (await http.get(START)).json()
        guarded = await http.post(SAY, json={"text": "Hello."}, headers=own)
        csrf = {**own, "X-Dressrun-Csrf": start["csrf"]}
        said = await http.post(SAY, json={"text": "Hello."}, headers=csrf)
        left = await http.post("/local/api/logout", headers=csrf)
        after = await http.get(START)
        http.cookies.clear()
        again = await http.post(path, headers=own)
    cookie = entered.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("secure", "httponly", "samesite=lax"))
    assert (looked.status_code, foreign.status_code, entered.status_code) == (200, 403, 303)
    assert (start["me"]["name"], start["me"]["role"]) == ("Ana Lee", "instructor")
    assert start["identities"] == []
    assert (guarded.status_code, guarded.json()["code"]) == (403, "csrf")
    assert (said.status_code, left.status_code) == (202, 200)
    assert (after.status_code, again.status_code) == (401, 401)


async def test_the_first_administrator_is_told_once(sqlite: Database, tmp_path: Path) -> None:
    home, away = app_of(sqlite, tmp_path), app_of(sqlite, tmp_path, bind="0.0.0.0:8000")
    assert await first_links(home, platforms(home)) == []
    [link] = await first_links(away, platforms(away))
    assert "/local/link/" in link
    assert await first_links(away, platforms(away)) == []


@pytest.mark.parametrize(("name", "role"), [("admin", "admin"), ("!!", "trainee"), ("Ana", "god")])
async def test_not_everything_is_a_name_or_role(
    sqlite: Database, tmp_path: Path, name: str, role: str
) -> None:
    app = app_of(sqlite, tmp_path)
    with pytest.raises(ValueError, match=r"."):
        await invited(app, kits(), name, role)


async def test_people_who_are_no_demo_people_cannot_be_claimed(
    sqlite: Database, tmp_path: Path
) -> None:
    app = app_of(sqlite, tmp_path)
    await invited(app, kits(), "Ana Lee", "admin")
    async with workspace(app) as server, server.http() as http:
        answer = await http.get(START, headers={"X-Dressrun-As": "ana-lee"})
    assert answer.status_code == 401


async def test_two_tabs_are_two_people(sqlite: Database, tmp_path: Path) -> None:
    async with (
        workspace(app_of(sqlite, tmp_path)) as server,
        browser(server.address) as ana,
        browser(server.address, "instructor-1") as ina,
    ):
        await ana.does("clinical", "messages", text="from ana")
        await ina.does("clinical", "messages", text="from ina")
        seen = [(await ana.message(place="clinical"))["speaker"]["person"] for _ in range(2)]
    assert seen == ["trainee-1", "instructor-1"]
