"""Commands over HTTP and over the WebSocket: who acts, once only, and what is let go of."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import people
from bot.commands.library import session_named
from bot.commands.registry import Call
from bot.people import Identity
from bot.store.database import Database, StoreAway
from bot.web import callers
from bot.web.app import create
from bot.wiring import App
from engine.errors import NoSession
from tests.integration.web.rig import LOCAL, Served, agree, app_over, begin, settings_for
from tests.integration.web.test_chat import HELLO, session

SLACK = Identity(platform="slack", workspace="T1", user_id="U1")


async def command(client: httpx.AsyncClient, session_id: str, **call: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/sessions/{session_id}/commands", json=call)
    body: dict[str, Any] = answer.json()
    return {"http": answer.status_code, **body}


@pytest.mark.parametrize("name", ["next", "hint", "pause", "stop", "end"])
async def test_a_command_sent_again_does_nothing_again(
    app: App, client: httpx.AsyncClient, name: str
) -> None:
    session_id = (await begin(client))["session_id"]
    await agree(app, "ada")
    first = await command(client, session_id, name=name, event_id="c1")
    assert first["http"] == 200
    assert first["messages"]
    again = await command(client, session_id, name=name, event_id="c1")
    assert again == {**first, "messages": []}


async def test_a_resume_sent_again_does_not_undo_a_later_pause(
    local: App, near: httpx.AsyncClient
) -> None:
    session_id = (await begin(near))["session_id"]
    await agree(local, "ada")
    for name, event_id in (("pause", "c1"), ("resume", "c2"), ("pause", "c3"), ("resume", "c2")):
        await command(near, session_id, name=name, event_id=event_id)
    assert (await near.get(f"/api/sessions/{session_id}")).json()["status"] == "paused"


class Stuck(Database):
    """A database whose log a reader holds on to."""

    settled = 0

    async def settle(self) -> None:
        self.settled += 1
        raise StoreAway("sqlite: the log is in use")


async def test_what_was_deleted_stays_answered_though_it_cannot_settle(
    sqlite: Database, tmp_path: Path
) -> None:
    url = f"sqlite:///{sqlite.url.database}"
    stuck = Stuck(url)
    transport = httpx.ASGITransport(app=create(app_over(stuck, settings_for(url, tmp_path))))
    try:
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            one, two = [(await begin(client))["session_id"] for _ in range(2)]
            assert (await client.delete(f"/api/sessions/{one}")).status_code == 204
            assert stuck.settled == 1
            done = await command(client, two, name="forget-me", options={"sure": "yes"})
            assert (done["http"], done["status"], stuck.settled) == (200, None, 2)
    finally:
        await stuck.close()


@pytest.mark.parametrize("how", ["forget-me", "delete"])
async def test_deleted_words_are_in_no_file(nearby: Served, how: str) -> None:
    session_id = await session(nearby, user_id="zelda")
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.say("Hello, my secret is plughword.", "m1")
    async with nearby.http() as client:
        if how == "delete":
            await client.delete(f"/api/sessions/{session_id}")
        else:
            await command(client, session_id, name=how, options={"sure": "yes"})
    file = Path(nearby.web.state.dressrun.services.database.url.database)
    for one in file.parent.glob(f"{file.name}*"):
        assert b"plughword" not in one.read_bytes()


async def on_slack(app: App, *, also: str = "", role: people.Role = "trainee") -> str:
    """A session of Slack's workspace; `also` is what its trainee is called over the API."""
    services = app.services
    async with services.database.transaction() as tx:
        person = await people.person_of(tx, SLACK, at=services.now())
        await people.set_role(tx, person.id, person.workspace, role)
        if also:
            who = Identity(platform="api", workspace="local", user_id=also)
            await people.link(tx, person.id, who, at=services.now())
        started = await services.simulation.start(
            tx,
            services.catalog.get("chest-pain"),
            people={"": person.id},
            owner=person.workspace,
            platform="slack",
        )
    return str(started.session.id)


