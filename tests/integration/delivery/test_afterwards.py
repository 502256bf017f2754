"""What becomes of rows later: sent again, forgotten with their people, or left by whoever died."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from adapters.errors import DeliveryFailed, RateLimited
from adapters.port import InteractionRef, Message, MessagePosted
from bot.delivery import queueing, watching, workers
from bot.delivery.accepting import Interactions
from bot.delivery.placing import Origin, cause_of, lane_of
from bot.effects import EditCard, Effect, Post, Result
from bot.store.queues import InboxRow, OutboxRow
from tests.contract.fake_platform import parse
from tests.integration.delivery.rig import REPLY, Line

OTHER = "C2"


async def queued(line: Line, key: str, where: str, *effects: Effect) -> None:
    """Keep effects to be shown somewhere, without an event of anybody's."""
    origin = Origin(key=key, here=parse.thread_ref(where), user=parse.user_ref("U1"))
    async with line.database.transaction() as tx:
        await queueing.queue(tx, effects, origin, line.clock.now())


async def test_a_change_waits_for_a_card_of_another_thread(line: Line) -> None:
    line.adapter.failures = [RateLimited(5)]
    await queued(line, "card", "C1", Post(message=Message(text="Zero of three")))
    await line.idle()
    change = EditCard(card="card#0", message=Message(text="One of three"))
    await queued(line, "change", OTHER, change)
    await line.idle()
    assert line.shown("C1") == ""
    await line.later(5)
    await line.later(5)
    assert line.shown("C1") == ": One of three"


async def test_a_change_of_a_card_that_never_comes_is_let_go(line: Line) -> None:
    line.adapter.failures = [DeliveryFailed("too_odd")]
    await queued(line, "card", "C1", Post(message=Message(text="Zero of three")))
    await line.idle()
    await queued(line, "c", OTHER, EditCard(card="card#0", message=Message(text="One of three")))
    await line.idle()
    assert [one.kind for one in await line.outbox() if one.lane.endswith(OTHER)] == []


async def test_what_is_new_beside_what_was_answered_is_heard(line: Line) -> None:
    room = await line.started()
    old = line.event(room, "When did it start?")
    await line.app.delivery.accept(old)
    await line.idle()
    async with line.database.transaction() as tx:  # as after a week
        await tx.execute(delete(InboxRow).where(InboxRow.event_id == old.event_id))
        await tx.execute(delete(OutboxRow).where(OutboxRow.event.endswith(old.event_id)))
    assert isinstance(old, MessagePosted)
    new = replace(old, event_id="new", order="9" * 12, text="Does it move?")
    for event in (old, new):
        await line.app.delivery.accept(event)
    await line.idle()
    assert await line.said(room) == ["When did it start?", "Does it move?"]
    assert await line.answers(room) == [1, 1]
    assert line.shown(room).count(REPLY) == 2


async def test_whoever_is_forgotten_leaves_nothing_behind(line: Line) -> None:
    line.adapter.failures = [DeliveryFailed("too_odd")]
    await line.says("/sim list")
    assert {one.session_id for one in await line.outbox()} == {None}
    before = {one.id for one in await line.outbox()}
    assert before
    await line.says("/sim forget-me yes")
    assert not before & {one.id for one in await line.outbox()}


async def test_what_others_were_shown_stays(line: Line) -> None:
    line.adapter.failures = [DeliveryFailed("too_odd")]
    await line.says("/sim list", who="U2")
    before = {one.id for one in await line.outbox()}
    await line.says("/sim forget-me yes", who="U1")
    assert before <= {one.id for one in await line.outbox()}


async def test_the_same_is_shown_in_rooms_once(line: Line) -> None:
    room = await line.started()
    session_id = (await line.session_of(room)).id
    result = Result((Post(message=Message(text="Said from outside."), to="rooms"),))
    for _ in range(2):
        async with line.database.transaction() as tx:
            await line.app.delivery.show_in_rooms(tx, result, session_id, "api/x:command:1")
    await line.idle()
    assert line.shown(room).count("Said from outside.") == 1


async def test_what_only_a_dead_process_could_show_is_not_waited_for(line: Line) -> None:
    terminal = parse.thread_ref("T1")
    worker = workers.this_process(("terminal",), within=lane_of(terminal))
    gone = replace(worker, pid=2**22 + 1)
    async with line.database.transaction() as tx:
        await workers.enrol(tx, gone, line.clock.now())
    await queued(line, "left", "T1", Post(message=Message(text="To nobody")))
    await queued(line, "kept", "C1", Post(message=Message(text="To somebody")))
    async with line.database.reading() as tx:
        assert (
            await watching.standing(tx, line.clock.now() + timedelta(minutes=2), turn_seconds=25)
        ).unsent == 2
    async with line.carrier.running():
        async with line.database.reading() as tx:
            found = await watching.standing(tx, line.clock.now(), turn_seconds=25)
        assert (found.gone, found.alive) == (0, 1)
        assert [one.key for one in await line.outbox() if one.lane.endswith("T1")] == []
    await line.idle()
    assert "To somebody" in line.shown("C1")


@pytest.mark.parametrize("event", ["t:e", "t:e:dead", "t:e#0:not_shown", "t:e:dead#12:not_shown"])
def test_what_is_said_about_a_mishap_belongs_to_its_event(event: str) -> None:
    held = Interactions()
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    user = parse.user_ref("U1")
    mine = InteractionRef(user=user, token="x", expires=noon)
    held.keep("t:e", mine)
    assert cause_of(event) == "t:e"
    assert held.of(cause_of(event), noon - timedelta(minutes=1)) is mine
