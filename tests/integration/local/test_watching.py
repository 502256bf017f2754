"""Whoever only watches reads along, and sees nobody's score."""

import asyncio
from pathlib import Path

from sqlalchemy import select

from adapters.kits import kits
from bot import people
from bot.platforms import let_in
from bot.store.database import Database
from bot.store.tables import IdentityRow
from engine.store import sessions
from tests.integration.local.rig import app_of, workspace
from tests.integration.web.rig import PATIENCE

AWAY = "https://dressrun.example.org"


async def test_an_observer_gets_no_score_when_it_ends(sqlite: Database, tmp_path: Path) -> None:
    app = app_of(sqlite, tmp_path, public_url=AWAY)
    [plays] = await let_in(app, kits(), "Ana Lee", "trainee")
    [watches] = await let_in(app, kits(), "Otto Ober", "trainee")
    ana, otto = ({"Authorization": f"Bearer {secret}"} for secret in (plays, watches))
    wanted = {"scenario_id": "chest-pain", "user_id": "ana-lee"}
    async with workspace(app) as server, server.http() as http, asyncio.timeout(PATIENCE):
        begun = (await http.post("/api/sessions", json=wanted, headers=ana)).json()
        session = begun["session_id"]
        await http.post("/api/sessions", json={**wanted, "user_id": "otto-ober"}, headers=otto)
        async with app.services.database.transaction() as tx:
            record = await sessions.get(tx, session)
            person = await tx.scalar(
                select(IdentityRow.person_id).where(IdentityRow.user_id == "otto-ober")
            )
            assert person is not None
            await people.set_role(tx, person, record.owner, "observer")
        async with (
            server.chat(session, additional_headers=ana) as own,
            server.chat(session, additional_headers=otto) as seen,
        ):
            await own.begin()
            await seen.begin()
            await own.say("Where does it hurt?", "m1")
            done = await http.post(f"/api/sessions/{session}/complete", headers=ana)
            assert done.status_code == 200
            await seen.until("phase", status="completed")
            await seen.until("assistant_message")
            await own.until("score")
            await seen.nothing_more()
            refused = await http.post(f"/api/sessions/{session}/evaluate", headers=otto)
    assert refused.status_code == 403
    assert not [one for one in seen.got if one["type"] == "score"]
