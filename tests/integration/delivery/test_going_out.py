"""What goes out is shown once, or somebody is told that it is not."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.errors import (
    AdapterError,
    DeliveryFailed,
    PlatformDown,
    RateLimited,
    Unknown,
    Unreachable,
)
from adapters.port import Message
from bot.delivery import claiming, leases, outbox, queueing
from bot.delivery.accepting import Interactions
from bot.delivery.leases import LEASE_SECONDS
from bot.delivery.placing import Origin, lane_of
from bot.delivery.posting import MOST_UNSURE, Poster
from bot.delivery.tries import Tries
from bot.effects import EditCard, Effect, Post
from engine.catalog import Catalog
from tests.contract.fake_platform import parse
from tests.integration.bot.stage import CHANNEL
from tests.integration.delivery.rig import REPLY, Line


async def queued(line: Line, key: str, *effects: Effect) -> None:
    """Keep effects to be shown in the channel, without an event of anybody's."""
    origin = Origin(key=key, here=parse.thread_ref(CHANNEL), user=parse.user_ref("U1"))
    async with line.database.transaction() as tx:
        await queueing.queue(tx, effects, origin, line.clock.now())


async def test_a_busy_platform_says_when_to_come_back(line: Line) -> None:
    room = await line.started()
    line.adapter.failures = [RateLimited(7)]
    assert REPLY not in await line.says("When did it start?", where=room)
    waiting = [one for one in await line.outbox() if one.state == "queued"]
    assert [one.due for one in waiting] == [line.clock.now() + timedelta(seconds=7)]
    await line.later(6)
    assert REPLY not in line.shown(room)
    await line.later(1)
    assert line.shown(room).count(REPLY) == 1


async def test_a_platform_that_is_away_is_tried_again(line: Line) -> None:
    room = await line.started()
    line.server.down = True
    assert REPLY not in await line.says("When did it start?", where=room)
    line.server.down = False
    await line.later(60)
    assert line.shown(room).count(REPLY) == 1


async def test_an_answer_that_was_lost_is_looked_for(line: Line) -> None:
    room = await line.started()
    line.server.answers_to_lose = [1]
    await line.says("When did it start?", where=room)
    tried = line.adapter.posts
    await line.later(60)
    assert line.shown(room).count(REPLY) == 1
    assert line.adapter.posts == tried
    assert [one.state for one in await line.outbox() if one.kind == "post"][-1] == "sent"


async def test_what_was_surely_not_shown_is_shown_after_all(line: Line) -> None:
    room = await line.started()
    line.adapter.failures = [Unknown()]
    assert REPLY not in await line.says("When did it start?", where=room)
    await line.later(60)
    assert line.shown(room).count(REPLY) == 1


async def test_what_is_refused_is_told(line: Line) -> None:
    room = await line.started()
    line.adapter.failures = [DeliveryFailed("too_odd")]
    shown = await line.says("When did it start?", where=room)
    dead = [one for one in await line.outbox() if one.state == "dead"]
    assert [one.code for one in dead] == ["delivery_failed"]
    assert REPLY not in shown
    assert shown != ""
    assert REPLY in await line.says("Does it move?", where=room)


async def test_whoever_cannot_be_reached_is_not_told(line: Line) -> None:
    room = await line.started()
    line.adapter.failures = [Unreachable("gone")]
    assert await line.says("When did it start?", where=room) == ""
    await line.later(300)
    assert [one.code for one in await line.outbox() if one.state == "dead"] == ["unreachable"]
    assert line.seen(room) == ""


@pytest.mark.parametrize(("failure", "minutes"), [(PlatformDown(), 61), (Unknown(), 20)])
async def test_nothing_is_tried_for_ever(line: Line, failure: AdapterError, minutes: int) -> None:
    room = await line.started()
    line.adapter.failures = [failure] * 100
    await line.says("When did it start?", where=room)
    for _ in range(minutes):
        await line.later(60)
    [dead] = [one for one in await line.outbox() if REPLY in one.body]
    assert (dead.state, dead.code) == ("dead", "too_often")
    if isinstance(failure, Unknown):
        assert dead.attempts == MOST_UNSURE
    line.adapter.failures = []
    await line.later(60)
    room = await line.started("first-visit")
    assert REPLY in await line.says("Does it move?", where=room)


@pytest.mark.parametrize("begun", [[], [Unknown()]], ids=["surely not shown", "not sure"])
async def test_a_platform_that_is_away_for_a_while_loses_nothing(
    line: Line, begun: list[AdapterError]
) -> None:
    room = await line.started()
    line.adapter.failures = [*begun, *[PlatformDown()] * 20]
    await line.says("When did it start?", where=room)
    for _ in range(30):
        await line.later(60)
    assert line.shown(room).count(REPLY) == 1


