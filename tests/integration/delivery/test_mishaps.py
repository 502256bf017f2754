"""Leases that are lost, processes that stop, and what can never be handled."""

import asyncio
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import select, update

from adapters.port import MessageEdited, MessagePosted
from bot.delivery import leases
from bot.delivery.draining import MOST_BUGS, SLOWEST
from bot.delivery.isolation import MOST_ALONE, MOST_TRIES
from bot.delivery.tries import MOST, Tries
from bot.effects import Result
from bot.router import Arrival, Router
from bot.store.queues import InboxRow, LeaseRow
from engine.errors import SequenceTaken
from engine.events import Paused
from tests.integration.delivery.rig import PATIENCE, REPLY, Line, Meanwhile, clings, late, until

PAST = datetime(2000, 1, 1, tzinfo=UTC)


class Taken:
    """Handles as a router does, once others have stopped to write to the session."""

    def __init__(self, router: Router) -> None:
        self.left = 14
        self._router = router
        self.wants_out, self.may_cut = router.wants_out, router.may_cut

    async def handle(self, arrival: Arrival) -> Result:
        if isinstance(arrival.event, MessagePosted) and self.left:
            self.left -= 1
            raise SequenceTaken("s", 1)
        return await self._router.handle(arrival)


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
        await line.thinks("When did it start?", where=room)
        asyncio.get_running_loop().call_soon(line.model.go_on.set)
    assert await line.said(room) == ["When did it start?"]
    assert [one.owner for one in await line.leases() if one.owner] == []
    await line.idle()
    assert line.shown(room).count(REPLY) == 1


async def test_a_stop_begins_no_further_turn(line: Line) -> None:
    room = await line.started()
    line.works = False
    async with line.carrier.running():
        await line.thinks("When did it start?", where=room)
        await line.says("Where does it hurt?", where=room)
        line.app.delivery.grace.begin()
        await line.says("Does it spread?", where=room)
        asyncio.get_running_loop().call_soon(line.model.go_on.set)
    assert await line.said(room) == ["When did it start?"]
    assert line.model.asked == 1
    assert [one.owner for one in await line.leases() if one.owner] == []
    async with line.carrier.running():
        await until(line, lambda: line.shown(room).count(REPLY) == 2)
    assert len(await line.said(room)) == 3
    assert line.model.asked == 2


async def test_a_turn_longer_than_a_stop_is_released_and_answered_once_later(line: Line) -> None:
    room = await line.started()
    line.works = False
    async with line.carrier.running():
        await line.thinks("When did it start?", where=room)
        late(line.app.delivery.grace)
    assert await line.said(room) == []
    assert [one.owner for one in await line.leases()] == [None]
    assert [one.state for one in await line.inbox()][-1] == "waiting"

    line.model.go_on.set()
    async with line.carrier.running():
        await until(line, lambda: REPLY in line.shown(room))
    await line.idle()
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1
    assert line.model.asked == 2


async def test_a_stop_does_not_wait_for_a_turn_that_does_not_let_go(line: Line) -> None:
    """It may still show something in its lane, so that one is nobody's until it runs out."""
    line.app.delivery.grace.seconds = 0
    lets_go, me = asyncio.Event(), line.carrier.worker.id

    async def clinging() -> bool:
        await clings(lets_go)
        return False

    async with asyncio.timeout(PATIENCE):
        async with line.carrier.running():
            async with line.database.transaction() as tx:
                now = line.clock.now()
                lease = await leases.touch_and_take(tx, me, "thread:a", now)
                await leases.touch_and_take(tx, me, "thread:b", now)
            assert lease is not None
            task = line.carrier.begin(lease, clinging())
            await asyncio.sleep(0)
        clung = not task.done()
    owners = {one.lane: one.owner for one in await line.leases()}
    lets_go.set()
    await task
    assert clung
    assert (owners["thread:a"], owners["thread:b"]) == (lease.owner, None)


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


async def died_with(line: Line, tries: Tries) -> None:
    """Let processes have died with all that is due."""
    async with line.database.transaction() as tx:
        await tx.execute(update(LeaseRow).values(tries=tries.packed, owner="dead:1", until=PAST))


async def test_an_event_that_kills_again_and_again_is_given_up(line: Line) -> None:
    """Whoever takes the lane dies: nobody says so, the lease only runs out."""
    room = await line.started()
    await line.leaves("When did it start?", where=room)
    await died_with(line, Tries(died=MOST_TRIES, alone=MOST_ALONE))
    await line.idle()
    assert [one.state for one in await line.inbox()][-1] == "dead"
    assert REPLY in await line.says("Does it move?", where=room)


