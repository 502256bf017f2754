"""What the clock brings: cues, delayed exhibits, ends; into the right thread, once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.delivery import later
from bot.incoming import Errand
from bot.store import pruning
from bot.store.database import Database
from bot.store.queues import InboxRow
from engine.events import CharacterSaid, Ended, TraineeSaid
from engine.store import events
from engine.store.tables import EventRow, SessionRow
from tests.integration.bot.stage import CHANNEL, Stage, Stoppable, app_over, settings_for


async def test_what_was_ordered_arrives_in_its_thread(everywhere: Stage) -> None:
    stage = everywhere
    first = await stage.started("chest-pain")
    second = await stage.started("first-visit")
    ordered = await stage.says("!order chest x-ray", where=first)
    assert "Chest X-ray is on its way and will be here in about a minute." in ordered
    stage.seen(second)
    assert await stage.tick(29) == 0
    assert await stage.tick(2) == 1
    arrived = stage.seen(first)
    assert arrived.startswith(": **Chest X-ray**")
    assert arrived.count("**Chest X-ray**") == 1
    assert stage.seen(second) == ""
    assert "X-ray" not in stage.shown(CHANNEL)
    assert await stage.tick(1) == 0
    assert stage.seen(first) == ""


async def test_two_processes_tell_it_once(everywhere: Stage, tmp_path: Path) -> None:
    stage = everywhere
    other = app_over(stage.database, settings_for(tmp_path), stage.clock)
    room = await stage.started()
    stage.seen(room)
    await stage.clock.advance(6 * 60 + 1)
    await asyncio.gather(stage.carrier.idle(), other.delivery.carrier({}).idle())
    await stage.carrier.idle()
    assert stage.seen(room).count("Shouldn't I be wired up") == 1


async def test_a_reading_opens_the_report_and_not_before(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("!order chest x-ray", where=room)
    await stage.tick(31)
    shown = stage.seen(room)
    assert "A schematic drawing of a chest film" in shown
    assert "The report follows once you have committed to a reading" in shown
    report = "cardiothoracic ratio about 0.46"
    assert report not in stage.shown(room)
    assert report in await stage.says("!submit x-ray reading: nothing to see", where=room)


async def test_silence_ends_it_and_leaves_a_way_back(stage: Stage) -> None:
    room = await stage.started("first-visit")
    stage.seen(room)
    assert await stage.tick(31 * 60) == 1
    ended = stage.seen(room)
    assert "was stopped because nothing was written for a while" in ended
    assert "[Continue]" in ended
    assert stage.server.threads[room]["state"] == "closed"
    assert await stage.tick(3600) == 0


async def test_a_pause_stops_the_clock_and_what_is_on_its_way(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("!order chest x-ray", where=room)
    await stage.says("!pause", where=room)
    assert await stage.tick(3600) == 0
    await stage.says("!resume", where=room)
    assert await stage.tick(29) == 0
    assert await stage.tick(2) == 1


async def test_after_moving_it_goes_to_the_new_thread_alone(stage: Stage) -> None:
    old = await stage.started()
    await stage.says("!order chest x-ray", where=old)
    await stage.says("/sim continue")
    new = stage.threads()[-1]
    assert new != old
    stage.seen(old)
    await stage.tick(31)
    assert "**Chest X-ray**" in stage.seen(new)
    assert stage.seen(old) == ""


async def test_a_room_that_is_gone_does_not_stop_the_others(stage: Stage) -> None:
    gone = await stage.started("chest-pain")
    there = await stage.started("chest-pain", who="U2")
    for room, who in ((gone, "U1"), (there, "U2")):
        await stage.says("!order chest x-ray", where=room, who=who)
    stage.seen(there)
    del stage.server.threads[gone]
    assert await stage.tick(31) == 2
    assert "**Chest X-ray**" in stage.seen(there)


async def test_one_broken_session_does_not_stop_the_others(stage: Stage) -> None:
    broken = await stage.started("chest-pain")
    there = await stage.started("chest-pain", who="U2")
    for room, who in ((broken, "U1"), (there, "U2")):
        await stage.says("!order chest x-ray", where=room, who=who)
    record = await stage.session_of(broken)
    stage.seen(there)

    async with stage.database.transaction() as tx:
        # As a log that a bug wrote: it folds to nothing.
        await tx.execute(
            update(EventRow)
            .where(EventRow.session_id == record.id, EventRow.seq == 1)
            .values(body={"words": "of somebody"})
        )
    assert await stage.tick(31) == 1
    assert "**Chest X-ray**" in stage.seen(there)


async def test_a_session_that_vanished_is_passed_over(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("!order chest x-ray", where=room)
    await stage.clock.advance(31)
    await stage.says("/sim forget-me yes")
    assert await stage.app.ticker.tick() == 0


async def test_time_without_a_change_does_not_come_due_again(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("!order ecg", where=room)
    record = await stage.session_of(room)
    assert record.due is not None
    await stage.tick(6 * 60 + 1)  # the cue of this minute is not for who ordered a tracing
    moved_on = (await stage.session_of(room)).due
    assert moved_on is not None
    assert moved_on > stage.clock.now()


async def test_a_database_that_is_away_costs_a_tick_and_nothing_else(
    tmp_path: Path, sqlite: Database
) -> None:
    away = Stoppable(sqlite.url.render_as_string(hide_password=False))
    async with Stage(away, tmp_path).open() as stage:
        room = await stage.started()
        await stage.says("!order chest x-ray", where=room)
        stage.seen(room)
        stage.works_through_failures = True
        away.left = 0
        assert await stage.tick(31) == 0
        away.left = 1  # the look works, acting does not
        assert await stage.tick(1) == 0
        away.left = None
        assert await stage.tick(1) == 1
        assert "**Chest X-ray**" in stage.seen(room)
    await away.close()


@pytest.mark.parametrize("seconds", [0, 31])
async def test_what_is_long_overdue_is_told_when_the_process_is_back(
    stage: Stage, seconds: int
) -> None:
    room = await stage.started()
    await stage.says("!order chest x-ray", where=room)
    record = await stage.session_of(room)
    async with stage.database.transaction() as tx:
        past = stage.clock.now()
        await tx.execute(update(SessionRow).where(SessionRow.id == record.id).values(due=past))
    stage.seen(room)
    assert await stage.tick(seconds) == (1 if seconds else 0)
    assert ("**Chest X-ray**" in stage.seen(room)) == bool(seconds)


async def test_what_a_session_is_due_for_waits_in_its_lane(everywhere: Stage) -> None:
    room = await everywhere.started()
    record = await everywhere.session_of(room)
    await everywhere.says("When did it start?", where=room)
    await everywhere.says("Where is the pain?", where=room)
    [waiting] = await waiting_errands(everywhere)
    assert (waiting.lane, waiting.due) == (f"session:{record.id}", record.due)


async def test_a_session_that_rests_is_left_alone(everywhere: Stage) -> None:
    room = await everywhere.started("first-visit")
    await everywhere.says("!pause", where=room)
    everywhere.seen(room)
    for _ in range(3):
        assert await everywhere.tick(3600) == 0
    assert await waiting_errands(everywhere) == []
    await everywhere.says("!resume", where=room)
    assert len(await waiting_errands(everywhere)) == 1
    assert await everywhere.tick(31 * 60) == 1
    assert "nothing was written for a while" in everywhere.seen(room)


async def test_a_session_without_an_errand_gets_one(everywhere: Stage) -> None:
    room = await everywhere.started()
    await everywhere.says("!order chest x-ray", where=room)
    async with everywhere.database.transaction() as tx:
        await tx.execute(delete(InboxRow).where(InboxRow.state == "waiting"))
    assert await everywhere.tick(31) == 0
    await everywhere.clock.advance(30)
    everywhere.seen(room)
    assert await everywhere.app.ticker.tick() == 1
    assert await everywhere.app.ticker.tick() == 0, "it is set by now"
    await everywhere.idle()
    assert "**Chest X-ray**" in everywhere.seen(room)


async def test_what_is_far_away_is_not_pruned(stage: Stage) -> None:
    now = stage.clock.now()
    far = Errand(event_id="far", at=now + timedelta(days=30), name="tick", about="nobody")
    async with stage.database.transaction() as tx:
        assert await later.later(tx, far, now)
        assert not await later.later(tx, far, now)
    async with stage.database.transaction() as tx:
        await pruning.old(tx, now + timedelta(days=29))
    assert len(await waiting_errands(stage)) == 1
    await stage.tick(31 * 24 * 3600)
    assert await waiting_errands(stage) == []


async def test_what_was_taken_back_does_not_happen(stage: Stage) -> None:
    now = stage.clock.now()
    async with stage.database.transaction() as tx:
        await later.later(tx, Errand(event_id="one", at=now, name="tick"), now)
        assert await later.never(tx, "one")
        assert not await later.never(tx, "one")
    assert await waiting_errands(stage) == []


async def waiting_errands(stage: Stage) -> list[InboxRow]:
    async with stage.database.reading() as tx:
        rows = await tx.scalars(select(InboxRow).where(InboxRow.state == "waiting"))
        return list(rows)


async def test_what_was_written_before_the_end_is_heard_before_it(everywhere: Stage) -> None:
    """Nothing ran for so long that the session's time was over when its words were handled."""
    stage = everywhere
    room = await stage.started()
    await stage.leaves("When did it start?", where=room)
    await stage.clock.advance(10 * 24 * 3600)
    await stage.idle()
    record = await stage.session_of(room)
    async with stage.database.reading() as tx:
        log = await events.of_session(tx, record.id)
    [said] = (seq for seq, one in enumerate(log, 1) if isinstance(one, TraineeSaid))
    answers = [one.answers for one in log if isinstance(one, CharacterSaid) and one.answers]
    assert answers == [(said,)]
    assert isinstance(log[-1], Ended)
    assert "Time is up" in stage.seen(room)
