"""Whoever wants out does not wait for a turn: it ends there, and what was said of it stands."""

import asyncio
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import update

from adapters.clock import SystemClock
from adapters.port import Event, MessageDeleted, MessagePosted
from bot.delivery.accepting import Acceptance, Interactions
from bot.delivery.stored import load_incoming
from bot.effects import Result
from bot.router import Arrival, Router
from bot.store.database import Database
from bot.store.queues import LeaseRow
from engine.events import Asked, Cared, CharacterSaid, Ended, Paused, TraineeSaid
from engine.store import Transaction
from tests.databases import Server
from tests.integration.bot.families import FAMILY
from tests.integration.delivery.rig import (
    PATIENCE,
    REPLY,
    Failing,
    Halting,
    Line,
    Meanwhile,
    speaking,
    until,
)
from tests.integration.delivery.test_mishaps import PAST, given_back, stolen
from tests.locks import Stopping

BEGUN = "It began an hour ago."
REST = "And it has not stopped."


class Growing(Line):
    """People, and a model whose replies grow, that stands still after a sentence."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        # Its edits are paced, and the clock that the test moves stands still.
        self.adapter = Failing(self.server, clock=SystemClock(), answer_within=5)
        self.model = Halting()
        self.app = speaking(self.app, self.model, grows=True)
        self.carrier = self.app.delivery.carrier({self.adapter.platform: self.adapter})


async def in_the_middle(line: Line, room: str) -> Meanwhile:
    """A turn of whose reply a sentence stands there."""
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    return turn


@pytest.mark.parametrize(
    ("out", "marks"),
    [("!pause", Paused), ("!end", Ended), ("!stop", Cared), ("red light", Cared)],
)
async def test_it_is_cut_where_it_stands(
    database: Database, tmp_path: Path, out: str, marks: type
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        turn = await in_the_middle(line, room)
        await line.leaves(out, where=room)
        turn.work()
        await until(line, lambda: "cut off" in line.shown(room))
        await turn.go_on()
        log = await line.log(room)
        [said] = [one for one in log if isinstance(one, CharacterSaid) and one.answers]
        assert (said.text, said.cut) == (BEGUN, True)
        kinds = [type(one) for one in log]
        assert kinds.index(TraineeSaid) < kinds.index(CharacterSaid, kinds.index(TraineeSaid))
        assert kinds.index(marks) > kinds.index(TraineeSaid)
        shown = line.shown(room)
        assert shown.count(BEGUN) == shown.count(f"{BEGUN} … _(cut off)_") == 1
        assert REST not in shown
        assert "red light" not in [one.text for one in log if isinstance(one, TraineeSaid)]


async def test_another_process_ends_it(database: Database, tmp_path: Path) -> None:
    if database.dialect != "postgresql":
        pytest.skip("processes tell each other on PostgreSQL")
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        bell = line.app.delivery.bell
        async with line.beside(tmp_path) as other, bell.listening():
            with bell.hearing() as rung:
                await rung.wait()  # it says so once it listens
            turn = await in_the_middle(line, room)
            await other.app.delivery.accept(line.event(room, "!pause"))
            await other.carrier.idle()
            await turn.go_on()
        log = await line.log(room)
        [said] = [one for one in log if isinstance(one, CharacterSaid) and one.answers]
        assert (said.text, said.cut) == (BEGUN, True)
        assert isinstance(log[-1], Paused)


@pytest.mark.parametrize(("out", "marks"), [("!pause", Paused), ("!end", Ended), ("!stop", Cared)])
async def test_it_waits_for_no_turn_that_has_not_begun(line: Line, out: str, marks: type) -> None:
    """Nobody had taken the lane yet when somebody wanted out."""
    room = await line.started("first-visit")
    line.works = False
    await line.app.delivery.accept(line.event(room, "When did it start?"))
    await line.app.delivery.accept(line.event(room, out))
    await line.idle()
    assert await line.said(room) == ["When did it start?"]
    assert REPLY not in line.shown(room)
    assert any(isinstance(one, marks) for one in await line.log(room))


async def test_a_turn_that_begins_as_it_is_stored_ends(line: Line) -> None:
    """Nobody had the lane when that was asked, and somebody has it when it is stored."""
    room = await line.started("first-visit")
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    async with line.database.transaction() as tx:
        await tx.execute(update(LeaseRow).values(until=PAST))  # as if it were not taken
    await line.app.delivery.accept(line.event(room, "!pause"))
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*turn.working)  # the model never answers
    await line.idle()
    assert REPLY not in line.shown(room)
    assert any(isinstance(one, Paused) for one in await line.log(room))


async def test_whoever_may_not_leave_hushes_nobody(line: Line) -> None:
    room = await line.started("first-visit")
    line.works = False
    await line.app.delivery.accept(line.event(room, "When did it start?"))
    await line.app.delivery.accept(line.event(room, "!pause", who="U2"))
    await line.idle()
    assert line.shown(room).count(REPLY) == 1


@pytest.mark.parametrize("out", ["!pause", "!end", "!stop", "red light"])
async def test_whoever_holds_no_seat_cuts_nothing(
    database: Database, tmp_path: Path, out: str
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        turn = await in_the_middle(line, room)
        await line.leaves(out, where=room, who="U2")
        turn.work()
        line.model.half.set()
        await turn.go_on()
        log = await line.log(room)
        [said] = [one for one in log if isinstance(one, CharacterSaid) and one.answers]
        assert (said.text, said.cut) == (f"{BEGUN} {REST}", False)
        assert not [one for one in log if isinstance(one, Paused | Ended | Cared)]


async def test_what_was_said_before_the_end_is_in_the_log(
    database: Database, tmp_path: Path
) -> None:
    async with Line(database, tmp_path).open() as line:
        assert isinstance(line, Line)
        room = await line.started("first-visit")
        turn = Meanwhile(line)
        await turn.begin("When did it start?", room)
        await line.leaves("Does it move?", where=room)
        await line.leaves("Did you eat?", where=room)
        await line.leaves("!end", where=room)
        turn.work()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*turn.working)  # the model never answers
        assert await line.said(room) == ["When did it start?", "Does it move?", "Did you eat?"]
        log = await line.log(room)
        assert [one for one in log if isinstance(one, Ended)]
        kinds = [type(one) for one in log]
        assert kinds.count(TraineeSaid) == 3
        assert Asked in kinds  # so what counts questions sees them
        assert not [one for one in log if isinstance(one, CharacterSaid) and one.answers]
        await line.says("And now?", where=room)
        assert len(await line.said(room)) == 3


async def test_the_stop_word_waits_for_no_turn_that_comes_next(
    database: Database, tmp_path: Path
) -> None:
    async with Line(database, tmp_path).open() as line:
        assert isinstance(line, Line)
        room = await line.started("first-visit")
        turn = Meanwhile(line)
        await turn.begin("When did it start?", room)
        await line.leaves("Does it move?", where=room)
        await line.leaves("red light", where=room)
        turn.work()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*turn.working)  # the model never answers
        assert any(isinstance(one, Cared) for one in await line.log(room))
        assert "red light" not in await line.said(room)


async def test_a_reply_whose_question_is_taken_back_says_that_it_was_stopped(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        grows = asyncio.Event()
        line.app.delivery.reached = lambda point: grows.set() if point == "growing" else None
        line.carrier = line.app.delivery.carrier({line.adapter.platform: line.adapter})
        room = await line.started("first-visit")
        turn = await in_the_middle(line, room)
        async with asyncio.timeout(PATIENCE):
            await grows.wait()
        await stolen(line)
        line.model.half.set()
        await turn.go_on()
        [asked] = [one for one in await line.inbox() if one.state == "waiting" and one.message]
        said = load_incoming(asked.body)
        assert isinstance(said, MessagePosted)
        assert said.ref is not None
        gone = MessageDeleted(
            event_id="gone",
            order=f"{said.order}x",
            user=said.user,
            at=said.at,
            thread=said.thread,
            ref=said.ref,
        )
        await line.app.delivery.accept(gone)
        await given_back(line)
        await line.later(10)
        await line.later(10)
        assert "stopped" in line.shown(room)
        await line.says("!status", where=room)
        assert not [one for one in await line.outbox() if one.state in ("queued", "sending")]


class Between:
    """Handles as a router does, once something else came in: after the look what is to be done."""

    def __init__(self, line: Line, event: Event, turn: Meanwhile, *, seen: bool) -> None:
        self.wants_out, self.may_cut = line.app.router.wants_out, line.app.router.may_cut
        self._line, self._router = line, line.app.router
        self._event: Event | None = event
        self._turn, self._seen = turn, seen

    async def handle(self, arrival: Arrival) -> Result:
        event, self._event = self._event, None
        if event is not None:
            if not self._seen:
                async with self._line.database.transaction() as tx:
                    await tx.execute(update(LeaseRow).values(until=PAST))
            await self._line.app.delivery.accept(event)
            if self._seen:  # else it would be taken for work that was left
                self._turn.work()
        return await self._router.handle(arrival)


@pytest.mark.parametrize("taken", [True, False], ids=["seen", "unseen"])
@pytest.mark.parametrize(
    ("out", "marks"), [("!pause", Paused), ("!stop", Cared), ("red light", Cared)]
)
async def test_what_comes_between_the_look_and_the_turn_ends_it(
    line: Line, out: str, marks: type, *, taken: bool
) -> None:
    """The lane was taken and read, and no turn had begun; also where nobody could see that."""
    room = await line.started("first-visit")
    line.model.go_on.clear()
    turn = Meanwhile(line)
    between = Between(line, line.event(room, out), turn, seen=taken)
    line.app.delivery.router = cast("Router", between)
    line.carrier = line.app.delivery.carrier({line.adapter.platform: line.adapter})
    await line.leaves("When did it start?", where=room)
    turn.work()
    async with asyncio.timeout(PATIENCE):
        for work in turn.working:
            await work  # the model never answers
    await line.idle()
    assert await line.said(room) == ["When did it start?"]
    assert REPLY not in line.shown(room)
    assert any(isinstance(one, marks) for one in await line.log(room))


async def test_words_that_are_stored_as_a_turn_begins_end_it(
    postgres: Server, tmp_path: Path
) -> None:
    """No turn ran when that was asked, and one runs when they are stored."""
    with postgres.database(migrated=True) as url:
        database = Stopping(url)
        async with Line(database, tmp_path).open() as line:
            assert isinstance(line, Line)
            room = await line.started("first-visit")
            turn = Meanwhile(line)
            line.model.go_on.clear()
            await line.leaves("When did it start?", where=room)
            out = line.event(room, "red light")
            database.before = "leases session:"
            coming = asyncio.create_task(line.app.delivery.accept(out))
            async with asyncio.timeout(PATIENCE):
                await database.stopped.wait()
                turn.work()
                await line.model.called.wait()
                database.go_on.set()
                await asyncio.gather(coming, *turn.working)  # the model never answers
            await line.idle()
            assert await line.said(room) == ["When did it start?"]
            assert any(isinstance(one, Cared) for one in await line.log(room))
        await database.close()


@pytest.mark.parametrize("out", ["!pause", "red light"])
async def test_what_somebody_else_wants_before_the_turn_begins_hushes_it(
    line: Line, out: str
) -> None:
    await line.started("first-visit", who="U2")
    room = await line.started(FAMILY)
    await line.presses("join:nurse", where=room, who="U2")
    line.works = False
    await line.app.delivery.accept(line.event(room, "How are you today?"))
    await line.app.delivery.accept(line.event(room, out, who="U2"))
    await line.idle()
    assert REPLY not in line.shown(room)
    assert any(isinstance(one, Paused | Cared) for one in await line.log(room))


async def test_plain_words_during_a_turn_are_looked_at_once(line: Line) -> None:
    asked: list[str] = []

    async def wants_out(tx: Transaction, session_id: str, said: str) -> bool:
        asked.append(said)
        return await line.app.router.wants_out(tx, session_id, said)

    room = await line.started()
    acceptance = Acceptance(
        database=line.database,
        bell=line.app.delivery.bell,
        now=line.clock.now,
        interactions=Interactions(),
        wants_out=wants_out,
        may_cut=line.app.router.may_cut,
    )
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    await acceptance.accept(line.event(room, "Does it move?"))
    assert asked == ["Does it move?"]
    await turn.go_on()
    assert await line.said(room) == ["When did it start?", "Does it move?"]