async def test_what_was_only_beside_one_that_kills_is_handled(line: Line) -> None:
    room = await line.started()
    await line.leaves("When did it start?", where=room)
    await died_with(line, Tries(died=MOST, raised=MOST_BUGS - 1))
    await line.idle()
    assert await line.said(room) == ["When did it start?"]
    assert line.shown(room).count(REPLY) == 1


async def test_what_was_often_beside_one_that_kills_is_begun_alone(line: Line) -> None:
    """Its first try with nothing beside it is kept before it begins, in case it ends us."""
    room = await line.started()
    turn = Meanwhile(line)
    line.model.go_on.clear()
    await line.leaves("When did it start?", where=room)
    await died_with(line, Tries(died=MOST_TRIES))
    turn.work()
    async with asyncio.timeout(30):
        await line.model.called.wait()
    [tries] = [Tries.of(one.tries) for one in await line.leases() if one.owner]
    assert (tries.died, tries.alone) == (MOST_TRIES + 1, 1)
    await line.leaves("/sim list", where="DU1", who="U1")
    turn.work()
    await asyncio.sleep(0)
    assert line.shown("DU1") == ""
    await turn.go_on()
    assert "chest-pain" in line.shown("DU1")
    assert line.shown(room).count(REPLY) == 1


async def test_bugs_are_no_deaths(line: Line) -> None:
    """One that raised once, and was beside one that kills, has another try."""
    room = await line.started()
    line.model.bugs = 1
    await line.leaves("When did it start?", where=room)
    await died_with(line, Tries(died=3))
    await line.idle()
    assert [Tries.of(one.tries) for one in await line.leases()] == [Tries(raised=1)]
    await line.later(60)
    assert await line.said(room) == ["When did it start?"]


async def test_others_that_write_are_waited_for_longer_and_longer(line: Line) -> None:
    room = await line.started()
    taken = Taken(line.app.router)
    line.app.delivery.router = cast("Router", taken)
    line.carrier = line.app.delivery.carrier({line.adapter.platform: line.adapter})
    waits: list[float] = []
    await line.says("When did it start?", where=room)
    while taken.left:
        [lane] = [one for one in await line.leases() if Tries.of(one.tries).waited]
        assert lane.due is not None
        waits.append((lane.due - line.clock.now()).total_seconds())
        await line.later(waits[-1])
    assert waits == sorted(waits)
    assert waits[0] < 1
    assert waits[-3:] == [SLOWEST] * 3
    await line.later(SLOWEST)
    assert await line.said(room) == ["When did it start?"]
    assert [one.state for one in await line.inbox() if one.message] == ["done"]


async def test_other_lanes_go_on_beside_a_slow_turn(line: Line) -> None:
    room = await line.started()
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    await line.leaves("/sim list", where="DU1", who="U1")
    turn.work()
    await until(line, lambda: "chest-pain" in line.shown("DU1"))
    await turn.go_on()
    assert line.shown(room).count(REPLY) == 1


async def test_a_change_of_one_that_cannot_be_read_is_taken(line: Line) -> None:
    room = await line.started()
    line.works = False
    said = line.event(room, "When did it start?")
    assert isinstance(said, MessagePosted)
    assert said.ref is not None
    await line.app.delivery.accept(said)
    async with line.database.transaction() as tx:
        waiting = update(InboxRow).where(InboxRow.message == said.ref.id)
        await tx.execute(waiting.values(body='{"kind":"of_a_newer_program"}'))
    change = MessageEdited(
        event_id="change",
        order=f"{said.order}x",
        user=said.user,
        at=said.at,
        thread=said.thread,
        ref=said.ref,
        text="When did it begin?",
    )
    await line.app.delivery.accept(change)
    await line.app.delivery.accept(line.event(room, "Does it move?"))
    for _ in range(12):
        await line.later(60)
    states = {one.event_id: one.state for one in await line.inbox()}
    assert (states[said.event_id], states["change"]) == ("dead", "done")
    assert await line.said(room) == ["Does it move?"]


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


async def test_a_pause_does_not_wait_for_a_turn_that_runs_alone(line: Line) -> None:
    room = await line.started()
    line.works = False
    line.model.go_on.clear()
    line.model.called.clear()
    await line.leaves("When did it start?", where=room)
    await died_with(line, Tries(died=MOST_TRIES))
    async with line.carrier.running(), asyncio.timeout(30):
        await line.model.called.wait()
        await line.app.delivery.accept(line.event(room, "!pause"))
        await until(line, lambda: "paused" in line.shown(room).lower())
        assert any(isinstance(one, Paused) for one in await line.log(room))
        line.model.go_on.set()
