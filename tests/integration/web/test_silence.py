"""What people say appears in no log, no figure and no exception."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.observability import configure
from bot.store.database import Database
from tests.integration.web.rig import Served, app_over, begin, served, settings_for
from tests.integration.web.test_turns import Broken

CANARY = "xylophonecanary"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, at the finest level; logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()
    configure("debug", stream=out, tty=False)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_a_chat_leaves_no_words_behind(
    sqlite: Database, tmp_path: Path, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    app = app_over(sqlite, settings_for(f"sqlite:///{sqlite.url.database}", tmp_path))
    async with served(app) as server:
        metrics = await talk(server)
    told = logged.getvalue()
    assert '"event":"handled"' in told
    assert '"event":"connected"' in told
    for text in (told, metrics, *capfd.readouterr()):
        assert CANARY not in text.lower()


async def talk(server: Served) -> str:
    """Send the canary through every door; the figures afterwards."""
    async with server.http() as client:
        session_id = (await begin(client, user_id=f"ada {CANARY}"))["session_id"]
        async with server.chat(f"{session_id}?q={CANARY}") as chat:
            await chat.begin()
            await chat.say(f"Hello, {CANARY}. What brings you in?", CANARY)
            await chat.send("user_message", CANARY * 500, event_id="long")
            await chat.until("error")
            await chat.send("command", f"!order {CANARY}")
            await chat.until("error")
            await chat.send("command", CANARY, text=CANARY)
            await chat.until("error")
            await chat.raw(f'{{"type": "{CANARY}"')
            await chat.until("error")
        for path in (
            f"/{CANARY}",
            f"/api/sessions/{CANARY}",
            f"/api/sessions?user_id={CANARY}",
            f"/api/documents/{CANARY}/{CANARY}",
        ):
            await client.get(path)
        await client.post("/api/sessions", json={"scenario_id": CANARY, "user_id": CANARY})
        await client.post(
            f"/api/sessions/{session_id}/commands", json={"name": CANARY, "text": CANARY}
        )
        await client.request(CANARY.upper(), "/")
        return (await client.get("/metrics")).text


async def test_a_bug_leaves_no_words_behind(
    sqlite: Database, tmp_path: Path, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{sqlite.url.database}"
    async with served(app_over(sqlite, settings_for(url, tmp_path), Telltale())) as server:
        async with server.http() as client:
            session_id = (await begin(client))["session_id"]
        async with server.chat(session_id) as chat:
            await chat.begin()
            await chat.send("user_message", CANARY, event_id="m1")
            await chat.until("error")
    told = logged.getvalue()
    assert '"kind":"ValueError"' in told
    assert "test_silence.py" in told
    for text in (told, *capfd.readouterr()):
        assert CANARY not in text.lower()


class Telltale(Broken):
    """A model whose exception quotes what it was asked."""

    async def stream(self, prompt, deadline):  # type: ignore[no-untyped-def]
        raise ValueError(f"cannot answer {CANARY}")
        yield
