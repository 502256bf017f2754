"""What every answer has, and what is refused at the door."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message
from structlog.testing import capture_logs

from bot.store.database import Database
from bot.web.app import create
from bot.web.border import MAX_BODY
from tests.integration.local.rig import platforms
from tests.integration.web.rig import LOCAL, app_over, settings_for


def client_with(database: Database, folder: Path, **settings: Any) -> httpx.AsyncClient:
    """A client of an application with these settings."""
    app = app_over(database, settings_for(f"sqlite:///{database.url.database}", folder, **settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=create(app)), base_url=LOCAL)


async def test_every_answer_has_an_id_and_headers_for_safety(near: httpx.AsyncClient) -> None:
    for path in ("/", "/api/scenarios", "/nothing", "/healthz"):
        headers = (await near.get(path)).headers
        assert headers["x-request-id"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]


async def test_a_safe_request_id_is_kept_and_any_other_replaced(near: httpx.AsyncClient) -> None:
    kept = await near.get("/nothing", headers={"X-Request-ID": "abc-123"})
    assert kept.headers["x-request-id"] == kept.json()["request_id"] == "abc-123"
    for wrong in ("a b", "x" * 65, "<script>", ""):
        made = await near.get("/nothing", headers={"X-Request-ID": wrong})
        assert made.headers["x-request-id"] not in {wrong, "abc-123"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("PUT", "/api/sessions", 405, "method_not_allowed"),
        ("GET", "/chat/abc", 404, "not_found"),
        ("GET", "/api/sessions", 422, "bad_request"),
    ],
)
async def test_failures_are_problem_documents(
    near: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await near.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["detail"]


async def test_what_was_sent_is_not_repeated_in_a_problem(near: httpx.AsyncClient) -> None:
    for content in (b'{"scenario_id": ["zebra"]}', b'{"zebra', b'"zebra"', b'{"user_id": {"zebra'):
        answer = await near.post(
            "/api/sessions", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 422
        assert "zebra" not in answer.text


async def test_bodies_have_a_limit_whatever_their_length_claims(near: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(MAX_BODY // 65536 + 2):
            yield b" " * 65536

    for content in (b" " * (MAX_BODY + 1), endless()):
        answer = await near.post(
            "/api/sessions", content=content, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_on_loopback_only_loopback_names_are_answered(near: httpx.AsyncClient) -> None:
    for host in ("127.0.0.1:8000", "localhost", "localhost:1", "[::1]:8000", "a.localhost"):
        assert (await near.get("/healthz", headers={"Host": host})).status_code == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "192.168.1.2", "", "[", "0"):
        answer = await near.get("/healthz", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (421, "host_refused")


async def test_the_public_name_is_answered_as_well(sqlite: Database, tmp_path: Path) -> None:
    async with client_with(sqlite, tmp_path, public_url="https://play.example") as client:
        ok = await client.get("/healthz", headers={"Host": "play.example"})
        no = await client.get("/healthz", headers={"Host": "other.example"})
    assert (ok.status_code, no.status_code) == (200, 421)


async def test_bound_elsewhere_every_name_is_asked_who_it_is(
    sqlite: Database, tmp_path: Path
) -> None:
    async with client_with(sqlite, tmp_path, bind="0.0.0.0:8000") as client:
        assert (await client.get("/healthz", headers={"Host": "any.example"})).status_code == 200
        body = {"scenario_id": "chest-pain", "user_id": "ada"}
        for origin, status in (
            ("http://any.example", 401),
            ("http://localhost:3000", 403),
            ("https://evil.example", 403),
        ):
            headers = {"Host": "any.example", "Origin": origin}
            answer = await client.post("/api/sessions", json=body, headers=headers)
            assert answer.status_code == status


async def test_a_page_from_elsewhere_may_not_act(near: httpx.AsyncClient) -> None:
    body = {"scenario_id": "chest-pain", "user_id": "ada"}
    for origin, status in (
        ("http://127.0.0.1", 201),
        ("http://localhost:3000", 201),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost.evil.example", 403),
        ("http://localhost@evil.example", 403),
    ):
        answer = await near.post("/api/sessions", json=body, headers={"Origin": origin})
        assert answer.status_code == status, origin


async def test_no_page_from_elsewhere_may_read_unless_it_is_listed(
    near: httpx.AsyncClient, sqlite: Database, tmp_path: Path
) -> None:
    given = {"Origin": "https://lms.example"}
    plain = await near.get("/api/scenarios", headers=given)
    assert "access-control-allow-origin" not in plain.headers
    async with client_with(sqlite, tmp_path, cors_origins=("https://lms.example",)) as client:
        listed = await client.get("/api/scenarios", headers=given)
        asked = await client.options(
            "/api/sessions", headers={**given, "Access-Control-Request-Method": "POST"}
        )
        other = await client.get("/api/scenarios", headers={"Origin": "https://evil.example"})
    assert listed.headers["access-control-allow-origin"] == "https://lms.example"
    assert asked.status_code == 200
    assert "access-control-allow-origin" not in other.headers


async def test_who_leaves_before_the_answer_is_no_bug(sqlite: Database, tmp_path: Path) -> None:
    app = app_over(sqlite, settings_for(f"sqlite:///{sqlite.url.database}", tmp_path))
    local = platforms(app)
    sent: list[Message] = []

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/local/api/complete",
        "headers": [(b"host", b"127.0.0.1"), (b"x-dressrun-as", b"trainee-1")],
        "query_string": b"",
    }
    async with local.running(app):
        with capture_logs() as logs:
            await create(app, local)(scope, gone, send)
    [line] = [one for one in logs if one["event"] in {"bug", "request"}]
    assert (line["event"], line["status"]) == ("request", 499)
