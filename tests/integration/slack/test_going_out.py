"""Streams that die, limits that are met, messages that are too long: nothing is lost or doubled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.errors import RateLimited
from adapters.port import (
    UNKNOWABLE,
    Chart,
    Choice,
    File,
    Image,
    InteractionRef,
    Message,
    MessageRef,
    Speaker,
    Table,
    Text,
    ThreadRef,
    ThreadState,
    Whisper,
)
from adapters.slack.adapter import SlackAdapter
from adapters.slack.installs import OneInstall
from adapters.slack.places import spot, thread_ref, user_ref
from tests.contract.clocks import START, QuickClock
from tests.contract.doors import Answers, Inbox
from tests.integration.slack.stage import ADA, CHANNEL, adapter_of, eventually, team, world_of
from tests.slack import FakeSlack
from tests.slack.checks import visible
from tests.slack.world import Message as Said

MARIA = Speaker("Maria Lopez", "https://example.org/maria.png")
SCORES = Table(("Skill", "Points"), (("Listening", "7"), ("Structure", "12")), title="Scores")


class Line:
    def __init__(self, slack: FakeSlack, adapter: SlackAdapter) -> None:
        self.slack = slack
        self.adapter = adapter
        self.team = next(iter(slack.world.teams.values()))
        self.place = slack.world.channels[self.team.id, CHANNEL]
        slack.world.add_channel(self.team, "D1", ADA)
        self.thread = self.begun(CHANNEL)
        self.dm = self.begun("D1")
        self.ada = user_ref(self.team.id, ADA)

    def begun(self, channel: str) -> ThreadRef:
        root = Said(self.slack.world.stamp(), channel, self.team.bot_user, "Root")
        self.slack.world.channels[self.team.id, channel].messages[root.ts] = root
        return thread_ref(self.team.id, channel, root.ts)

    def shown(self, thread: ThreadRef) -> list[Said]:
        here = spot(thread)
        place = self.slack.world.channels[here.tenant, here.channel]
        return [one for one in place.thread(here.root) if one.bot_id]

    def texts(self, thread: ThreadRef) -> list[str]:
        return [visible(one.text, one.blocks) for one in self.shown(thread)]


@asynccontextmanager
async def connected(clock: Any = None, **more: Any) -> AsyncIterator[Line]:
    world = world_of(team(**more))
    world._begins = START.timestamp()
    slack = FakeSlack(world)
    async with slack.running():
        adapter = adapter_of(slack, OneInstall("xoxb-T1"), clock or QuickClock())
        async with adapter.running(Inbox().accept, Answers()):
            yield Line(slack, adapter)


# --- streams --------------------------------------------------------------------------------------


async def test_in_a_direct_message_text_grows_in_slacks_own_stream() -> None:
    async with connected() as line:
        async with line.adapter.draft(line.dm, key="k", speaker=MARIA) as draft:
            await draft.show("One. ")
            await draft.show("One. Two. ")
            ref = await draft.finish(Message(text="One. Two. Three.", speaker=MARIA))
        assert line.slack.calls("chat.startStream")[0]["username"] == "Maria Lopez"
        assert line.texts(line.dm) == ["One. Two. Three."]
        found = await line.adapter.find_posted(line.dm, key="k", since=START)
        assert found == ref == draft.ref


@pytest.mark.parametrize("where", ["chat.appendStream", "chat.stopStream", "both"])
async def test_a_stream_that_dies_ends_whole_and_once(where: str) -> None:
    async with connected() as line:
        async with line.adapter.draft(line.dm, key="k", speaker=MARIA) as draft:
            await draft.show("One. ")
            [growing] = line.shown(line.dm)
            growing.streaming = where == "chat.stopStream"
            if where != "chat.appendStream":
                line.slack.faults.scripted["chat.stopStream"] = ["message_not_in_streaming_state"]
                growing.streaming = False
            await draft.show("One. Two. ")
            await draft.finish(Message(text="One. Two. Three.", speaker=MARIA))
        assert line.texts(line.dm) == ["One. Two. Three."]


async def test_a_growing_message_is_found_before_it_has_its_key() -> None:
    async with (
        connected() as line,
        line.adapter.draft(line.dm, key="k", speaker=MARIA) as draft,
    ):
        found = await line.adapter.find_posted(line.dm, key="k", since=START)
        assert found == draft.ref


async def test_channels_without_streams_get_paced_edits_and_are_not_asked_again() -> None:
    async with connected() as line:
        line.slack.methods.streams = {"D"}
        line.adapter._reach._readers.put(line.thread.key, line.ada)
        for number in (1, 2):
            async with line.adapter.draft(line.thread, key=f"k{number}", speaker=MARIA) as draft:
                await draft.show("Some of it.")
                await draft.finish(Message(text=f"All of {number}.", speaker=MARIA))
        assert line.texts(line.thread) == ["All of 1.", "All of 2."]
        tried = [one for one in line.slack.log if one.method == "chat.startStream"]
        assert [one.outcome for one in tried] == ["channel_type_not_supported"]


async def test_a_stream_in_a_channel_names_who_reads_it() -> None:
    async with connected() as line:
        line.adapter._reach._readers.put(line.thread.key, line.ada)
        async with line.adapter.draft(line.thread, key="k", speaker=MARIA) as draft:
            await draft.show("Some.")
            await draft.finish(Message(text="All of it.", speaker=MARIA))
        [asked] = line.slack.calls("chat.startStream")
        assert (asked["recipient_user_id"], asked["recipient_team_id"]) == (ADA, line.team.id)
        assert line.texts(line.thread) == ["All of it."]


# --- limits ---------------------------------------------------------------------------------------


async def test_a_limit_holds_for_the_other_threads_of_a_channel() -> None:
    async with connected() as line:
        other = line.begun(CHANNEL)
        line.slack.faults.throttled = 30
        with pytest.raises(RateLimited) as first:
            await line.adapter.post(line.thread, Message(text="A."), key="a")
        with pytest.raises(RateLimited):
            await line.adapter.post(other, Message(text="B."), key="b")
        assert first.value.retry_after == 30
        assert len([one for one in line.slack.log if one.method == "chat.postMessage"]) == 1


async def test_a_burst_is_let_through_and_then_paced() -> None:
    clock = QuickClock()
    async with connected(clock) as line:
        line.adapter._posts.pace._rate = 1.0
        for number in range(6):
            await line.adapter.post(line.thread, Message(text=f"{number}."), key=f"k{number}")
        assert line.texts(line.thread) == [f"{number}." for number in range(6)]
        assert [round(one) for one in clock.slept if one >= 0.5] == [1, 1]


async def test_what_slack_finds_too_long_is_cut_and_all_of_it_shown_once() -> None:
    blocks = tuple(Text(f"block {number} " + "x" * 900) for number in range(8))
    message = Message(text="First.", blocks=blocks, choices=(Choice("c", "Next"),))
    async with connected() as line:
        line.slack.methods.longest = 4000
        ref = await line.adapter.post(line.thread, message, key="k")
        shown = "\n".join(line.texts(line.thread))
        assert [shown.count(f"block {number} ") for number in range(8)] == [1] * 8
        assert shown.index("First.") < shown.index("block 0") < shown.index("block 7")
        assert await line.adapter.find_posted(line.thread, key="k", since=START) == ref
        again = await line.adapter.edit(ref, Message(text="Short now."))
        assert line.texts(line.thread) == ["Short now."]
        assert again.id == ref.id.split(",")[0]


async def test_a_cut_message_broken_in_the_middle_is_completed() -> None:
    blocks = tuple(Text(f"block {number} " + "x" * 900) for number in range(8))
    async with connected() as line:
        line.slack.methods.longest = 4000
        line.slack.faults.scripted["chat.postMessage"] = ["", "", "", "ratelimited"]
        with pytest.raises(RateLimited):
            await line.adapter.post(line.thread, Message(text="A.", blocks=blocks), key="k")
        assert len(line.texts(line.thread)) == 2
        await line.adapter.post(line.thread, Message(text="A.", blocks=blocks), key="k")
        shown = "\n".join(line.texts(line.thread))
        assert [shown.count(f"block {number} ") for number in range(8)] == [1] * 8


async def test_a_connection_error_is_not_tried_again_by_the_library() -> None:
    async with connected() as line:
        line.slack.faults.answers_to_lose = [1]
        with pytest.raises(Exception, match="outcome unknown"):
            await line.adapter.post(line.thread, Message(text="Once."), key="k")
        assert line.texts(line.thread) == ["Once."]


# --- what a workspace does not have ---------------------------------------------------------------


async def test_without_names_characters_have_theirs_in_the_text() -> None:
    async with connected(scopes="chat:write,channels:history") as line:
        await line.adapter.post(line.thread, Message(text="Hello.", speaker=MARIA), key="k")
        assert line.texts(line.thread) == ["Maria Lopez:\nHello."]


async def test_a_chart_is_drawn_by_slack_else_shown_as_a_table() -> None:
    chart = Chart("Progress", "bar", SCORES, unit="points")
    async with connected() as line:
        await line.adapter.post(line.thread, Message(text="Look:", blocks=(chart,)), key="a")
        line.slack.methods.charts = line.slack.methods.tables = False
        await line.adapter.post(line.thread, Message(text="Look:", blocks=(chart,)), key="b")
        await line.adapter.post(line.thread, Message(text="Look:", blocks=(chart,)), key="c")
        kinds = [[one["type"] for one in said.blocks] for said in line.shown(line.thread)]
        assert "data_visualization" in kinds[0]
        assert "table" in kinds[0]
        assert set(kinds[1]) == set(kinds[2]) == {"rich_text"}
        assert all("Listening" in text for text in line.texts(line.thread))
        asked = [one for one in line.slack.log if one.method == "chat.postMessage"]
        assert [one.outcome for one in asked[1:]] == ["invalid_blocks"] * 2 + ["ok"] * 2


async def test_a_picture_is_uploaded_first_and_shown_in_the_message() -> None:
    picture = File(name="scan.png", media_type="image/png", content=b"\x89PNG")
    note = File(name="note.pdf", media_type="application/pdf", content=b"%PDF")
    message = Message(text="Look:", blocks=(Image(picture, "A scan", "Scan"),), files=(note,))
    async with connected() as line:
        await line.adapter.post(line.thread, message, key="k")
        [said] = line.shown(line.thread)
        [image] = [one for one in said.blocks if one["type"] == "image"]
        assert line.slack.world.contents[image["slack_file"]["id"]] == b"\x89PNG"
        assert "note.pdf" in visible(said.text, said.blocks)
        await line.adapter.post(
            line.thread, Message(text="Mine:", speaker=MARIA, files=(note,)), key="2"
        )
        names = [one.username for one in line.shown(line.thread)]
        assert names == ["", "Maria Lopez", ""]  # Slack shows no upload under a made-up name.


async def test_without_uploads_a_picture_is_told_in_words() -> None:
    picture = File(name="scan.png", media_type="image/png", content=b"\x89PNG")
    async with connected() as line:
        line.slack.faults.scripted["files.getUploadURLExternal"] = ["missing_scope"]
        message = Message(text="Look:", blocks=(Image(picture, "A scan of a knee"),))
        await line.adapter.post(line.thread, message, key="k")
        [text] = line.texts(line.thread)
        assert "A scan of a knee" in text


async def test_a_whisper_finds_a_way_where_we_are_no_member() -> None:
    async with connected() as line:
        outside = thread_ref(line.team.id, "C2")
        line.slack.world.add_channel(line.team, "C2", ADA, bot=False)
        ref = await line.adapter.post(Whisper(outside, line.ada), Message(text="Hi."), key="k")
        assert spot(ref.thread).channel == f"D{ADA}"
        assert (
            await line.adapter.find_posted(Whisper(line.thread, line.ada), key="k", since=START)
            is UNKNOWABLE
        )


async def test_a_whisper_is_shown_with_less_where_slack_draws_no_charts() -> None:
    chart = Chart("Scores", "bar", SCORES)
    async with connected() as line:
        line.slack.methods.charts = line.slack.methods.tables = False
        message = Message(text="Yours:", blocks=(chart,))
        await line.adapter.post(Whisper(line.thread, line.ada), message, key="k")
        [said] = [one for one in line.place.messages.values() if one.only_for]
        assert "Listening" in visible(said.text, said.blocks)


async def test_a_whisper_that_slack_finds_too_long_is_cut_and_whole() -> None:
    async with connected() as line:
        line.slack.methods.longest = 2500
        paragraphs = [f"{number} {'words ' * 300}" for number in range(3)]
        blocks = tuple(Text(one) for one in paragraphs)
        await line.adapter.post(
            Whisper(line.thread, line.ada), Message(text="", blocks=blocks), key="k"
        )
        said = [one for one in line.place.messages.values() if one.only_for]
        told = "\n".join(visible(one.text, one.blocks) for one in said)
        assert len(said) == 3
        assert all(one.strip() in told for one in paragraphs)


@pytest.mark.parametrize("parts", [1, 6])
async def test_where_we_are_no_member_a_command_is_answered_at_its_own_address(parts: int) -> None:
    async with connected() as line:
        outside = thread_ref(line.team.id, "C2")
        line.slack.world.add_channel(line.team, "C2", ADA, bot=False)
        right = InteractionRef(
            line.ada, f"{line.slack.root}/response/1", START + timedelta(minutes=1)
        )
        text = "\n\n".join("words " * 490 for _ in range(parts))
        await line.adapter.post(Whisper(outside, line.ada, right), Message(text=text), key="k")
        direct = line.slack.world.channels.get((line.team.id, f"D{ADA}"))
        # Slack takes five answers to a command; what needs more comes directly.
        assert len(line.slack.answered) == (1 if parts == 1 else 0)
        assert (direct is not None) is (parts > 1)


async def test_without_histories_a_long_message_is_shown_all_the_same() -> None:
    async with connected(scopes="chat:write,commands") as line:
        text = "\n\n".join(f"Paragraph {number}: {'long ' * 200}" for number in range(8))
        ref = await line.adapter.post(line.thread, Message(text=text), key="k")
        assert len(line.shown(line.thread)) > 1
        await line.adapter.edit(ref, Message(text=f"{text}\n\n{text}"))
        assert "Paragraph 7" in line.texts(line.thread)[-1]


async def test_a_thread_is_opened_in_a_public_channel_that_we_join() -> None:
    async with connected() as line:
        line.slack.world.add_channel(line.team, "C2", ADA, bot=False)
        thread = await line.adapter.open_thread(
            thread_ref(line.team.id, "C2"), "Chest pain", key="t"
        )
        assert spot(thread).channel == "C2"
        private = await line.adapter.open_thread(
            line.thread, "Only us", key="p", private_to=(line.ada,)
        )
        assert spot(private).channel == f"D{ADA}"


async def test_the_agents_state_is_shown_and_its_lack_is_no_failure() -> None:
    async with connected() as line:
        await line.adapter.typing(line.thread, MARIA)
        await line.adapter.post(line.thread, Message(text="Hi.", speaker=MARIA), key="k")
        await line.adapter.mark_thread(line.thread, title="Chest pain")
        await line.adapter.mark_thread(line.thread, state=ThreadState.PAUSED)
        told = [one.get("status", one.get("title")) for one in line.slack.world.statuses]
        assert told == ["processing", "active", "Chest pain", "suspended"]
    async with connected() as line:
        line.slack.methods.agents = False
        await line.adapter.typing(line.thread, MARIA)
        await line.adapter.mark_thread(line.thread, state=ThreadState.CLOSED)
        [status] = line.slack.world.statuses
        assert status["status"] == "is typing…"


async def test_a_wrong_token_is_told_until_it_is_right() -> None:
    slack = FakeSlack(world_of(team()))
    async with slack.running():
        slack.faults.down = True
        adapter = adapter_of(slack, OneInstall("xoxb-T1"), SystemClock())
        async with adapter.running(Inbox().accept, Answers()):
            assert (adapter.health().state, adapter.health().code) == ("down", "not_authorised")
            slack.faults.down = False
            await eventually(lambda: adapter.health().state == "up")
            there = thread_ref("T1", CHANNEL)
            assert isinstance(await adapter.post(there, Message(text="Hi."), key="k"), MessageRef)
