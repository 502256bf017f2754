"""Sessions over REST, on each kind of database."""

from pathlib import Path

import httpx
import pytest

from bot.store.database import Database
from bot.web.app import create
from bot.wiring import App
from tests.integration.web.rig import LOCAL, agree, app_over, begin, settings_for


async def test_a_session_starts_with_its_opening_and_a_notice(client: httpx.AsyncClient) -> None:
    started = await begin(client)
    assert started["scenario_id"] == "chest-pain"
    assert started["mode"] == "standard"
    assert started["status"] == "in_progress"
    assert started["opening"][0]["speaker"] == "Colin Marsh"
    assert "first message" in started["notice"]


async def test_each_start_is_a_new_session_of_the_same_person(client: httpx.AsyncClient) -> None:
    one, two = await begin(client), await begin(client)
    await begin(client, user_id="somebody else")
    listed = (await client.get("/api/sessions", params={"user_id": "ada"})).json()
    assert {line["session_id"] for line in listed} == {one["session_id"], two["session_id"]}


async def test_nobody_is_made_by_looking(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/sessions", params={"user_id": "never"})).json() == []
    answer = await client.get("/api/people/never/responses")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_person")


async def test_the_mode_is_the_one_asked_for(client: httpx.AsyncClient) -> None:
    about = (await client.get("/api/scenarios/coffee-roaster-profit")).json()
    for mode in about["modes"]:
        started = await begin(client, scenario_id="coffee-roaster-profit", mode=mode["id"])
        assert started["mode"] == mode["id"]


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"scenario_id": "nothing", "user_id": "ada"}, 404, "unknown_scenario"),
        ({"scenario_id": "chest-pain", "user_id": "ada", "mode": "x"}, 422, "unknown_mode"),
        ({"scenario_id": "chest-pain", "user_id": "ada", "language": "x"}, 422, "unknown_language"),
        ({"scenario_id": "chest-pain"}, 422, "bad_request"),
        ({"scenario_id": "chest-pain", "user_id": " "}, 422, "bad_request"),
        ({"scenario_id": "chest-pain", "user_id": "a\u0000b"}, 422, "bad_request"),
        ([], 422, "bad_request"),
    ],
)
async def test_what_cannot_start_is_a_problem_and_starts_nothing(
    near: httpx.AsyncClient, wanted: object, status: int, code: str
) -> None:
    answer = await near.post("/api/sessions", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await near.get("/api/sessions", params={"user_id": "ada"})).json() == []


async def test_a_session_is_shown_as_it_stands(client: httpx.AsyncClient) -> None:
    session_id = (await begin(client))["session_id"]
    ordered = await client.post(
        f"/api/sessions/{session_id}/complete",
    )
    assert ordered.json()["status"] == "completed"
    shown = (await client.get(f"/api/sessions/{session_id}")).json()
    assert shown["status"] == "completed"
    assert shown["completed_at"] is not None
    assert shown["tokens"] == {"input": 0, "output": 0, "calls": 0}
    assert shown["exhibits"] == []


async def test_completing_twice_changes_nothing(client: httpx.AsyncClient) -> None:
    session_id = (await begin(client))["session_id"]
    first = (await client.post(f"/api/sessions/{session_id}/complete")).json()
    second = (await client.post(f"/api/sessions/{session_id}/complete")).json()
    assert second["status"] == "completed"
    assert second["seq"] == first["seq"]


async def test_an_evaluation_has_its_contract_and_repeats_itself(
    client: httpx.AsyncClient,
) -> None:
    session_id = (await begin(client))["session_id"]
    await client.post(f"/api/sessions/{session_id}/complete")
    first = (await client.post(f"/api/sessions/{session_id}/evaluate")).json()
    second = (await client.post(f"/api/sessions/{session_id}/evaluate")).json()
    assert first == second
    assert set(first) == {"id", "version", "overall", "coverage", "passed", "criteria"}
    assert set(first["criteria"][0]) == {
        "id", "label", "kind", "status", "points", "max", "weight", "evidence", "reason",
    }  # fmt: skip


