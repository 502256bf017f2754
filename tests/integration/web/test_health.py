"""Alive, ready, well."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from bot.delivery import claiming, leases, workers
from bot.store.database import Database, StoreAway
from bot.store.queues import LeaseRow
from bot.web.app import create
from bot.wiring import App
from tests.integration.filling import LARGE, full, stored_again
from tests.integration.test_database import add
from tests.integration.web.rig import LOCAL, app_over, begin, settings_for


async def test_a_server_in_order_says_so(client: httpx.AsyncClient) -> None:
    await begin(client)
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {
        "database": True,
        "storing": True,
        "schema": True,
        "catalogue": True,
    }
    told = (await client.get("/api/health")).json()
    assert told["status"] == "ok"
    assert told["sessions"] == {"running": 1, "paused": 0}
    assert told["version"]
    assert told["database"] == {"kind": told["database"]["kind"], "up": True, "stores": True}
    delivery = told["delivery"]
    assert (delivery["carrier"], delivery["stuck"], delivery["dead"]) == ("local", False, 0)
    assert delivery["to_handle"] == delivery["to_show"] == 0


async def test_without_a_database_it_lives_and_is_not_ready(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    database = Database(url)
    app = app_over(database, settings_for(url, tmp_path))
    transport = httpx.ASGITransport(app=create(app))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
        assert ready.headers["content-type"] == "application/problem+json"
        assert ready.headers["retry-after"]
        assert ready.json()["checks"]["database"] is False
        told = (await client.get("/api/health")).json()
        assert (told["status"], told["sessions"]["running"]) == ("degraded", None)
        assert told["delivery"] is None
        body = {"scenario_id": "chest-pain", "user_id": "ada"}
        refused = await client.post("/api/sessions", json=body)
        assert (refused.status_code, refused.json()["code"]) == (503, "store_away")
        assert refused.json()["retryable"] is True
    await database.close()


async def test_an_older_schema_is_not_ready(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    database = Database(url)
    app = app_over(database, settings_for(url, tmp_path))
    transport = httpx.ASGITransport(app=create(app))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["schema"] is False
    await database.close()


async def test_a_database_that_can_only_be_read_is_told_of(
    sqlite: Database, tmp_path: Path
) -> None:
    url = sqlite.url.render_as_string(hide_password=False)
    app = app_over(sqlite, settings_for(url, tmp_path))
    transport = httpx.ASGITransport(app=create(app))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        async with full(sqlite):
            with pytest.raises(StoreAway):
                async with sqlite.transaction() as tx:
                    await add(tx, "a", "x" * LARGE)
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert [name for name, good in ready.json()["checks"].items() if not good] == [
                "storing"
            ]
            told = (await client.get("/api/health")).json()
            assert told["status"] == "degraded"
            assert told["database"] == {"kind": "sqlite", "up": True, "stores": False}
            assert "dressrun_database_stores 0.0" in (await client.get("/metrics")).text
        await stored_again(sqlite)
        assert (await client.get("/readyz")).status_code == 200
        assert "dressrun_database_stores 1.0" in (await client.get("/metrics")).text


async def test_figures_are_for_prometheus(near: httpx.AsyncClient) -> None:
    await begin(near)
    answer = await near.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'dressrun_sessions_started_total{scenario="chest-pain"}' in answer.text
    assert 'route="/api/sessions"' in answer.text
    assert 'dressrun_delivery_oldest_seconds{what="handle"} 0.0' in answer.text


async def test_leases_and_heartbeats_are_told_with_their_age(
    app: App, client: httpx.AsyncClient
) -> None:
    now = app.services.now()
    async with app.services.database.transaction() as tx:
        ours = workers.this_process()
        await workers.enrol(tx, ours, now - timedelta(seconds=40))
        await leases.touch(tx, "session:held", now)
        assert await claiming.take(tx, ours.id, "session:held", now)
        held = update(LeaseRow).where(LeaseRow.lane == "session:held")
        await tx.execute(held.values(since=datetime.now(UTC) - timedelta(seconds=90)))
    delivery = (await client.get("/api/health")).json()["delivery"]
    assert delivery["longest_held"] >= 90
    assert delivery["longest_unheard"] >= 40
    figures = (await client.get("/metrics")).text.split("\n")
    told = dict(line.rsplit(" ", 1) for line in figures if line.startswith("dressrun_delivery"))
    assert float(told["dressrun_delivery_lease_seconds"]) >= 90
    assert float(told["dressrun_delivery_heartbeat_seconds"]) >= 40
