"""A score that an instructor looks at first is not to be had over the API either."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.store.database import Database
from bot.web.app import create
from tests.integration.web.rig import LOCAL, app_over, begin, served, settings_for


@pytest.fixture
async def held(sqlite: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application where every score waits."""
    settings = settings_for(f"sqlite:///{sqlite.url.database}", tmp_path, release="after_review")
    transport = httpx.ASGITransport(app=create(app_over(sqlite, settings)))
    async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
        yield client


async def test_it_is_refused_in_words(held: httpx.AsyncClient) -> None:
    session_id = (await begin(held))["session_id"]
    await held.post(f"/api/sessions/{session_id}/complete")
    refused = await held.post(f"/api/sessions/{session_id}/evaluate")
    assert refused.status_code == 409
    assert refused.json()["code"] == "not_allowed_now"
    assert "An instructor looks at this one before you see the score." in refused.text


async def test_nor_does_it_come_by_itself(sqlite: Database, tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{sqlite.url.database}", tmp_path, release="after_review")
    async with served(app_over(sqlite, settings)) as server, server.http() as client:
        session_id = (await begin(client))["session_id"]
        async with server.chat(session_id) as chat:
            await chat.begin()
            await client.post(f"/api/sessions/{session_id}/complete")
            frame = await chat.until("error")
            assert "An instructor looks at this one" in frame["content"]