async def test_commands_are_those_of_the_registry(client: httpx.AsyncClient) -> None:
    session_id = (await begin(client))["session_id"]
    commands = f"/api/sessions/{session_id}/commands"
    refused = await client.post(commands, json={"name": "order", "text": "ecg"})
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_needed")
    helped = (await client.post(commands, json={"name": "help"})).json()
    assert "/sim hint" in helped["messages"][0]["text"]
    assert helped["messages"][0]["to"] == "caller"
    wrong = await client.post(commands, json={"name": "nonsense"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_command")


async def test_an_order_shows_its_exhibit_and_is_done_once(
    app: App, client: httpx.AsyncClient
) -> None:
    session_id = (await begin(client))["session_id"]
    await agree(app, "ada")
    order = {"name": "order", "text": "ecg", "event_id": "1"}
    commands = f"/api/sessions/{session_id}/commands"
    first = (await client.post(commands, json=order)).json()
    again = (await client.post(commands, json=order)).json()
    assert any("12-lead" in one["text"] for one in first["messages"])
    assert again["messages"] == []
    assert again["seq"] == first["seq"]
    shown = (await client.get(f"/api/sessions/{session_id}")).json()
    assert [one["id"] for one in shown["exhibits"]] == ["ecg"]


async def test_transcripts_are_handed_out_in_three_formats(client: httpx.AsyncClient) -> None:
    session_id = (await begin(client))["session_id"]
    where = f"/api/sessions/{session_id}/export"
    for format_, kind in (
        ("md", "text/markdown"),
        ("json", "application/json"),
        ("csv", "text/csv"),
    ):
        answer = await client.get(where, params={"format": format_})
        assert answer.headers["content-type"].startswith(kind)
        name = f'filename="chest-pain-{session_id[:8]}.{format_}"'
        assert name in answer.headers["content-disposition"]
        assert "Colin" in answer.text
    assert (await client.get(where, params={"format": "exe"})).status_code == 422


async def test_the_transcript_has_its_contract(client: httpx.AsyncClient) -> None:
    started = await begin(client)
    told = (await client.get(f"/api/sessions/{started['session_id']}/transcript")).json()
    assert told["turns"] == started["opening"]
    assert set(told["turns"][0]) == {"seq", "speaker", "role", "text", "at", "in_reply_to"}


async def test_a_deleted_session_is_gone(client: httpx.AsyncClient) -> None:
    session_id = (await begin(client))["session_id"]
    assert (await client.delete(f"/api/sessions/{session_id}")).status_code == 204
    answer = await client.get(f"/api/sessions/{session_id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_session")
    assert (await client.delete(f"/api/sessions/{session_id}")).status_code == 404


async def test_forgetting_a_person_by_command_takes_the_session_along(
    client: httpx.AsyncClient,
) -> None:
    session_id = (await begin(client))["session_id"]
    done = await client.post(
        f"/api/sessions/{session_id}/commands", json={"name": "forget-me", "text": "yes"}
    )
    assert done.json()["status"] is None
    assert (await client.get(f"/api/sessions/{session_id}")).status_code == 404
    assert (await client.get("/api/sessions", params={"user_id": "ada"})).json() == []


@pytest.mark.parametrize("session_id", ["nothing", "a%00b", "..%2f..", "x" * 100, "ab%2Fcd"])
async def test_a_session_that_is_none_is_not_found(
    near: httpx.AsyncClient, session_id: str
) -> None:
    for path in ("", "/transcript", "/export", "/responses"):
        answer = await near.get(f"/api/sessions/{session_id}{path}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_stranger_may_not_act_in_somebody_elses_session(
    client: httpx.AsyncClient,
) -> None:
    session_id = (await begin(client))["session_id"]
    await begin(client, user_id="eve")
    for verb in ("complete", "evaluate"):
        answer = await client.post(f"/api/sessions/{session_id}/{verb}?user_id=eve")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    answer = await client.delete(f"/api/sessions/{session_id}?user_id=eve")
    assert answer.status_code == 403


async def test_nobody_becomes_an_admin_by_claiming_a_name(sqlite: Database, tmp_path: Path) -> None:
    url = f"sqlite:///{sqlite.url.database}"
    app = app_over(sqlite, settings_for(url, tmp_path, admins=("root", "api:root")))
    transport = httpx.ASGITransport(app=create(app))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        session_id = (await begin(client, user_id="root"))["session_id"]
        answer = await client.post(
            f"/api/sessions/{session_id}/commands", json={"name": "role", "text": "root admin"}
        )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_a_user_id_may_be_in_any_script(client: httpx.AsyncClient) -> None:
    session_id = (await begin(client, user_id="Ünïcödé 🎭"))["session_id"]
    listed = (await client.get("/api/sessions", params={"user_id": "Ünïcödé 🎭"})).json()
    assert [one["session_id"] for one in listed] == [session_id]
