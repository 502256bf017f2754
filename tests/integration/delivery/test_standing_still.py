"""A server that stood still for long loses nothing; what can never be shown ends, and is seen."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from adapters.errors import DeliveryFailed, PlatformDown, RateLimited
from adapters.port import Message, ThreadRef
from bot.delivery import queueing, unclaimed, watching, workers
from bot.delivery.placing import Origin, lane_of
from bot.delivery.workers import Worker
from bot.effects import OpenDM, Post
from bot.standing import Standing
from bot.store import pruning
from bot.store.queues import InboxRow, OutboxRow
from bot.views import health
from tests.contract.fake_platform import parse
from tests.integration.delivery.rig import REPLY, Line

WEEK = timedelta(days=7).total_seconds()
DAY = timedelta(days=1).total_seconds()
REMOVED = replace(parse.thread_ref("C1"), platform="removed")


async def swept(line: Line, *, began: datetime | None = None) -> None:
    """What `Retention` does to the rows of delivery, in a process that by default is there long."""
    now = line.clock.now()
    began = began or now - timedelta(seconds=WEEK)
    async with line.database.transaction() as tx:
        assert not await pruning.orphans(tx)
        assert not await unclaimed.give_up(tx, now, began=began)
        assert not await pruning.old(tx, now)


async def queued(line: Line, where: ThreadRef, text: str) -> str:
    """Keep a message to be shown somewhere; the key of its row."""
    origin = Origin(key=text, here=where)
    async with line.database.transaction() as tx:
        await queueing.queue(tx, (Post(message=Message(text=text)),), origin, line.clock.now())
    return f"{text}#0"


async def began(line: Line, worker: Worker | None = None) -> Worker:
    """A process that takes work from now on; by default it runs our platform."""
    worker = worker or workers.this_process((line.adapter.platform,))
    async with line.database.transaction() as tx:
        await workers.enrol(tx, worker, line.clock.now())
    return worker


async def seen(line: Line, worker: Worker) -> None:
    async with line.database.transaction() as tx:
        await workers.seen(tx, worker, line.clock.now())


async def standing(line: Line) -> Standing:
    async with line.database.reading() as tx:
        return await watching.standing(tx, line.clock.now(), turn_seconds=25)


async def states(line: Line) -> dict[str, tuple[str, str]]:
    return {one.key: (one.state, one.code) for one in await line.outbox()}


async def test_words_that_waited_for_a_fortnight_are_answered(line: Line) -> None:
    """The time of the session ran on: what was written before it was up is answered first."""
    room = await line.started()
    await line.leaves("When did it start?", where=room)
    await line.leaves("/sim list", where="DU1")
    await line.clock.advance(2 * WEEK)
    await began(line)  # The sweep comes before anything was taken.
    await swept(line)
    await line.idle()
    await swept(line)
    assert [one.code for one in await line.inbox() if one.message] == [""]
    assert line.shown(room).count(REPLY) == 1
    assert "chest-pain" in line.shown("DU1")


async def test_what_was_to_be_shown_a_fortnight_ago_is_shown(line: Line) -> None:
    line.adapter.failures = [PlatformDown()]
    tried = await queued(line, parse.thread_ref("C1"), "Tried once.")
    await line.idle()
    untouched = await queued(line, parse.thread_ref("C1"), "Never tried.")
    await line.clock.advance(2 * WEEK)
    await began(line)
    await swept(line)
    assert {(await states(line))[one][0] for one in (tried, untouched)} == {"queued"}
    await line.idle()
    assert line.shown("C1") == ": Tried once. : Never tried."


@pytest.mark.parametrize("minutes", [55, 24 * 60])
@pytest.mark.parametrize("anew", [True, False])
async def test_what_was_tried_before_a_standstill_is_lost_by_no_hiccup_after_it(
    line: Line, minutes: int, *, anew: bool
) -> None:
    """Whether the process began anew, or only its machine stood still."""
    line.adapter.failures = [PlatformDown()] * 11
    await queued(line, parse.thread_ref("C1"), "Tried for ten minutes.")
    for _ in range(11):
        await line.later(60)
    await line.clock.advance(minutes * 60)
    if anew:
        line.carrier = line.app.delivery.carrier({line.adapter.platform: line.adapter})
    line.adapter.failures = [RateLimited(1), PlatformDown()]
    for _ in range(3):
        await line.later(60)
    assert line.shown("C1") == ": Tried for ten minutes."


async def test_patience_ends_after_a_standstill_too(line: Line) -> None:
    line.adapter.failures = [PlatformDown()]
    tried = await queued(line, parse.thread_ref("C1"), "Tried for long.")
    await line.idle()
    await line.clock.advance(DAY)
    line.adapter.failures = [PlatformDown()] * 100
    for _ in range(59):
        await line.later(60)
    assert (await states(line))[tried] == ("queued", "")
    for _ in range(4):
        await line.later(60)
    assert (await states(line))[tried] == ("dead", "too_often")


async def test_that_it_came_is_known_for_a_week_after_it_was_handled(line: Line) -> None:
    late = line.event("C1", "/sim list")
    await line.app.delivery.accept(late)
    await line.clock.advance(2 * WEEK)
    await line.idle()
    await line.clock.advance(WEEK - DAY)
    await swept(line)
    shown = line.adapter.posts
    await line.accept(late)
    assert line.adapter.posts == shown
    await line.clock.advance(2 * DAY)
    await swept(line)
    assert await line.inbox() == []
    assert await line.outbox() == []


async def test_what_was_given_up_late_is_seen_for_a_week(line: Line) -> None:
    await line.leaves("/sim list", where="C1")
    async with line.database.transaction() as tx:
        await tx.execute(update(InboxRow).values(body='{"kind":"of_a_newer_program"}'))
    await line.clock.advance(2 * WEEK)
    await line.idle()
    await line.later(60)
    await line.clock.advance(WEEK - DAY)
    await swept(line)
    assert (await standing(line)).dead == 1
    await line.clock.advance(2 * DAY)
    await swept(line)
    assert (await standing(line)).dead == 0


async def test_what_no_platform_shows_any_more_is_given_up_and_seen(line: Line) -> None:
    gone = await queued(line, REMOVED, "To nobody.")
    under_way = await queued(line, REMOVED, "Perhaps shown.")
    async with line.database.transaction() as tx:
        begun = update(OutboxRow).where(OutboxRow.key == under_way)
        await tx.execute(begun.values(state="sending", attempted_at=line.clock.now()))
    ours = await began(line)
    await line.clock.advance(WEEK + DAY)
    young = await queued(line, REMOVED, "Since today.")
    await seen(line, ours)
    await swept(line)
    assert await states(line) == {
        gone: ("dead", "nobody_shows_it"),
        under_way: ("unknown", "nobody_shows_it"),
        young: ("queued", ""),
    }
    found = await standing(line)
    assert (found.unsent, found.unsent_dead, found.unknown) == (1, 1, 1)
    await line.clock.advance(WEEK - DAY)
    await swept(line)
    assert len(await states(line)) == 3
    await line.clock.advance(2 * DAY)
    await seen(line, ours)
    await swept(line)
    assert await states(line) == {young: ("dead", "nobody_shows_it")}


async def test_whoever_just_began_may_not_be_all_that_show_things(line: Line) -> None:
    """After a stop of all, one that shows what this one cannot may come back a little later."""
    kept = await queued(line, REMOVED, "For another process.")
    await line.clock.advance(2 * WEEK)
    ours = await began(line)
    await line.clock.advance((unclaimed.SETTLED - timedelta(minutes=1)).total_seconds())
    await seen(line, ours)
    await swept(line)
    assert (await states(line))[kept][0] == "queued"
    other = await began(line, workers.this_process(("removed",)))
    await line.clock.advance(DAY)
    await seen(line, ours)
    await seen(line, other)
    await swept(line)
    assert (await states(line))[kept][0] == "queued"


async def test_whoever_shows_nothing_does_not_tell_that_nobody_can(line: Line) -> None:
    """A worker for turns went on meanwhile; what shows things comes back just now."""
    kept = await queued(line, REMOVED, "For whoever comes back.")
    turns = await began(line, workers.this_process(()))
    await line.clock.advance(WEEK + DAY)
    await seen(line, turns)
    await swept(line)
    assert (await states(line))[kept] == ("queued", "")


async def test_whoever_is_about_to_show_it_does_not_give_it_up(line: Line) -> None:
    """The first sweep comes before a process says what it shows."""
    kept = await queued(line, REMOVED, "For the process that sweeps.")
    other = await began(line)
    await line.clock.advance(WEEK + DAY)
    await seen(line, other)
    start = line.clock.now()
    await swept(line, began=start)
    assert (await states(line))[kept] == ("queued", "")
    await line.clock.advance(unclaimed.SETTLED.total_seconds())
    await seen(line, other)
    await swept(line, began=start)
    assert (await states(line))[kept] == ("dead", "nobody_shows_it")


async def test_what_a_terminal_left_behind_is_given_up(line: Line) -> None:
    ours = await began(line)
    mine, theirs = (replace(REMOVED, key=f"{one}/room") for one in ("mine", "theirs"))
    own = replace(mine, key="mine")
    terminal = workers.this_process(("removed",), within=lane_of(own))
    await began(line, terminal)
    kept, left = await queued(line, mine, "Read here."), await queued(line, theirs, "Read nowhere.")
    await line.clock.advance(WEEK + DAY)
    await seen(line, ours)
    await seen(line, terminal)
    await swept(line)
    assert {key: state for key, (state, _) in (await states(line)).items()} == {
        kept: "queued",
        left: "dead",
    }


async def test_a_platform_that_stays_away_is_late(line: Line) -> None:
    """Each try puts off when the row is due; whoever waits for it has waited all the time."""
    line.adapter.failures = [PlatformDown()] * 1000
    await line.says("/sim list", where="C1")
    for _ in range(10):
        await line.later(30)
    found = await standing(line)
    assert (found.unsent, found.put_off, found.stuck) == (1, 1, True)
    assert found.unsent_late == timedelta(seconds=300)
    assert "A platform is away or busy" in health.verdict(replace(found, alive=1))
    line.adapter.failures.clear()
    await line.later(60)
    found = await standing(line)
    assert (found.unsent, found.put_off, found.unsent_late) == (0, 0, timedelta(0))


async def test_what_a_platform_asks_to_wait_for_is_late(line: Line) -> None:
    line.adapter.failures = [RateLimited(300)]
    await line.says("/sim list", where="C1")
    await line.clock.advance(90)
    found = await standing(line)
    assert (found.put_off, found.unsent_late, found.stuck) == (1, timedelta(seconds=90), True)


async def test_an_event_that_is_put_off_is_late(line: Line) -> None:
    room = await line.started()
    line.model.bugs = 1
    await line.says("When did it start?", where=room)
    [lane] = [one for one in await line.leases() if one.lane.startswith("session:")]
    assert lane.due is not None
    await line.clock.advance(0.1)
    assert lane.due > line.clock.now()
    assert (await standing(line)).late == timedelta(seconds=0.1)


async def test_a_letter_that_reached_nobody_is_counted(line: Line) -> None:
    line.adapter.failures = [DeliveryFailed("too_odd"), DeliveryFailed("too_odd")]
    letter = OpenDM(user=parse.user_ref("U1"), message=Message(text="How it went."))
    async with line.database.transaction() as tx:
        await line.app.delivery.write(tx, letter, "followup:1", None)
    await line.idle()
    await queued(line, parse.thread_ref("C1"), "A line.")
    await line.idle()
    found = await standing(line)
    assert (found.unsent_dead, found.letters) == (2, 1)