async def test_a_thread_that_cannot_be_opened_takes_nothing_with_it(line: Line) -> None:
    await line.started("first-visit")
    line.adapter.thread_failures = [DeliveryFailed("no_threads")]
    shown = await line.says("/sim start chest-pain")
    rows = await line.outbox()
    [opener] = [one for one in rows if one.kind == "open_thread"]
    waiting = [one.state for one in rows if one.opener == opener.key]
    assert opener.state == "dead"
    assert waiting
    assert set(waiting) == {"dead"}
    assert shown != ""
    assert "Are you the doctor?" not in shown


async def test_changes_of_one_card_become_one(line: Line) -> None:
    await queued(line, "card", Post(message=Message(text="Zero of three")))
    await line.idle()
    line.seen()
    for number, text in enumerate(("One of three", "Two of three", "Three of three")):
        edit = EditCard(card="card#0", message=Message(text=text))
        await queued(line, f"change{number}", edit)
    await line.idle()
    assert line.server.edits == 1
    assert "Three of three" in line.shown()
    assert "of three" not in line.seen()
    assert [one.kind for one in await line.outbox()] == ["post"]


async def test_a_change_of_a_card_that_is_not_there_yet_waits_for_it(line: Line) -> None:
    line.adapter.failures = [RateLimited(5)]
    await queued(line, "card", Post(message=Message(text="Zero of three")))
    await queued(line, "change", EditCard(card="card#0", message=Message(text="One of three")))
    await line.idle()
    assert line.shown() == ""
    await line.later(5)
    assert line.shown() == ": One of three"


async def test_what_is_said_while_a_row_waits_does_not_overtake_it(line: Line) -> None:
    room = await line.started()
    line.adapter.failures = [RateLimited(5)]
    await line.says("When did it start?", where=room)
    await line.says("!status", where=room)
    assert line.seen(room) == ""
    await line.later(5)
    assert line.seen(room).startswith(f"Colin Marsh: I see. {REPLY} (private)")


async def test_what_waited_for_a_busy_thread_has_its_own_patience(line: Line) -> None:
    await queued(line, "first", Post(message=Message(text="The first of them.")))
    await queued(line, "second", Post(message=Message(text="The second of them.")))
    line.adapter.failures = [PlatformDown()] * 90
    for _ in range(63):
        await line.later(60)
    line.adapter.failures = []
    await line.later(60)
    states = {one.key: one.state for one in await line.outbox()}
    assert states["first#0"] == "dead"
    assert "The second of them." in line.shown()


class Stuck(Catalog):
    """Scenarios whose documents are never read to their end."""

    def __init__(self, pipe: Path) -> None:
        super().__init__()
        self.pipe = pipe

    def media(self, scenario_id: str, filename: str) -> Path:
        return self.pipe


async def test_what_is_never_drawn_waits_as_what_is_never_answered(
    line: Line, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    await queued(line, "drawn", Post(message=Message(text="See this."), documents=("x.pdf",)))
    async with line.database.transaction() as tx:
        ours = await claiming.take(tx, "me", lane_of(parse.thread_ref(CHANNEL)), line.clock.now())
    assert ours is not None
    poster = Poster(
        services=replace(line.app.services, catalog=Stuck(pipe)),
        adapters={line.adapter.platform: line.adapter},
        interactions=Interactions(),
        bell=line.app.delivery.bell,
        now=line.clock.now,
        draw_seconds=0.2,
    )
    assert await poster.drain(ours)
    os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))  # whoever still reads comes to an end
    assert line.shown(CHANNEL) == ""
    [row] = await line.outbox()
    assert (row.state, row.attempts) == ("queued", 1)  # Nothing was sent by that.
    [lease] = await line.leases()
    assert (lease.owner, lease.due) == (None, row.due)
    tries = Tries.of(lease.tries)
    assert (tries.raised, tries.waited) == (1, 0)


async def test_who_stood_still_until_another_had_the_thread_shows_nothing(line: Line) -> None:
    await queued(line, "word", Post(message=Message(text="Once.")))
    lane, now = lane_of(parse.thread_ref(CHANNEL)), line.clock.now()
    async with line.database.transaction() as tx:
        ours = await claiming.take(tx, "sleeper:", lane, now)
        row = await outbox.first(tx, lane)
        assert ours is not None
        assert row is not None
        await leases.drop(tx, ours)
        assert await claiming.take(tx, "waking:", lane, now) is not None
    ours.known.at -= LEASE_SECONDS  # as for who slept that long
    poster = Poster(
        services=line.app.services,
        adapters={line.adapter.platform: line.adapter},
        interactions=Interactions(),
        bell=line.app.delivery.bell,
        now=line.clock.now,
    )
    assert await poster.go_on(ours, row)
    assert "Once." not in line.shown(CHANNEL)
    ours.known.at += LEASE_SECONDS
    assert await poster.go_on(ours, row)
    assert line.shown(CHANNEL).count("Once.") == 1
