"""Replies that grow: only while their lane is surely in the hands of whoever lets them."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from adapters.clock import SystemClock
from adapters.port import Draft, Message, MessageRef, Speaker, ThreadRef
from bot.delivery import workers
from bot.delivery.leases import LEASE_SECONDS, Lease
from bot.delivery.points import Point
from bot.store.database import Database
from tests.integration.delivery.rig import (
    PATIENCE,
    Failing,
    Halting,
    Line,
    Meanwhile,
    clings,
    late,
    speaking,
)
from tests.integration.delivery.test_mishaps import stolen


class Noted:
    """A draft that notes what it is to show, and whether in time."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.asked: list[tuple[str, bool]] = []
        self.finished = 0
        self.let_go = False

    @property
    def ref(self) -> MessageRef:
        return self._draft.ref

    async def show(self, text: str, *, until: float) -> None:
        self.asked.append((text, time.monotonic() < until))
        await self._draft.show(text, until=until)

    async def finish(self, message: Message) -> MessageRef:
        self.finished += 1
        return await self._draft.finish(message)


class Buggy(Noted):
    """One that raises what none should, as it is finished or once that is over."""

    async def finish(self, message: Message) -> MessageRef:
        if not self.finished:
            self.finished += 1
            raise ZeroDivisionError
        return await super().finish(message)


class Slow(Noted):
    """One that takes long to be finished."""

    begun: asyncio.Event
    lets_go: asyncio.Event

    async def finish(self, message: Message) -> MessageRef:
        self.begun.set()
        await self.lets_go.wait()
        return await super().finish(message)


class Clinging(Slow):
    """One that goes on all the same when it is cut short."""

    async def finish(self, message: Message) -> MessageRef:
        self.begun.set()
        await clings(self.lets_go)
        return await super().finish(message)


class Noting(Failing):
    """The fake, whose drafts are kept."""

    drafts: list[Noted]
    kind: type[Noted] = Noted
    end: Exception | None = None

    @asynccontextmanager
    async def draft(self, to: ThreadRef, *, key: str, speaker: Speaker) -> AsyncGenerator[Draft]:
        async with super().draft(to, key=key, speaker=speaker) as draft:
            noted = self.kind(draft)
            self.drafts.append(noted)
            try:
                yield noted
            except BaseException:
                noted.let_go = True
                raise
            finally:
                if self.end is not None:
                    raise self.end


class Growing(Line):
    """People, a model that stands still after a sentence, and the leases that were taken."""

    adapter: Noting

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        self.adapter = Noting(self.server, clock=SystemClock(), answer_within=5)
        self.adapter.drafts = []
        self.model = Halting()
        self.app = speaking(self.app, self.model, grows=True)
        self.grows = asyncio.Event()
        self.slept = 0.0
        self.sleeps = 0.0
        self.app.delivery.reached = self._reached
        self.app.delivery.seconds = lambda: time.monotonic() + self.slept
        self.carrier = self.app.delivery.carrier({self.adapter.platform: self.adapter})
        self.held: list[Lease] = []
        work = self.carrier.work

        async def noted(lease: Lease) -> bool:
            self.held.append(lease)
            return await work(lease)

        self.carrier.work = noted

    def _reached(self, point: Point) -> None:
        if point == "growing":
            self.grows.set()
        if point == "committed":
            self.slept += self.sleeps

    async def grown(self, then: str = "") -> tuple[str, Noted]:
        """Let a reply grow to its end; the room, and what it grew in. `then`: said meanwhile."""
        room = await self.started("first-visit")
        turn = Meanwhile(self)
        await turn.begin("When did it start?", room)
        async with asyncio.timeout(PATIENCE):
            await self.grows.wait()
        if then:
            await self.leaves(then, where=room)
        self.model.half.set()
        await turn.go_on()
        draft, *_ = self.adapter.drafts
        return room, draft


