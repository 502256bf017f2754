"""`dressrun up` on PostgreSQL needs no other process."""

import signal
from pathlib import Path

import httpx
from websockets.asyncio.client import connect

from tests.databases import Server
from tests.integration.delivery_procrastinate.rig import process
from tests.integration.web.rig import Chat, begin


async def test_up_alone_answers(postgres: Server, tmp_path: Path) -> None:
    with postgres.database(migrated=False) as url:
        async with process(url, tmp_path, "-m", "bot.cli", "up") as up:
            address = (await up.line("Dressrun is ready at")).split()[-1]
            async with httpx.AsyncClient(base_url=address) as client:
                session = (await begin(client))["session_id"]
                async with connect(f"ws{address.removeprefix('http')}/chat/{session}") as socket:
                    chat = Chat(socket)
                    await chat.begin()
                    answer = await chat.say("Where exactly does it hurt?", "e1")
                    assert answer["content"]
                health = (await client.get("/api/health")).json()
            assert health["database"] == {"kind": "postgresql", "up": True, "stores": True}
            assert await up.ended(signal.SIGTERM) == 0
