"""The workspace behind a real server, on each kind of database."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from adapters.kit import KitSettings, PlatformKit
from adapters.kits import kits
from adapters.local import store
from adapters.local.tables import EVENTS, MESSAGES
from adapters.port import Message, Platform, ThreadRef, UserRef, Whisper
from bot import people
from bot.people import Identity
from bot.platforms import chosen
from bot.store.database import Database
from tests.integration.local.rig import app_of, browser, platforms, workspace
from tests.integration.web.rig import settings_for


async def test_a_newcomer_talks_to_a_patient(database: Database, tmp_path: Path) -> None:
    async with workspace(app_of(database, tmp_path)) as server, browser(server.address) as ana:
        thread = await ana.begins("chest-pain")
        brief = await ana.message(place=thread, pinned=True)
        assert brief["speaker"]["role"] == "bot"
        await ana.does(thread, "messages", text="Hello, what brings you here?", event_id="said-1")
        mine = await ana.message(place=thread, event_id="said-1")
        reply = await ana.message(place=thread)
    assert mine["speaker"]["person"] == "trainee-1"
    assert reply["speaker"]["role"] == "character"
    assert reply["text"]


async def test_the_notice_cannot_be_pressed_again_once_it_was_agreed_to(
    sqlite: Database, tmp_path: Path
) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, browser(server.address) as ana:
        start = {"name": "start", "options": {"scenario": "chest-pain"}}
        await ana.does("clinical", "commands", **start)
        notice = await ana.message(only_for="trainee-1")
        agree = {"message": notice["id"], "choice": notice["choices"][0]["id"]}
        await ana.does("clinical", "press", **agree)
        after = await ana.message(id=notice["id"])
        again = await ana.http.post("/local/api/places/clinical/press", json=agree)
        async with browser(server.address, "trainee-2") as ben:
            seen = (await ben.get("api/places/clinical/messages"))["messages"]
    assert (after["choices"], after["only_for"]) == ([], "trainee-1")
    assert "agreed" in after["text"]
    assert (again.status_code, again.json()["code"]) == (409, "replaced")
    assert notice["id"] not in {one["id"] for one in seen}


async def test_a_press_on_a_list_that_was_just_replaced_counts_on_the_newer_one(
    sqlite: Database, tmp_path: Path
) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, browser(server.address) as ana:
        await ana.does("clinical", "commands", name="list")
        older = await ana.message(only_for="trainee-1", title="Scenarios")
        await ana.does("clinical", "commands", name="list")
        newer = await ana.message(only_for="trainee-1", title="Scenarios", place="clinical")
        await ana.does("clinical", "press", message=older["id"], choice="brief:chest-pain")
        brief = await ana.message(title="A weight on the chest")
        gone = {"message": older["id"], "choice": "brief:no-more"}
        refused = await ana.http.post("/local/api/places/clinical/press", json=gone)
    assert newer["id"] != older["id"]
    assert brief["only_for"] == "trainee-1"
    assert refused.status_code == 409
    assert "newest message" in refused.json()["detail"]


async def test_what_was_taken_down_comes_back_to_the_same_person_alone(
    sqlite: Database, tmp_path: Path
) -> None:
    app = app_of(sqlite, tmp_path)
    running = platforms(app)
    [local] = running.connected
    adapter: Any = local.adapter
    async with running.running(app):
        there = ThreadRef(Platform("local"), "local", "clinical")
        ben = Whisper(there, UserRef(Platform("local"), "local", "trainee-2"))
        first = await adapter.post(ben, Message(title="Notice", text="One."), key="one")
        await adapter.post(ben, Message(title="Notice", text="Two."), key="two")
        again = await adapter.edit(first, Message(text="Three."))
        async with adapter.database.reading() as tx:
            shown = await store.message(tx, again.id)
    assert again.id != first.id
    assert shown.only_for == "trainee-2"


async def test_everything_comes_once_and_in_order_after_a_restart(
    database: Database, tmp_path: Path
) -> None:
    app = app_of(database, tmp_path)
    async with workspace(app) as server, browser(server.address) as ana:
        await ana.does("clinical", "messages", text="one")
        await ana.message(text="one")
        seen = ana.seq
    async with workspace(app) as server:
        async with server.http() as client:
            for count in range(30):
                said = {"text": f"word {count}"}
                await client.post("/local/api/places/clinical/messages", json=said)
        async with browser(server.address, after=seen) as ana:
            for count in range(30):
                await ana.message(text=f"word {count}")
            numbers = [frame["seq"] for frame in ana.got[1:]]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > seen


async def test_what_is_sent_twice_stands_once(sqlite: Database, tmp_path: Path) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, browser(server.address) as ana:
        for _ in range(3):
            await ana.does("clinical", "messages", text="Hello.", event_id="same")
        found = await ana.get("api/places/clinical/messages")
    assert [one["text"] for one in found["messages"]] == ["Hello."]


async def test_two_processes_tell_the_same(postgres: Any, tmp_path: Path) -> None:
    with postgres.database(migrated=True) as url:
        one, two = Database(url), Database(url)
        async with (
            workspace(app_of(one, tmp_path)) as first,
            workspace(app_of(two, tmp_path)) as second,
            browser(first.address) as ana,
            browser(second.address, "trainee-2") as ben,
        ):
            said = [asyncio.create_task(who.does("phone", "messages", text=f"{at}"))
                    for at in range(10) for who in (ana, ben)]  # fmt: skip
            await asyncio.gather(*said)
            heard = {}
            for who in (ana, ben):
                texts = [(await who.message(place="phone"))["text"] for _ in range(20)]
                heard[who.address] = texts
        await one.close()
        await two.close()
    first_heard, second_heard = heard.values()
    assert first_heard == second_heard
    assert sorted(first_heard) == sorted(str(at) for at in range(10) for _ in range(2))


async def test_whispers_and_direct_messages_stay_private(sqlite: Database, tmp_path: Path) -> None:
    async with (
        workspace(app_of(sqlite, tmp_path)) as server,
        browser(server.address) as ana,
        browser(server.address, "trainee-2") as ben,
    ):
        await ana.does("clinical", "commands", name="help")
        shown = await ana.message(only_for="trainee-1")
        dm = (await ana.http.post("/local/api/dm", json={"person": "dressrun"})).json()["place"]
        await ana.does(dm["key"], "messages", text="Only for the bot.")
        refused = await ben.http.get(f"/local/api/places/{dm['key']}/messages")
        pressed = await ben.http.post(
            "/local/api/places/clinical/press", json={"message": shown["id"], "choice": "list"}
        )
        found = await ben.get("api/search", q="Only for")
        await ben.does("clinical", "messages", text="the end")
        await ben.message(text="the end")
    assert (refused.status_code, pressed.status_code) == (404, 404)
    assert found["messages"] == []
    assert not any("Only for" in str(frame) or shown["id"] in str(frame) for frame in ben.got)


async def test_demo_people_have_their_roles(sqlite: Database, tmp_path: Path) -> None:
    app = app_of(sqlite, tmp_path)
    held = {}
    async with workspace(app) as server:
        for name in ("trainee-1", "instructor-1", "admin"):
            async with browser(server.address, name) as somebody:
                await somebody.does("clinical", "commands", name="help")
                await somebody.message(only_for=name)
            async with app.services.database.transaction() as tx:
                who = Identity(platform="local", workspace="here", user_id=name)
                person = await people.person_of(tx, who, at=app.services.now())
                held[name] = person.roles
    assert held == {
        "trainee-1": {"trainee"},
        "instructor-1": {"trainee", "instructor"},
        "admin": {"trainee", "admin"},
    }


async def test_the_front_page_is_the_workspace(sqlite: Database, tmp_path: Path) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, server.http() as client:
        page = await client.get("/")
        again = await client.get("/", headers={"If-None-Match": page.headers["etag"]})
        outside = await client.get("/local/page/../desk.py")
        hidden = await client.get("/local/page/%2e%2e/desk.py")
    assert (page.status_code, again.status_code) == (200, 304)
    assert "'unsafe-inline'" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (outside.status_code, hidden.status_code) == (404, 404)


class _Half(KitSettings):
    token: str = ""
    secret: str = ""

    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in ("token", "secret") if not getattr(self, name))


def test_half_a_platform_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kit = PlatformKit(name=kits()["local"].name, settings_model=_Half, build=kits()["local"].build)
    settings = settings_for(f"sqlite:///{tmp_path}/x.db", tmp_path)
    assert chosen(settings, {"half": kit}) == {}
    monkeypatch.setenv("DRESSRUN_LOCAL__TOKEN", "t")
    with pytest.raises(ValueError, match="DRESSRUN_LOCAL__SECRET"):
        chosen(settings, {"half": kit})


def test_the_workspace_runs_unless_it_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/x.db", tmp_path)
    assert list(chosen(settings, kits())) == ["local"]
    monkeypatch.setenv("DRESSRUN_LOCAL__ENABLED", "false")
    assert list(chosen(settings, kits())) == []


async def test_files_are_checked_and_pictures_made_anew(sqlite: Database, tmp_path: Path) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, browser(server.address) as ana:

        async def sent(name: str, content: bytes) -> httpx.Response:
            return await ana.http.post("/local/api/uploads", files={"file": (name, content)})

        assert (await sent("page.html", b"<script>alert(1)</script>")).status_code == 415
        assert (await sent("fake.png", b"no picture at all")).status_code == 415
        large = await sent("large.txt", b"a" * (8 * 1024 * 1024 + 1))
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        kept = (await sent("notes.txt", b"my notes")).json()
        await ana.does("clinical", "messages", text="Here.", files=[kept["id"]])
        shown = await ana.message(text="Here.")
        read = await ana.http.get(shown["files"][0]["url"])
    assert read.content == b"my notes"
    assert read.headers["content-disposition"].startswith("attachment")


async def test_whoever_is_forgotten_leaves_no_words_in_it(
    database: Database, tmp_path: Path
) -> None:
    async with workspace(app_of(database, tmp_path)) as server:
        address = f"http://127.0.0.1:{server.port}"
        async with browser(address) as one:
            thread = await one.begins("chest-pain")
            await one.does(thread, "messages", text="I am Zebedee. Where does it hurt?")
            await one.does("clinical", "messages", text="Zebedee was here.")
            while not any(
                frame.get("message", {}).get("speaker", {}).get("name") == "Colin Marsh"
                and frame["message"]["text"] != ""
                for frame in one.got
            ):
                await one.next()
            await one.does("clinical", "commands", name="forget-me", options={"sure": "yes"})
            while not any(
                "has been deleted" in frame.get("message", {}).get("text", "") for frame in one.got
            ):
                await one.next()
        async with database.reading() as tx:
            left = (await tx.execute(select(MESSAGES.c.text, MESSAGES.c.body))).all()
            events = (await tx.execute(select(EVENTS.c.body))).all()
    assert "Zebedee" not in f"{left}{events}"
