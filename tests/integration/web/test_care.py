"""Words that are no turn: signs of need at any moment, asides, and agreeing."""

import pytest

from bot import people
from bot.web import callers
from tests.integration.web.rig import Served
from tests.integration.web.test_chat import HELLO, session, transcript


async def ask(server: Served, session_id: str, name: str) -> None:
    async with server.http() as client:
        answer = await client.post(f"/api/sessions/{session_id}/commands", json={"name": name})
        assert answer.status_code == 200, answer.text


async def has_agreed(server: Served, user_id: str = "ada") -> bool:
    async with server.web.state.dressrun.services.database.reading() as tx:
        known = await people.known(tx, callers.identity(user_id))
        assert known is not None
        return (await people.get(tx, known, "")).consented


@pytest.mark.parametrize("sign", ["red light", "I really want to kill myself tonight"])
async def test_care_is_taken_while_the_session_rests(server: Served, sign: str) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.say(HELLO, "m1")
        await ask(server, session_id, "pause")
        await chat.send("user_message", sign, event_id="m2")
        told = await chat.until("assistant_message", role="narrator")
        assert "stepped out" in told["content"]
        await chat.until("phase", status="abandoned")
        await chat.send("user_message", "I can't go on, I want to die", event_id="m3")
        told = await chat.until("assistant_message", private=True)
    assert "nobody in it hears this" in told["content"]
    assert told["metadata"]["event_id"] == "m3"
    assert sign not in str(await transcript(server, session_id))


async def test_what_was_stopped_can_be_taken_up_again(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", "red light", event_id="m1")
        await chat.until("phase", status="abandoned")
        await chat.send("user_message", "Hello?", event_id="m2")
        told = await chat.until("assistant_message", private=True)
        assert "nobody in it hears this" in told["content"]
        await chat.send("command", "!continue", event_id="c1")
        await chat.until("phase", status="in_progress")
        await chat.send("user_message", "red light", event_id="m1")
        assert (await chat.until("error"))["metadata"]["code"] == "already_stored"


async def test_an_aside_makes_no_turn(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", "  // is the coffee machine broken?", event_id="m1")
        told = await chat.until("assistant_message", private=True)
        assert (told["metadata"]["role"], told["metadata"]["event_id"]) == ("system", "m1")
        await chat.nothing_more()
    assert len(await transcript(nearby, session_id)) == 1
    assert not await has_agreed(nearby)


async def test_only_a_message_that_was_taken_agrees(server: Served) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        await ask(server, session_id, "pause")
        await chat.send("user_message", HELLO, event_id="m1")
        assert (await chat.until("error"))["metadata"]["code"] == "session_paused"
        assert not await has_agreed(server)
        await ask(server, session_id, "resume")
        await chat.say(HELLO, "m2")
    assert await has_agreed(server)