async def test_whoever_stood_still_for_long_shows_nothing_more(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        turn = Meanwhile(line)
        await turn.begin("When did it start?", room)
        async with asyncio.timeout(PATIENCE):
            await line.grows.wait()
        for lease in line.held:
            lease.known.at -= LEASE_SECONDS  # so long it stood still
        await stolen(line)
        line.model.half.set()
        await turn.go_on()
        [draft] = line.adapter.drafts
    assert [in_time for _, in_time in draft.asked] == [True, False]
    assert "not stopped" not in line.shown(room)


async def test_whoever_lets_a_reply_grow_puts_the_whole_there(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room, draft = await line.grown()
        assert (draft.finished, draft.let_go) == (1, False)
        assert [one.state for one in await line.outbox() if one.kind == "draft"] == ["sent"]
    assert line.shown(room).count("It began an hour ago. And it has not stopped.") == 1


async def test_whoever_stood_still_before_the_end_leaves_that_to_the_outbox(
    database: Database, tmp_path: Path
) -> None:
    """Another may have put the whole there, and then something else: it is not to be undone."""
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        line.sleeps = LEASE_SECONDS
        room, draft = await line.grown()
        edits = line.server.edits
        assert (draft.finished, draft.let_go) == (0, True)
        assert [one.state for one in await line.outbox() if one.kind == "draft"] == ["sent"]
        assert line.shown(room).count("It began an hour ago. And it has not stopped.") == 1
        await line.later(60)
    assert line.server.edits == edits


async def test_whoever_stood_still_before_it_began_shows_no_part(
    database: Database, tmp_path: Path
) -> None:
    """Another may have the lane by now: a placeholder would stand beside the whole."""
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        looks = itertools.count()
        line.app.delivery.seconds = lambda: time.monotonic() + next(looks) * LEASE_SECONDS
        line.carrier = line.app.delivery.carrier({line.adapter.platform: line.adapter})
        room = await line.started("first-visit")
        line.model.half.set()
        await line.says("When did it start?", where=room)
        assert line.adapter.drafts == []
        assert [one.state for one in await line.outbox() if one.kind == "draft"] == ["sent"]
    assert line.shown(room).count("It began an hour ago. And it has not stopped.") == 1


async def test_whoever_dies_before_the_last_edit_holds_it_up_for_nobody(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        line.model.half.set()
        line.app.delivery.reached = _dies_at("committed")
        line.carrier = line.app.delivery.carrier({line.adapter.platform: line.adapter})
        await line.leaves("When did it start?", where=room)
        with suppress(asyncio.CancelledError):
            await line.carrier.idle()
        assert len(line.adapter.drafts) == 1
        async with line.beside(tmp_path / "other") as other:
            async with other.database.transaction() as tx:
                await workers.leave(tx, line.carrier.worker)
            await other.carrier.idle()
        assert line.shown(room).count("not stopped") == 1
        assert all(row.state not in ("queued", "sending") for row in await line.outbox())


async def test_a_bug_as_the_whole_is_put_there_is_nobodys_fault(
    database: Database, tmp_path: Path
) -> None:
    """The turn is stored: neither is it told to have failed, nor what comes next on the lane."""
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        line.adapter.kind = Buggy
        room, draft = await line.grown("Does it move?")
        assert (draft.finished, draft.let_go) == (1, True)
        await without_fault(line, room)


async def test_a_bug_as_a_draft_is_left_is_nobodys_fault(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        line.adapter.end = ZeroDivisionError()
        room, _ = await line.grown("Does it move?")
        await without_fault(line, room)


async def without_fault(line: Line, room: str) -> None:
    """Both replies stand once, and nothing counts against their lanes."""
    assert {one.state for one in await line.outbox() if one.kind == "draft"} == {"sent"}
    assert line.shown(room).count("It began an hour ago. And it has not stopped.") == 2
    assert await line.said(room) == ["When did it start?", "Does it move?"]
    assert [one.lane for one in await line.leases() if one.tries] == []


async def finishing(line: Growing, kind: type[Slow]) -> tuple[str, Slow]:
    """Let a stop come while the last edit of a reply is under way; where that was, and by what."""
    line.adapter.kind = kind
    kind.begun, kind.lets_go = asyncio.Event(), asyncio.Event()
    room = await line.started("first-visit")
    line.works = False
    line.model.half.set()
    async with asyncio.timeout(PATIENCE), line.carrier.running():
        await line.says("When did it start?", where=room)
        await kind.begun.wait()
        late(line.app.delivery.grace)
        if kind is Clinging:
            line.app.delivery.grace.seconds = 0
    [draft] = line.adapter.drafts
    assert isinstance(draft, kind)
    [row] = [one for one in await line.outbox() if one.kind == "draft"]
    return row.lane, draft


async def test_a_thread_is_nobodys_while_an_edit_there_does_not_let_go(
    database: Database, tmp_path: Path
) -> None:
    """Else another process would put the whole there, and then a part came over it."""
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        lane, draft = await finishing(line, Clinging)
        owners = [one.owner for one in await line.leases() if one.lane == lane]
        draft.lets_go.set()
        while line.carrier.working:  # noqa: ASYNC110 - in the end, or the test hangs
            await asyncio.sleep(0)
        assert None not in owners
        assert len(owners) == 1


async def test_a_stop_as_a_reply_is_finished_leaves_it_to_others_at_once(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        lane, _ = await finishing(line, Slow)
        assert [one.owner for one in await line.leases() if one.lane == lane] == [None]
        async with line.beside(tmp_path / "other") as other:
            await other.carrier.idle()
        assert [one.state for one in await line.outbox() if one.kind == "draft"] == ["sent"]


def _dies_at(where: Point) -> Callable[[Point], None]:
    def reached(point: Point) -> None:
        if point == where:
            raise asyncio.CancelledError

    return reached