async def test_a_session_of_another_platform_is_not_for_whoever_knows_its_id(
    app: App, client: httpx.AsyncClient
) -> None:
    session_id = await on_slack(app)
    await begin(client, user_id="eve")
    for who in ({}, {"user_id": "eve"}, {"user_id": "U1"}):
        assert (await command(client, session_id, name="end", **who))["code"] == "no_session"
        for method, path in (("POST", "/complete"), ("POST", "/evaluate"), ("DELETE", "")):
            path = f"/api/sessions/{session_id}{path}"
            answer = await client.request(method, path, params=who)
            assert (answer.status_code, answer.json()["code"]) == (404, "no_session")


async def test_whoever_takes_part_acts_without_their_roles(
    local: App, near: httpx.AsyncClient
) -> None:
    session_id = await on_slack(local, also="ada", role="admin")
    assert (await command(near, session_id, name="pause"))["status"] == "paused"
    refused = await command(near, session_id, name="role", text="eve admin", user_id="ada")
    assert (refused["http"], refused["code"]) == (403, "not_allowed")
    # Not theirs, but of the workspace that they administer.
    async with local.services.database.transaction() as tx:
        ben = await people.person_of(
            tx, Identity(platform="slack", workspace="T1", user_id="U2"), at=local.services.now()
        )
        other = await local.services.simulation.start(
            tx,
            local.services.catalog.get("first-visit"),
            people={"": ben.id},
            owner=ben.workspace,
        )
    refused = await command(near, other.session.id, name="end", user_id="ada")
    assert refused["code"] == "no_session"


async def test_the_session_that_ended_is_the_one_that_is_told_and_counted(
    nearby: Served,
) -> None:
    here = await session(nearby)
    there = await session(nearby, scenario_id="first-visit")
    services = nearby.web.state.dressrun.services
    async with nearby.http() as client:
        before = await counted(client)
        with services.hub.listening(there) as news:
            done = await command(client, here, name="end", options={"scenario": "first-visit"})
            assert news.is_set()
        assert done["status"] == "in_progress"
        after = await counted(client)
    assert after == {**before, "completed": before.get("completed", 0) + 1}


async def counted(client: httpx.AsyncClient) -> dict[str, float]:
    lines = (await client.get("/metrics")).text.splitlines()
    found = (line for line in lines if "sessions_ended_total{" in line)
    return {line.split('"')[1]: float(line.split()[-1]) for line in found}


async def test_with_a_name_the_content_is_all_text(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.say(HELLO, "m1")
        await chat.send("command", "12-lead ECG", name="order")
        assert (await chat.until("exhibit"))["metadata"]["title"] == "12-lead ECG"


async def test_what_is_too_long_is_told_in_words(nearby: Served) -> None:
    session_id = await session(nearby)
    await agree(nearby.web.state.dressrun, "ada")
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        for type_ in ("command", "user_message"):
            await chat.send(type_, "!submit " + "a" * 6000, event_id="c1")
            error = await chat.until("error")
            assert error["metadata"]["code"] == "message_too_long"
            assert "6000 characters, and 5000 fit" in error["content"]
    async with nearby.http() as client:
        for call in ({"options": {"what": "a" * 6000}}, {"text": "a" * 6000}):
            refused = await command(client, session_id, name="submit", **call)
            assert (refused["http"], refused["code"]) == (422, "message_too_long")


async def test_no_nul_gets_in_and_no_words_come_back(client: httpx.AsyncClient) -> None:
    session_id = (await begin(client))["session_id"]
    for call in ({"options": {"scenario": "\0"}}, {"text": "\0x"}):
        refused = await command(client, session_id, name="end", **call)
        assert (refused["http"], refused["code"]) == (422, "bad_request")
    refused = await command(client, session_id, name="hint", options={"my private words": 5})
    assert [one["where"] for one in refused["errors"]] == ["body.options"]
    refused = await command(client, session_id, name="hint", options={"private " * 20: "x"})
    assert "private" not in str(refused)


@pytest.mark.parametrize("typed", ["my private words", "p" * 32, "a" * 20])
async def test_an_id_that_is_none_is_not_repeated(local: App, typed: str) -> None:
    services = local.services
    async with services.database.transaction() as tx:
        call = Call(
            person=await callers.person(tx, "ada", services.now()),
            thread=callers.thread("here"),
            event_id="c1",
            at=services.now(),
            services=services,
        )
        with pytest.raises(NoSession) as caught:
            await session_named(tx, call, typed)
    assert typed not in str(caught.value)
