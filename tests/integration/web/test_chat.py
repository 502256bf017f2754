"""The WebSocket: its frames, on each kind of database."""

from datetime import datetime

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from bot import people
from bot.web import callers
from engine.events import Seated
from engine.inputs import Stage
from engine.store import events
from tests.integration.web.rig import Served, begin

HELLO = "Hello, I am Dr Ada. What brings you in today?"


async def session(server: Served, **more: object) -> str:
    async with server.http() as client:
        return str((await begin(client, **more))["session_id"])


async def transcript(server: Served, session_id: str) -> list[dict[str, object]]:
    async with server.http() as client:
        told = (await client.get(f"/api/sessions/{session_id}/transcript")).json()
    turns: list[dict[str, object]] = told["turns"]
    return turns


async def test_a_session_begins_with_its_opening(server: Served) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        frame = await chat.begin()
        await chat.nothing_more()
    opening = (await transcript(server, session_id))[0]
    assert frame["content"] == opening["text"]
    assert frame["session_id"] == session_id
    assert datetime.fromisoformat(frame["timestamp"]).tzinfo is not None
    assert frame["metadata"]["seq"] == opening["seq"]
    assert "first message" in frame["metadata"]["notice"]


async def test_a_message_is_answered_as_it_is_stored(server: Served) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        reply = await chat.say(HELLO, "m1")
        await chat.nothing_more()
    [_, asked, answered] = await transcript(server, session_id)
    assert asked["text"] == HELLO
    assert reply["content"] == answered["text"]
    assert reply["message_id"] == answered["seq"]
    assert answered["in_reply_to"] == asked["seq"]
    told = reply["metadata"]
    assert told["tokens"] > 0
    assert told["in_reply_to"] == "m1"
    assert told["answers"] == ["m1"]
    assert (told["speaker"], told["role"]) == ("Colin Marsh", "character")
    kinds = [frame["type"] for frame in chat.got]
    assert kinds.index("typing") < kinds.index("assistant_message")


async def test_the_first_message_agrees_to_the_notice(server: Served) -> None:
    session_id = await session(server)
    app = server.web.state.dressrun
    async with server.chat(session_id) as chat:
        assert (await chat.begin())["metadata"]["notice"]
        await chat.say(HELLO, "m1")
        assert (await chat.begin())["metadata"]["notice"] is None
    async with app.services.database.reading() as tx:
        person = await people.known(tx, callers.identity("ada"))
        assert person is not None
        assert (await people.get(tx, person, "")).consented
    async with server.http() as client:
        assert (await begin(client))["notice"] is None


async def test_a_message_sent_again_gets_the_same_answer_and_makes_no_turn(
    server: Served,
) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        first = await chat.say(HELLO, "m1")
        second = await chat.say(HELLO, "m1")
    async with server.chat(session_id) as chat:
        third = await chat.say(HELLO, "m1")
        await chat.nothing_more()
    assert first == second == third
    assert len(await transcript(server, session_id)) == 3


async def test_nothing_is_replayed_unless_it_is_asked_for(server: Served) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        first = await chat.say(HELLO, "m1")
        second = await chat.say("Where is the pain?", "m2")
    async with server.chat(session_id) as chat:
        await chat.begin()
        await chat.nothing_more()
    async with server.chat(session_id) as chat:
        await chat.begin(after=first["message_id"])
        assert await chat.next() == second
        await chat.nothing_more()
        third = await chat.say("When did it start?", "m3")
        assert third["message_id"] > second["message_id"]


@pytest.mark.parametrize("after", [0, 3])
async def test_everything_can_be_replayed_in_order(nearby: Served, after: int) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.say(HELLO, "m1")
        await chat.send("command", "!order ecg", event_id="c1")
        await chat.until("exhibit")
    async with nearby.chat(session_id) as chat:
        await chat.begin(after=after)
        await chat.until("exhibit")
        await chat.nothing_more()
    kinds = [frame["type"] for frame in chat.got[1:-1]]
    assert kinds == ["assistant_message"] * 3 + ["exhibit"]
    seqs = [frame["message_id"] for frame in chat.got[1:-1]]
    assert seqs == sorted(set(seqs))


