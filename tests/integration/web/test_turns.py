"""Turns that take their time: with a model that answers when the test lets it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.web.problems import MEDIA_TYPE
from tests.integration.web.rig import (
    PATIENCE,
    Scripted,
    Served,
    Stoppable,
    app_over,
    begin,
    served,
    settings_for,
)

HELLO = "Hello, I am Dr Ada. What brings you in today?"


@pytest.fixture
def model() -> Scripted:
    """A model that waits to be let go on."""
    return Scripted()


@pytest.fixture
async def server(
    database: Database, database_url: str, tmp_path: Path, model: Scripted
) -> AsyncIterator[Served]:
    """A server with that model."""
    async with served(app_over(database, settings_for(database_url, tmp_path), model)) as one:
        yield one


async def session(server: Served) -> str:
    async with server.http() as client:
        return str((await begin(client))["session_id"])


async def turns_of(server: Served, session_id: str) -> list[dict[str, object]]:
    async with server.http() as client:
        told = (await client.get(f"/api/sessions/{session_id}/transcript")).json()
    turns: list[dict[str, object]] = told["turns"]
    return turns


async def reached(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


async def test_a_reply_grows_and_then_stands(server: Served, model: Scripted) -> None:
    model.go_on.set()
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        reply = await chat.say(HELLO, "m1")
    deltas = [frame for frame in chat.got if frame["type"] == "assistant_delta"]
    assert "".join(frame["content"] for frame in deltas).split() == reply["content"].split()
    assert len(deltas) == 2
    assert all(frame["metadata"]["event_id"] == "m1" for frame in deltas)
    assert reply["metadata"]["tokens"] == 15
    kinds = [frame["type"] for frame in chat.got[1:]]
    assert kinds == ["typing", "assistant_delta", "assistant_delta", "assistant_message"]


async def test_a_client_that_goes_away_in_mid_turn_finds_its_reply(
    server: Served, model: Scripted
) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        start = await chat.begin()
        await chat.send("user_message", HELLO, event_id="m1")
        await reached(model.called)
    model.go_on.set()
    async with server.chat(session_id) as chat:
        await chat.begin(after=start["metadata"]["seq"])
        reply = await chat.until("assistant_message")
        assert reply["metadata"]["in_reply_to"] == "m1"
        assert await chat.say(HELLO, "m1") == reply
    assert model.asked == 1


async def test_a_message_sent_again_in_mid_turn_starts_no_second_turn(
    server: Served, model: Scripted
) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as gone:
        await gone.begin()
        await gone.send("user_message", HELLO, event_id="m1")
        await reached(model.called)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", HELLO, event_id="m1")
        await chat.until("typing")
        model.go_on.set()
        await chat.until("assistant_message", in_reply_to="m1")
        await chat.nothing_more()
    assert model.asked == 1
    assert len(await turns_of(server, session_id)) == 3


async def test_two_places_that_send_one_message_both_see_the_reply_grow(
    server: Served, model: Scripted
) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as one, server.chat(session_id) as two:
        for chat in (one, two):
            await chat.begin()
            await chat.send("user_message", HELLO, event_id="m1")
            await chat.until("typing")
        await reached(model.called)
        model.go_on.set()
        for chat in (one, two):
            await chat.until("assistant_delta", event_id="m1")
            await chat.until("assistant_message", in_reply_to="m1")
    assert model.asked == 1


async def test_what_comes_while_a_turn_runs_is_answered_together(
    server: Served, model: Scripted
) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", HELLO, event_id="m1")
        await reached(model.called)
        await chat.send("user_message", "Where does it hurt?", event_id="m2")
        await chat.send("user_message", "When did it start?", event_id="m3")
        for event_id in ("m1", "m2", "m3"):
            await chat.until("typing", event_id=event_id)
        model.go_on.set()
        first = await chat.until("assistant_message")
        second = await chat.until("assistant_message")
        await chat.nothing_more()
        assert first["metadata"]["answers"] == ["m1"]
        assert second["metadata"]["answers"] == ["m2", "m3"]
        assert second["metadata"]["in_reply_to"] == "m3"
        assert await chat.say("Where does it hurt?", "m2x") != second
        await chat.send("user_message", "Where does it hurt?", event_id="m2")
        again = await chat.until("assistant_message")
        assert again == second


async def test_a_stop_does_not_wait_for_the_turn(server: Served, model: Scripted) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", HELLO, event_id="m1")
        await reached(model.called)
        await chat.send("command", "!stop")
        told = await chat.until("assistant_message", private=True, event_id="m1")
        await chat.until("phase", status="abandoned")
        model.go_on.set()
        assert "stopped before anybody could answer" in told["content"]
        assert told["metadata"]["event_id"] == "m1"


async def test_the_stop_word_does_not_wait_for_the_turn(server: Served, model: Scripted) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", HELLO, event_id="m1")
        await reached(model.called)
        await chat.send("user_message", "red light", event_id="m2")
        await chat.until("phase", status="abandoned")  # and the model never answered
        model.go_on.set()


@pytest.mark.parametrize("way", ["complete", "command"])
async def test_what_was_said_before_the_end_is_kept(
    server: Served, model: Scripted, way: str
) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", HELLO, event_id="m1")
        await reached(model.called)
        await chat.send("user_message", "Where does it hurt?", event_id="m2")
        await chat.until("typing", event_id="m2")
        async with server.http() as client:
            if way == "complete":
                done = await client.post(f"/api/sessions/{session_id}/complete")
            else:
                path = f"/api/sessions/{session_id}/commands"
                done = await client.post(path, json={"name": "end"})
        assert done.status_code == 200
        model.go_on.set()
    assert [one["text"] for one in await turns_of(server, session_id)][-2:] == [
        HELLO,
        "Where does it hurt?",
    ]


async def test_stopping_the_server_lets_a_turn_end(
    database: Database, database_url: str, tmp_path: Path, model: Scripted
) -> None:
    app = app_over(database, settings_for(database_url, tmp_path), model)
    async with served(app) as server:
        session_id = await session(server)
        async with server.chat(session_id) as chat:
            await chat.begin()
            await chat.send("user_message", HELLO, event_id="m1")
            await reached(model.called)
            stopping = asyncio.create_task(server.stop())
            await chat.socket.wait_closed()
            model.go_on.set()
            async with asyncio.timeout(PATIENCE):
                await stopping
    async with database.reading() as tx:
        _, _, state = await app.services.simulation.read(tx, session_id)
    assert [one.role for one in state.utterances] == ["character", "trainee", "character"]


async def test_a_stop_ends_what_takes_longer_and_says_so(
    database: Database, database_url: str, tmp_path: Path, model: Scripted
) -> None:
    app = app_over(database, settings_for(database_url, tmp_path), model)
    app.delivery.grace.seconds = 0
    async with served(app) as server, server.http() as client:
        came = asyncio.Event()

        async def held() -> None:
            came.set()
            await asyncio.Event().wait()

        server.web.add_api_route("/held", held, methods=["POST"])
        session_id = await session(server)
        async with server.chat(session_id) as chat:
            await chat.begin()
            await chat.send("user_message", HELLO, event_id="m1")
            await reached(model.called)
            asked = asyncio.create_task(client.post("/held", timeout=PATIENCE))
            await reached(came)
            async with asyncio.timeout(PATIENCE):
                await server.stop()
            answer = await asked
    assert (answer.status_code, answer.headers["content-type"]) == (503, MEDIA_TYPE)
    assert (answer.json()["code"], answer.json()["retryable"]) == ("stopping", True)
    assert "again" in answer.json()["detail"]
    assert "retry-after" in answer.headers

    model.go_on.set()
    app.delivery.grace.seconds = 20
    async with served(app) as server, server.chat(session_id) as chat:
        await chat.begin()
        await chat.say(HELLO, "m1")
        turns = await turns_of(server, session_id)
    assert [one["role"] for one in turns] == ["character", "trainee", "character"]


async def test_a_client_that_does_not_read_keeps_nobody_waiting(
    server: Served, model: Scripted
) -> None:
    model.go_on.set()
    model.pieces = ("This is a long story. " * 200,)
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.say(HELLO, "m0")
        async with server.chat(session_id, max_queue=1, close_timeout=0.1) as deaf:
            # Far more than the buffers between the two hold: the server has to wait for this one.
            for _ in range(1500):
                await asyncio.wait_for(deaf.send("session_start", after=0), PATIENCE)
            for number in range(1, 4):
                await chat.say("Tell me more, please.", f"m{number}")
    async with server.chat(session_id) as again:
        await again.begin()


async def test_a_stopped_database_is_said_and_survived(
    sqlite: Database, tmp_path: Path, model: Scripted
) -> None:
    model.go_on.set()
    url = f"sqlite:///{sqlite.url.database}"
    database = Stoppable(url)
    async with served(app_over(database, settings_for(url, tmp_path), model)) as server:
        session_id = await session(server)
        async with server.chat(session_id) as chat:
            await chat.begin()
            await chat.say(HELLO, "m1")
            database.stopped = True
            await chat.send("user_message", "Where does it hurt?", event_id="m2")
            error = await chat.until("error")
            assert error["metadata"] == {
                "code": "store_away",
                "retryable": True,
                "event_id": "m2",
            }
            await chat.send("command", "!hint")
            assert (await chat.until("error"))["metadata"]["code"] == "store_away"
            await chat.send("session_start", after=0)
            assert (await chat.until("error"))["metadata"]["code"] == "store_away"
            async with server.chat(session_id) as other:
                assert (await other.next())["metadata"]["code"] == "store_away"
                await other.socket.wait_closed()
                assert other.socket.close_code == 1013
            database.stopped = False
            await chat.say("Where does it hurt?", "m2")
    await database.close()


async def test_the_database_may_stop_in_mid_turn(
    sqlite: Database, tmp_path: Path, model: Scripted
) -> None:
    url = f"sqlite:///{sqlite.url.database}"
    database = Stoppable(url)
    async with served(app_over(database, settings_for(url, tmp_path), model)) as server:
        session_id = await session(server)
        async with server.chat(session_id) as chat:
            await chat.begin()
            await chat.send("user_message", HELLO, event_id="m1")
            await reached(model.called)
            database.stopped = True
            model.go_on.set()
            await reached(database.refused)
            database.stopped = False
            await chat.until("assistant_message", in_reply_to="m1")
        assert len(await turns_of(server, session_id)) == 3
    await database.close()


async def test_a_bug_in_a_turn_is_said_and_the_next_turn_works(
    sqlite: Database, tmp_path: Path
) -> None:
    broken = Broken()
    broken.go_on.set()
    url = f"sqlite:///{sqlite.url.database}"
    async with served(app_over(sqlite, settings_for(url, tmp_path), broken)) as server:
        session_id = await session(server)
        async with server.chat(session_id) as chat:
            await chat.begin()
            await chat.send("user_message", HELLO, event_id="m1")
            error = await chat.until("error")
            assert error["metadata"]["code"] == "failed"
            broken.works = True
            await chat.say(HELLO, "m1")


class Broken(Scripted):
    """A model with a bug, until it works."""

    works = False

    async def stream(self, prompt, deadline):  # type: ignore[no-untyped-def]
        if not self.works:
            raise ZeroDivisionError
        async for piece in super().stream(prompt, deadline):
            yield piece
