"""Two transactions that lock the same rows never wait for each other in a circle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from adapters.port import Message, MessageEdited, MessagePosted
from bot.delivery import later, leases, queueing, unclaimed, workers
from bot.delivery.lanes import session_lane
from bot.delivery.placing import Origin, lane_of
from bot.effects import EditCard, OpenThread, Post
from bot.store.database import Database
from bot.store.locking import hold_lanes
from tests.contract.fake_platform import parse
from tests.databases import Server
from tests.integration.delivery.rig import PATIENCE, REPLY, Line, Meanwhile
from tests.locks import Stopping


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[Database]:
    """SQLite has one writer at a time, so nobody waits in a circle there."""
    with postgres.database(migrated=True) as url:
        opened = Stopping(url)
        yield opened
        await opened.close()


async def crossed(line: Line, before: str, one: Awaitable[Any], other: Awaitable[Any]) -> None:
    """Have `one` stop before it locks something, until `other` waits for it or is through."""
    database = line.database
    assert isinstance(database, Stopping)
    database.before = before
    first = asyncio.ensure_future(one)
    async with asyncio.timeout(PATIENCE):
        await database.stopped.wait()
        second = asyncio.ensure_future(other)
        while not second.done() and not await _waits(database):
            pass
        database.go_on.set()
        await asyncio.gather(first, second)
    assert await _asked(database, "SELECT deadlocks FROM pg_stat_database") == 0


async def _waits(database: Database) -> bool:
    return bool(await _asked(database, "SELECT count(*) FROM pg_stat_activity", waits=True))


async def _asked(database: Database, what: str, *, waits: bool = False) -> int:
    here = "datname = current_database()" + (" AND wait_event_type = 'Lock'" if waits else "")
    async with database.reading() as tx:
        return int(await tx.scalar(text(f"{what} WHERE {here}")) or 0)


async def test_words_are_changed_as_their_turn_is_stored(line: Line, tmp_path: Path) -> None:
    room = await line.started()
    record = await line.session_of(room)
    said = line.event(room, "When did it start?")
    assert isinstance(said, MessagePosted)
    assert said.ref is not None
    edited = MessageEdited(
        event_id="edit",
        order=f"{said.order}x",
        user=said.user,
        at=said.at,
        thread=said.thread,
        ref=said.ref,
        text="When did that start?",
    )
    async with line.beside(tmp_path) as other:
        await other.app.delivery.accept(said)
        turn = Meanwhile(other)
        other.model.go_on.clear()
        turn.work()
        async with asyncio.timeout(PATIENCE):
            await other.model.called.wait()
        other.model.go_on.set()
        lane = f"leases {session_lane(record.id)}"
        await crossed(line, lane, line.app.delivery.accept(edited), turn.go_on())
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1


async def test_a_thread_is_opened_as_its_session_goes_on(line: Line, tmp_path: Path) -> None:
    """What is overdue there is to happen, while a turn shows something beside that thread."""
    room = await line.started("chest-pain")
    record = await line.session_of(room)
    assert record.due is not None
    near = parse.thread_ref("C1")
    now = record.due + timedelta(seconds=1)
    await line.clock.advance((now - line.clock.now()).total_seconds())
    opens = OpenThread(title="Once more", session_id=record.id, seat="trainee")
    shows = line.app.delivery.carrier({line.adapter.platform: line.adapter}, turns=False)
    async with line.beside(tmp_path) as other:
        async with other.database.transaction() as tx:
            await queueing.queue(tx, (opens,), Origin(key="open", here=near), now)

        async def turn() -> None:
            async with other.database.transaction() as tx:
                await later.arm(tx, record.id, now + timedelta(seconds=1), now)
                post = Post(message=Message(text="Beside it."), to=near)
                await queueing.queue(tx, (post,), Origin(key="beside"), now)

        await crossed(line, "leases session:", shows.idle(), turn())
    await line.idle()
    assert "Beside it." in line.shown("C1")
    assert len(line.threads()) == 2


async def test_a_card_changes_as_its_last_change_is_shown(line: Line, tmp_path: Path) -> None:
    room = await line.started("first-visit")
    here = next(one for one in await line.outbox() if one.card and one.kind == "post")
    thread = parse.thread_ref(room)
    now = line.clock.now()

    async def change(tx: Any, at: int) -> None:
        edit = EditCard(card=here.key, message=Message(text=f"Change {at}."), to=thread)
        await queueing.queue(tx, (edit,), Origin(key=f"change{at}"), now)

    async with line.beside(tmp_path) as other:
        async with other.database.transaction() as tx:
            await change(tx, 1)

        async def again() -> None:
            async with other.database.transaction() as tx:
                await change(tx, 2)

        await crossed(line, "outbox", line.carrier.idle(), again())
    await line.idle()
    assert "Change 2." in line.shown(room)


async def test_what_a_dead_process_had_is_freed_as_others_touch_it(
    line: Line, tmp_path: Path
) -> None:
    now = line.clock.now()
    thread = parse.thread_ref("C1")
    mine, shown = session_lane("s"), lane_of(thread)
    dead = workers.this_process()
    dead = replace(dead, pid=2**22 + 1)
    async with line.beside(tmp_path) as other:
        async with other.database.transaction() as tx:
            # Stored in the order in which a plain UPDATE would meet them.
            await leases.touch_and_take(tx, dead.id, shown, now, needs=thread.platform)
            await leases.touch_and_take(tx, dead.id, mine, now)

        async def touch() -> None:
            async with line.database.transaction() as tx:
                await leases.touch(tx, mine, now)
                await leases.touch(tx, shown, now, needs=thread.platform)

        async def clear() -> None:
            async with other.database.transaction() as tx:
                await workers.clear(tx, [dead])

        await crossed(line, f"leases {shown}", touch(), clear())
    assert [one.owner for one in await line.leases()] == [None, None]


async def test_what_nobody_shows_is_given_up_around_what_others_hold(
    line: Line, tmp_path: Path
) -> None:
    """Nobody waits for that, so it waits for nobody."""
    held, free = (replace(parse.thread_ref(one), platform="removed") for one in ("C1", "C2"))
    async with line.database.transaction() as tx:
        for where in (held, free):
            said = Post(message=Message(text="To nobody."))
            origin = Origin(key=where.key, here=where)
            await queueing.queue(tx, (said,), origin, line.clock.now())
        ours = workers.this_process((line.adapter.platform,))
        await workers.enrol(tx, ours, line.clock.now())
    start = line.clock.now()
    await line.clock.advance(timedelta(days=8).total_seconds())
    async with line.beside(tmp_path) as other:
        async with other.database.transaction() as tx:
            await workers.seen(tx, ours, line.clock.now())
        async with other.database.transaction() as busy, asyncio.timeout(PATIENCE):
            await hold_lanes(busy, [lane_of(held)])
            async with line.database.transaction() as tx:
                assert not await unclaimed.give_up(tx, line.clock.now(), began=start)
            assert [one.state for one in await line.outbox()] == ["queued", "dead"]
    async with line.database.transaction() as tx:
        await unclaimed.give_up(tx, line.clock.now(), began=start)
    assert [one.state for one in await line.outbox()] == ["dead", "dead"]
