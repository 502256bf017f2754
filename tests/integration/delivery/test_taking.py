"""What is stored while a process begins, stops, or gives a lane back: nobody forgets of it."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.port import MessagePosted
from bot.delivery import leases
from bot.delivery.accepting import Acceptance, Interactions
from bot.delivery.bell import Bell
from bot.delivery.lanes import NOW
from bot.delivery.leases import Lease
from bot.hub import Hub
from bot.store.database import Database
from tests.integration.bot.stage import CHANNEL
from tests.integration.delivery.rig import PATIENCE, REPLY, Line, clings


class Taking:
    """Takes whatever it is given."""

    def __init__(self) -> None:
        self.begun: list[Lease] = []
        self.left: list[Lease] = []

    def takes(self, lane: str) -> str:
        return "me"

    def begin(self, lease: Lease) -> None:
        self.begun.append(lease)

    def leave(self, lease: Lease) -> None:
        self.left.append(lease)


class Stopping(Taking):
    """Stops once something was taken for it, before that is stored."""

    door: "Door"

    def takes(self, lane: str) -> str:
        self.door.after = None
        return "me"


async def _no(*_: object) -> bool:
    return False


class Door:
    """A door in whose process begins, or stops, just while an event is stored."""

    def __init__(self, line: Line, before: Taking | None, after: Taking | None) -> None:
        self.bell = Bell(line.database, Hub())
        self.bell.taker = before
        self.after = after
        self._line = line
        self.acceptance = Acceptance(
            database=line.database,
            bell=self.bell,
            now=self._now,
            interactions=Interactions(),
            wants_out=_no,
            may_cut=_no,
        )

    def _now(self) -> datetime:
        self.bell.taker = self.after
        return self._line.clock.now()


async def test_a_process_that_begins_meanwhile_works_on_what_was_taken_for_it(line: Line) -> None:
    taking = Taking()
    door = Door(line, None, taking)
    await door.acceptance.accept(line.event(CHANNEL, "Hello?"))
    [row] = await line.leases()
    assert [one.owner for one in taking.begun] == [row.owner]
    assert not taking.left


async def test_a_process_that_stops_meanwhile_takes_nothing(line: Line) -> None:
    taking = Taking()
    door = Door(line, taking, None)
    await door.acceptance.accept(line.event(CHANNEL, "Hello?"))
    [row] = await line.leases()
    assert row.owner is None
    assert not taking.begun


async def test_what_was_taken_for_a_process_that_stops_then_is_anybodys_at_once(
    line: Line,
) -> None:
    taking = Stopping()
    door = Door(line, taking, taking)
    taking.door = door
    words: list[str] = []
    with door.bell.carrying(words.append):
        await door.acceptance.accept(line.event(CHANNEL, "Hello?"))
    [row] = await line.leases()
    assert (row.owner, row.until) == (None, None)
    assert words == [row.lane]
    assert not taking.begun
    await line.idle()
    assert [one.state for one in await line.inbox()] == ["done"]


class Halting:
    """Work that stands still on each lane until it is let go on; it keeps the lane."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gates: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.news = asyncio.Event()

    async def work(self, lease: Lease) -> bool:
        self.begun.append(lease.lane)
        self.news.set()
        await self.gates[lease.lane].wait()
        return True

    async def until(self, *lanes: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.begun != list(lanes):
                self.news.clear()
                await self.news.wait()


async def test_who_waits_longest_comes_first_where_more_is_due_than_fits(line: Line) -> None:
    halting, carrier = Halting(), line.carrier
    carrier.slots, carrier.work = 2, halting.work
    assert carrier.takes("session:new") is None, "nobody has looked yet what waits"
    async with line.database.transaction() as tx:
        for n, lane in enumerate(("session:a", "session:b", "session:c")):
            await leases.touch(tx, lane, line.clock.now() - timedelta(seconds=3 - n))
    working = asyncio.create_task(carrier.idle())
    await halting.until("session:a", "session:b")
    assert carrier.takes("session:new") is None
    halting.gates["session:a"].set()
    for _ in range(3):  # its work ends, and whoever counts hears of it
        await asyncio.sleep(0)
    assert carrier.working == 1
    assert carrier.takes("session:new") is None, "the third waits longer"
    assert carrier.takes(f"{NOW}session:new") == carrier.worker.id, "who wants out waits for nobody"
    halting.gates["session:b"].set()
    await halting.until("session:a", "session:b", "session:c")
    assert carrier.takes("session:new") == carrier.worker.id
    halting.gates["session:c"].set()
    await working


class Interrupted(Database):
    """A database over which something else happens before certain transactions, one each."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.before: list[Callable[[], Awaitable[None]] | None] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        if self.before and (happens := self.before.pop(0)) is not None:
            await happens()
        async with super().transaction() as tx:
            yield tx


async def test_the_rest_that_comes_as_a_lane_is_given_back(
    database_url: str, tmp_path: Path
) -> None:
    """The lane was to rest until later, for want of just this."""
    database = Interrupted(database_url)
    async with Line(database, tmp_path).open() as line:
        assert isinstance(line, Line)
        room = await line.started()
        line.works = False
        first = line.event(room, "When did it st")
        assert isinstance(first, MessagePosted)
        await line.app.delivery.accept(replace(first, maybe_cut=True))
        rest = line.event(room, "art, and does it move?")
        database.before = [None, lambda: line.app.delivery.accept(rest)]
        await line.carrier.idle()
        assert not database.before
        assert await line.said(room) == ["When did it start, and does it move?"]
        assert line.shown(room).count(REPLY) == 1
    await database.close()


async def test_a_stop_does_not_wait_for_a_look_that_does_not_let_go(
    database_url: str, tmp_path: Path
) -> None:
    database = Interrupted(database_url)
    lets_go, looks = asyncio.Event(), asyncio.Event()

    async def clinging() -> None:
        looks.set()
        await clings(lets_go)
        raise asyncio.CancelledError

    async with Line(database, tmp_path).open() as line:
        assert isinstance(line, Line)
        line.works = False
        line.app.delivery.grace.seconds = 1
        await line.app.delivery.accept(line.event(CHANNEL, "Hello?"))

        async def stops() -> None:
            database.before = [None, clinging]
            async with line.carrier.running():
                await looks.wait()

        stopping = asyncio.create_task(stops())
        stopped, _ = await asyncio.wait({stopping}, timeout=PATIENCE)
        lets_go.set()
        await stopping
        assert stopped
    await database.close()


async def test_a_stop_does_not_wait_for_another_process_that_writes(
    sqlite: Database, tmp_path: Path
) -> None:
    """Its lanes run out then."""
    database = Database(str(sqlite.url), wait_seconds=600)
    async with Line(database, tmp_path).open() as line:
        assert isinstance(line, Line)
        line.app.delivery.grace.seconds = 1
        with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as other:

            async def stops() -> None:
                async with line.carrier.running():
                    other.execute("BEGIN IMMEDIATE")

            stopping = asyncio.create_task(stops())
            stopped, _ = await asyncio.wait({stopping}, timeout=PATIENCE)
            other.execute("ROLLBACK")
            await stopping
        assert stopped
    await database.close()


async def test_what_does_not_fit_is_left_to_another(line: Line, tmp_path: Path) -> None:
    """Who is full takes nothing more of what it stores itself; else others had no share."""
    names = ("first-visit", "chest-pain", "feverish-child")
    rooms = [await line.started(one) for one in names]
    line.works = False
    line.model.go_on.clear()
    line.carrier.slots = 2
    await line.carrier.idle()  # It has looked: nothing waits longer.
    async with line.beside(tmp_path) as other:
        async with line.carrier.running():
            for room in rooms:
                await line.app.delivery.accept(line.event(room, "When did it start?"))
            assert line.carrier.takes("session:new") is None
            owners = [one.owner for one in await line.leases() if one.owner]
            assert len(owners) == 2
            asyncio.get_running_loop().call_soon(line.model.go_on.set)
            await other.carrier.idle()
        assert [REPLY in line.shown(room) for room in rooms] == [True] * 3
