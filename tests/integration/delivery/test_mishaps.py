"""Leases that are lost, processes that stop, and what can never be handled."""

import asyncio

from sqlalchemy import select, update

from bot.store.queues import InboxRow, LeaseRow
from tests.integration.delivery.rig import REPLY, Line, Meanwhile, until


async def stolen(line: Line) -> None:
    """Let another process have every lane, as if ours had stood still for too long."""
    async with line.database.transaction() as tx:
        await tx.execute(update(LeaseRow).values(owner="other:1"))


async def given_back(line: Line) -> None:
    async with line.database.transaction() as tx:
        await tx.execute(update(LeaseRow).values(owner=None, until=None))


async def test_whoever_lost_the_lane_stores_nothing(line: Line) -> None:
    room = await line.started()
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    before = len(await line.outbox())
    await stolen(line)
    await turn.go_on()
    assert await line.said(room) == []
    assert len(await line.outbox()) == before
    assert [one.state for one in await line.inbox()][-1] == "waiting"
    await given_back(line)
    await line.idle()
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1


async def test_a_stop_finishes_the_turn_and_gives_the_lanes_back(line: Line) -> None:
    room = await line.started()
    line.works = False
    async with line.carrier.running():
        line.model.go_on.clear()
        line.model.called.clear()
        await line.says("When did it start?", where=room)
        async with asyncio.timeout(30):
            await line.model.called.wait()
        asyncio.get_running_loop().call_soon(line.model.go_on.set)
    assert await line.said(room) == ["When did it start?"]
    assert [one.owner for one in await line.leases() if one.owner] == []
    await line.idle()
    assert line.shown(room).count(REPLY) == 1


async def test_work_begins_by_itself(line: Line) -> None:
    room = await line.started()
    line.works = False
    async with line.carrier.running():
        await line.says("When did it start?", where=room)
        await until(line, lambda: REPLY in line.shown(room))
    assert await line.answers(room) == [1]


async def test_what_can_never_be_handled_is_given_up_and_told(line: Line) -> None:
    room = await line.started()
    line.model.bugs = 2
    assert REPLY not in await line.says("When did it start?", where=room)
    await line.later(60)
    told = line.shown(room)
    row = (await line.inbox())[-1]
    assert (row.state, row.code) == ("dead", "failed")
    assert "(private)" in told
    assert REPLY in await line.says("Does it move?", where=room)
    assert await line.said(room) == ["Does it move?"]


async def test_a_bug_that_passes_is_not_told(line: Line) -> None:
    room = await line.started()
    line.model.bugs = 1
    await line.says("When did it start?", where=room)
    await line.later(60)
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1


async def test_an_event_that_kills_again_and_again_is_given_up(line: Line) -> None:
    """Whoever takes the lane dies: nobody says so, the lease only runs out."""
    room = await line.started()
    await line.leaves("When did it start?", where=room)
    async with line.database.transaction() as tx:
        await tx.execute(update(LeaseRow).values(tries=5))
    await line.idle()
    assert [one.state for one in await line.inbox()][-1] == "dead"
    assert REPLY in await line.says("Does it move?", where=room)


async def test_other_lanes_go_on_beside_a_slow_turn(line: Line) -> None:
    room = await line.started()
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    await line.leaves("/sim list", where="DU1", who="U1")
    turn.work()
    await until(line, lambda: "chest-pain" in line.shown("DU1"))
    await turn.go_on()
    assert line.shown(room).count(REPLY) == 1


async def test_one_that_cannot_be_read_is_given_up_alone(line: Line) -> None:
    room = await line.started()
    line.works = False
    for text in ("When did it start?", "Does it move?", "Did you eat?"):
        await line.app.delivery.accept(line.event(room, text))
    async with line.database.transaction() as tx:
        waiting = select(InboxRow.id).where(InboxRow.state == "waiting", InboxRow.message != "")
        ids = list(await tx.scalars(waiting.order_by(InboxRow.id)))
        newer = update(InboxRow).where(InboxRow.id == ids[1])
        await tx.execute(newer.values(body='{"kind":"of_a_newer_program"}'))
    for _ in range(12):
        await line.later(400)
    rows = {one.id: (one.state, one.code) for one in await line.inbox()}
    assert [rows[one] for one in ids] == [("done", ""), ("dead", "failed"), ("done", "")]
    assert await line.said(room) == ["When did it start?", "Did you eat?"]