async def test_a_replay_from_beyond_the_end_loses_nothing(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin(after=100_000)
        await chat.say(HELLO, "m1")


async def test_whoever_else_reads_the_session_sees_it_too(server: Served) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as one, server.chat(session_id) as two:
        await one.begin()
        await two.begin()
        reply = await one.say(HELLO, "m1")
        assert await two.until("assistant_message") == reply


async def test_what_an_instructor_does_arrives(server: Served) -> None:
    session_id = await session(server)
    services = server.web.state.dressrun.services
    async with server.chat(session_id) as chat:
        await chat.begin()
        async with services.database.transaction() as tx:
            await services.simulation.apply(
                tx,
                session_id,
                lambda _state, at: Stage(
                    at=at, verb="inject", person="someone", seat="narrator", text="A door slams."
                ),
            )
        services.hub.changed(session_id)
        frame = await chat.until("assistant_message")
    assert (frame["content"], frame["metadata"]["role"]) == ("A door slams.", "narrator")


async def test_commands_run_from_frames_and_from_what_is_typed(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.send("command", name="hint", event_id="c0")
        refused = await chat.until("error")
        assert refused["metadata"]["code"] == "consent_needed"
        await chat.say(HELLO, "m1")
        await chat.send("command", name="hint", event_id="c1")
        hint = await chat.until("assistant_message")
        assert hint["metadata"]["private"] is True
        assert hint["metadata"]["role"] == "system"
        assert "message_id" not in hint
        await chat.send("user_message", "!status")
        told = await chat.until("assistant_message", private=True)
        assert "A weight on the chest" in told["content"]
        await chat.send("command", "order", text="ecg")
        shown = await chat.until("exhibit")
        assert shown["metadata"]["title"] == "12-lead ECG"
        assert (await fetch(nearby, shown["metadata"]["picture"])).status_code == 200
        await chat.send("command", "nonsense")
        assert (await chat.until("error"))["metadata"]["code"] == "unknown_command"


async def fetch(server: Served, path: str) -> httpx.Response:
    async with server.http() as client:
        return await client.get(path)


async def test_figures_come_with_the_exhibit(nearby: Served) -> None:
    session_id = await session(nearby, scenario_id="coffee-roaster-profit")
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", "Could I see the profit and loss statement?", event_id="m1")
        shown = (await chat.until("exhibit"))["metadata"]
        assert shown["columns"][0] == "Line"
        assert ["Sales", "44.0", "50.0"] in shown["rows"]
        assert shown["state"] == "shown"
        await chat.until("assistant_message", in_reply_to="m1")


async def test_phases_are_told(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.say(HELLO, "m1")
        await chat.send("command", "!next")
        frame = await chat.until("phase")
    assert frame["content"]
    assert frame["metadata"]["phase"] != "history"


async def test_the_end_brings_the_score_and_takes_no_more_messages(server: Served) -> None:
    session_id = await session(server)
    async with server.chat(session_id) as chat:
        await chat.begin()
        reply = await chat.say(HELLO, "m1")
        await chat.send("command", "!end")
        score = await chat.until("score")
        assert score["metadata"]["criteria"]
        assert "of 100" in score["content"]
        await chat.send("user_message", "One more thing", event_id="m2")
        error = await chat.until("error")
        assert error["metadata"]["code"] == "session_ended"
        assert error["metadata"]["event_id"] == "m2"
        assert error["metadata"]["retryable"] is False
        assert await chat.say(HELLO, "m1") == reply
    async with server.http() as client:
        stored = (await client.post(f"/api/sessions/{session_id}/evaluate")).json()
    assert stored == score["metadata"]


async def test_the_end_by_rest_reaches_the_chat(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat, nearby.http() as client:
        await chat.begin()
        await client.post(f"/api/sessions/{session_id}/complete")
        await chat.until("phase", status="completed")
        await chat.until("score")


async def test_the_stop_word_ends_it_without_a_score(nearby: Served) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.begin()
        await chat.send("user_message", "red light", event_id="m1")
        exit_text = await chat.until("assistant_message", role="narrator")
        assert "stepped out of the role-play" in exit_text["content"]
        await chat.until("phase", status="abandoned")
        await chat.raw("not json")
        await chat.until("error")
    assert "score" not in {frame["type"] for frame in chat.got}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{", "bad_frame"),
        ("[]", "bad_frame"),
        ("{}", "bad_frame"),
        (b"\x00\x01", "bad_frame"),
        ('{"type": "user_message", "content": 5}', "bad_frame"),
        ('{"type": "user_message", "metadata": []}', "bad_frame"),
        ('{"type": "session_start", "metadata": {"after": -1}}', "bad_frame"),
        ('{"type": "session_start", "metadata": {"after": "x"}}', "bad_frame"),
        ('{"type": "user_message", "content": "\\ud800"}', "bad_frame"),
        ('{"type": "shout", "content": "x"}', "unknown_frame"),
        ('{"type": "assistant_message", "content": "x"}', "unknown_frame"),
        ('{"type": "user_message", "content": "   "}', "empty_message"),
        ('{"type": "user_message"}', "empty_message"),
        ('{"type": "user_message", "content": "%s"}' % ("a" * 6000), "message_too_long"),
        ('{"type": "user_message", "content": "%s"}' % ("a" * 100_000), "frame_too_large"),
        ("[" * 50_000, "bad_frame"),
    ],
)
async def test_a_wrong_frame_gets_a_sentence_and_the_connection_stays(
    nearby: Served, sent: str | bytes, code: str
) -> None:
    session_id = await session(nearby)
    async with nearby.chat(session_id) as chat:
        await chat.raw(sent)
        error = await chat.until("error")
        assert error["metadata"]["code"] == code
        assert error["content"]
        await chat.begin()
        await chat.say(HELLO, "m1")


async def test_two_people_say_who_they_are(nearby: Served) -> None:
    session_id = await session(nearby)
    services = nearby.web.state.dressrun.services
    async with nearby.http() as client:
        await begin(client, user_id="bob")
    async with services.database.transaction() as tx:
        bob = await people.known(tx, callers.identity("bob"))
        record = (await services.simulation.read(tx, session_id))[0]
        await events.append(tx, record, [seated(bob, services.now())])
    async with nearby.chat(session_id) as ada, nearby.chat(session_id) as bobs:
        await ada.begin(user_id="ada")
        await bobs.begin(user_id="bob")
        await ada.send("user_message", HELLO)
        assert (await ada.until("error"))["metadata"]["code"] == "who_acts"
        reply = await ada.say(HELLO, "m1", user_id="ada")
        heard = await bobs.until("assistant_message")
        assert (heard["content"], heard["metadata"]["role"]) == (HELLO, "trainee")
        assert await bobs.until("assistant_message") == reply
        await ada.send("user_message", HELLO, user_id="carol")
        assert (await ada.until("error"))["metadata"]["code"] == "no_person"


def seated(person: str | None, at: datetime) -> Seated:
    return Seated(at=at, seat="trainee", person=person or "")


@pytest.mark.parametrize("session_id", ["nothing", "a%00b", "x" * 100])
async def test_a_session_that_is_none_says_so(nearby: Served, session_id: str) -> None:
    async with nearby.chat(session_id) as chat:
        error = await chat.next()
        assert error["metadata"]["code"] == "no_session"
        await chat.socket.wait_closed()
        assert chat.socket.close_code == 4404


@pytest.mark.parametrize(
    ("origin", "opens"),
    [
        (None, True),
        ("http://127.0.0.1:{port}", True),
        ("http://localhost:3000", True),
        ("https://evil.example", False),
        ("null", False),
        ("http://127.0.0.1.evil.example", False),
    ],
)
async def test_only_pages_of_our_own_may_connect(
    nearby: Served, origin: str | None, opens: bool
) -> None:
    session_id = await session(nearby)
    given = origin.format(port=nearby.port) if origin else None
    if opens:
        async with nearby.chat(session_id, origin=given) as chat:
            await chat.begin()
        return
    with pytest.raises(InvalidStatus) as refused:
        async with nearby.chat(session_id, origin=given):
            pass
    assert refused.value.response.status_code == 403
