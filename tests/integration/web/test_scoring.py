"""Scores over the API go the way of all scores: one at a time, and seen once they are given."""

import asyncio
from pathlib import Path

import httpx
from sqlalchemy import select

from bot.afterwards.scoring import alone, scored
from bot.store.database import Database
from bot.store.followups import ScoringRow, SeenScoreRow
from bot.wiring import App
from engine.llm.port import Deadline
from tests.integration.web.rig import app_over, begin, served, settings_for


def _soon(seconds: float) -> Deadline:
    return Deadline(at=asyncio.get_running_loop().time() + seconds)


async def test_whoever_played_and_asks_has_seen_their_score(
    app: App, client: httpx.AsyncClient
) -> None:
    session_id = (await begin(client))["session_id"]
    early = await client.post(f"/api/sessions/{session_id}/evaluate")
    assert early.status_code == 200
    async with app.services.database.reading() as tx:
        assert (await tx.scalars(select(SeenScoreRow))).all() == []
    await client.post(f"/api/sessions/{session_id}/complete")
    card = await client.post(f"/api/sessions/{session_id}/evaluate")
    assert card.status_code == 200
    async with app.services.database.reading() as tx:
        [seen] = (await tx.scalars(select(SeenScoreRow))).all()
        assert (await tx.scalars(select(ScoringRow))).all() == []
    assert seen.session_id == session_id


async def test_of_two_one_scores_and_the_other_waits(sqlite: Database, tmp_path: Path) -> None:
    app = app_over(sqlite, settings_for(f"sqlite:///{sqlite.url.database}", tmp_path))
    async with served(app) as server, server.http() as client:
        session_id = (await begin(client))["session_id"]
        await client.post(f"/api/sessions/{session_id}/complete")
        async with alone(app.services, session_id, _soon(0)) as first:
            assert first
            async with alone(app.services, session_id, _soon(0)) as second:
                assert not second
            waiting = asyncio.create_task(scored(app.services, session_id, "", _soon(30)))
            done, _ = await asyncio.wait({waiting}, timeout=0.5)
            assert not done
        version, _ = await waiting
        assert version == 1
        async with alone(app.services, session_id, _soon(0)) as again:
            assert again


async def test_a_score_that_comes_by_itself_was_seen(sqlite: Database, tmp_path: Path) -> None:
    app = app_over(sqlite, settings_for(f"sqlite:///{sqlite.url.database}", tmp_path))
    async with served(app) as server, server.http() as client:
        session_id = (await begin(client))["session_id"]
        async with server.chat(session_id) as chat:
            await chat.begin()
            await client.post(f"/api/sessions/{session_id}/complete")
            await chat.until("score")
    async with sqlite.reading() as tx:
        [seen] = (await tx.scalars(select(SeenScoreRow))).all()
    assert seen.session_id == session_id


async def test_a_score_counts_as_seen_only_once_it_stands(sqlite: Database, tmp_path: Path) -> None:
    app = app_over(sqlite, settings_for(f"sqlite:///{sqlite.url.database}", tmp_path))
    async with served(app) as server, server.http() as client:
        session_id = (await begin(client))["session_id"]
        await client.post(f"/api/sessions/{session_id}/complete")
        async with alone(app.services, session_id, _soon(0)):
            asked = asyncio.create_task(client.post(f"/api/sessions/{session_id}/evaluate"))
            done, _ = await asyncio.wait({asked}, timeout=0.5)
            assert not done
            async with sqlite.reading() as tx:
                assert (await tx.scalars(select(SeenScoreRow))).all() == []
        assert (await asked).status_code == 200
        async with sqlite.reading() as tx:
            assert len((await tx.scalars(select(SeenScoreRow))).all()) == 1
