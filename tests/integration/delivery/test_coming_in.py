"""What comes in is taken once, in the platform's order, whoever takes it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.errors import Unknown
from adapters.port import MessagePosted
from bot.store import pruning
from tests.contract.fake_platform import parse
from tests.integration.bot.stage import CHANNEL
from tests.integration.delivery.rig import REPLY, Line, Meanwhile, until


async def test_one_event_four_times_at_once(line: Line) -> None:
    room = await line.started()
    payload = line.server.write(room, "U1", "When did it start?")
    marked = [parse.event({**payload, "delivery": mark}) for mark in (0, 0, 1, 2)]
    await asyncio.gather(*(line.app.delivery.accept(one) for one in marked if one))
    await line.idle()
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1


@pytest.mark.parametrize("first", [True, False])
async def test_a_message_and_its_mention_are_one(line: Line, *, first: bool) -> None:
    """Platforms tell of a post that mentions the bot twice, in any order."""
    room = await line.started()
    posted = line.event(room, "When did it start?")
    assert isinstance(posted, MessagePosted)
    both = [replace(posted, addressed=which) for which in (first, not first)]
    for one in both:
        await line.accept(one)
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1
    assert len(line.threads()) == 1


async def test_only_a_late_delivery_comes(line: Line) -> None:
    room = await line.started()
    late = parse.event({**line.server.write(room, "U1", "When did it start?"), "delivery": 3})
    assert late is not None
    await line.later(60)
    await line.accept(late)
    await line.accept(late)
    assert await line.answers(room) == [1]
    assert line.shown(room).count(REPLY) == 1


async def test_a_delivery_again_after_the_answer_changes_nothing(line: Line) -> None:
    room = await line.started()
    await line.says("When did it start?", where=room, times=2)
    stored = len(await line.outbox())
    await line.later(300)
    assert (await line.answers(room), len(await line.outbox())) == ([1], stored)


async def test_a_delivery_again_after_days_changes_nothing(line: Line) -> None:
    """That a command came is known for longer than any platform goes on delivering it."""
    late = line.event(CHANNEL, "/sim list")
    await line.accept(late)
    posts = line.adapter.posts
    assert posts > 0
    await line.clock.advance(timedelta(days=6).total_seconds())
    async with line.database.transaction() as tx:
        await pruning.old(tx, line.clock.now())
    await line.accept(late)
    assert line.adapter.posts == posts


async def test_two_processes_take_events_of_one_session(line: Line, tmp_path: Path) -> None:
    room = await line.started()
    texts = [f"Is it the {one} one?" for one in ("first", "second", "third", "fourth", "fifth")]
    written = [line.event(room, text) for text in texts]
    async with line.beside(tmp_path) as other:
        doors = [line.app.delivery, other.app.delivery]
        # The last is stored first, and every second one by another process.
        taken = [doors[at % 2].accept(one) for at, one in enumerate(reversed(written))]
        await asyncio.gather(*taken)
        await asyncio.gather(line.carrier.idle(), other.carrier.idle())
    assert await line.said(room) == texts
    assert sum(await line.answers(room)) == len(texts)
    assert line.shown(room).count(REPLY) == len(await line.answers(room))


async def test_two_processes_and_the_same_event(line: Line, tmp_path: Path) -> None:
    room = await line.started()
    once = line.event(room, "When did it start?")
    async with line.beside(tmp_path) as other:
        await asyncio.gather(line.app.delivery.accept(once), other.app.delivery.accept(once))
        await asyncio.gather(line.carrier.idle(), other.carrier.idle())
    assert await line.answers(room) == [1]
    assert line.shown(room).count(REPLY) == 1


async def test_what_is_said_during_a_turn_is_answered_together(line: Line) -> None:
    room = await line.started()
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    for text in ("Does it move?", "Is it sharp?", "Did you eat?"):
        await line.leaves(text, where=room)
    await turn.go_on()
    assert await line.said(room) == [
        "When did it start?",
        "Does it move?",
        "Is it sharp?",
        "Did you eat?",
    ]
    assert await line.answers(room) == [1, 3]
    assert line.shown(room).count(REPLY) == 2


async def test_what_was_cut_waits_for_its_rest(line: Line) -> None:
    room = await line.started()
    line.works = False
    first = line.event(room, "When did it st")
    assert isinstance(first, MessagePosted)
    await line.app.delivery.accept(replace(first, maybe_cut=True))
    await line.idle()
    await line.later(1.5)
    assert await line.said(room) == []
    await line.app.delivery.accept(line.event(room, "art, and does it move?"))
    await line.idle()
    assert await line.said(room) == ["When did it start, and does it move?"]
    assert await line.answers(room) == [1]


async def test_what_was_cut_waits_no_longer_than_two_seconds(line: Line) -> None:
    room = await line.started()
    cut = line.event(room, "When did it start?")
    assert isinstance(cut, MessagePosted)
    await line.accept(replace(cut, maybe_cut=True))
    assert await line.said(room) == []
    await line.later(2)
    assert await line.said(room) == ["When did it start?"]


async def test_a_pause_does_not_wait_for_the_turn(line: Line) -> None:
    room = await line.started()
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    await line.leaves("!pause", where=room)
    turn.work()
    await until(line, lambda: "aused" in line.shown(room))
    assert (await line.session_of(room)).status == "paused"
    assert REPLY not in line.shown(room)
    await turn.go_on()
    assert (await line.session_of(room)).status == "paused"
    assert REPLY not in line.shown(room)


async def test_a_stop_does_not_wait_for_the_turn(line: Line) -> None:
    room = await line.started()
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    await line.leaves("!stop", where=room)
    turn.work()
    await until(line, lambda: line.server.threads[room]["state"] == "closed")
    await turn.go_on()
    assert (await line.session_of(room)).status == "abandoned"
    assert REPLY not in line.shown(room)


async def test_words_in_a_thread_whose_door_is_not_stored_yet(line: Line) -> None:
    """The platform opened the thread, and we do not know yet: nothing may be lost."""
    await line.started("first-visit")
    line.adapter.thread_failures = [Unknown()]
    await line.says("/sim start chest-pain")
    room = line.threads()[-1]
    await line.says("When did it start?", where=room)
    for _ in range(4):
        await line.later(3)
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1
