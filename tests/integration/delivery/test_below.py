"""What was said below a reply that grew, whose turn was lost then: it is answered below it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.port import MessageDeleted, MessageEdited, MessagePosted
from bot.delivery import workers
from bot.delivery.draining import SLOWEST
from bot.delivery.points import Point
from bot.delivery.stored import load_incoming
from bot.store.database import Database, StoreAway
from bot.store.queues import InboxRow
from engine.events import Cared, CharacterSaid, Paused, TraineeSaid
from tests.integration.delivery.rig import Line
from tests.integration.delivery.test_growing import Growing

BURST = ("When did it start?", "And where?")
LATER = ("Does it move?", "Did you eat?")
WHOLE = "It began an hour ago. And it has not stopped."
LOST = {"a death": asyncio.CancelledError, "the store away": StoreAway}


async def interrupted(
    line: Growing, room: str, said: Sequence[str], why: str, where: Point = "growing"
) -> None:
    """Let a turn that answers what was said be lost while its reply stands there in part."""
    line.model.half.set()
    line.app.delivery.reached = _once(where, LOST[why])
    line.carrier = line.app.delivery.carrier({line.adapter.platform: line.adapter})
    for text in said:
        await line.leaves(text, where=room)
    with suppress(asyncio.CancelledError):
        await line.carrier.idle()
    assert len(line.adapter.drafts) == 1


async def taken_up(line: Growing, folder: Path) -> None:
    """Let another process take up what is left."""
    async with line.beside(folder / "other") as other:
        async with other.database.transaction() as tx:
            await workers.leave(tx, line.carrier.worker)
        await line.clock.advance(SLOWEST)
        await other.carrier.idle()


async def waiting(line: Line) -> list[InboxRow]:
    """The messages that were not handled yet."""
    return [one for one in await line.inbox() if one.state == "waiting" and one.message]


def stands(line: Line, room: str) -> list[str]:
    """What was said and answered as people see it, from above to below."""
    texts = [one.body["text"] for one in line.server.posted.values() if one.thread == room]
    return [text for text in texts if text in (*BURST, *LATER, WHOLE)]


async def heard(line: Line, room: str) -> list[str]:
    """The same as the log has it."""
    return [
        one.text
        for one in await line.log(room)
        if isinstance(one, TraineeSaid) or (isinstance(one, CharacterSaid) and one.answers)
    ]


@pytest.mark.parametrize("where", ["growing", "thought"])
@pytest.mark.parametrize("why", LOST)
@pytest.mark.parametrize("said", [BURST[:1], BURST], ids=["one", "a burst"])
async def test_what_was_said_below_a_reply_that_grew_is_answered_below_it(
    database: Database, tmp_path: Path, said: Sequence[str], why: str, where: Point
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        await interrupted(line, room, said, why, where)
        for text in LATER:
            await line.leaves(text, where=room)
        await taken_up(line, tmp_path)
        assert await line.answers(room) == [len(said), len(LATER)]
        assert await heard(line, room) == [*said, WHOLE, *LATER, WHOLE] == stands(line, room)
        assert not [one for one in await line.outbox() if one.state in ("queued", "sending")]


async def test_of_a_burst_whose_reply_grew_one_may_be_taken_back(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        await interrupted(line, room, BURST, "a death")
        first = (await waiting(line))[0]
        await line.app.delivery.accept(_taken_back(first))
        await line.leaves(LATER[0], where=room)
        await taken_up(line, tmp_path)
        assert await heard(line, room) == [BURST[1], WHOLE, LATER[0], WHOLE]
        assert stands(line, room) == [*BURST, WHOLE, LATER[0], WHOLE]


async def test_below_a_reply_that_was_stopped_all_is_answered(
    database: Database, tmp_path: Path
) -> None:
    """The last question that it answered was taken back, so nothing is left to be said there."""
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        await interrupted(line, room, BURST, "a death")
        last = (await waiting(line))[-1]
        await line.app.delivery.accept(_taken_back(last))
        await line.leaves(LATER[0], where=room)
        await taken_up(line, tmp_path)
        await line.later(SLOWEST)
        assert await heard(line, room) == [BURST[0], WHOLE, LATER[0], WHOLE]
        assert stands(line, room) == [*BURST, LATER[0], WHOLE, WHOLE]
        assert "stopped" in line.shown(room)


@pytest.mark.parametrize("out", ["!pause", "red light"])
async def test_whoever_wants_out_below_a_reply_that_grew_waits_for_no_more_of_it(
    database: Database, tmp_path: Path, out: str
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        await interrupted(line, room, BURST[:1], "a death")
        await line.leaves(LATER[0], where=room)
        await line.leaves(out, where=room)
        await taken_up(line, tmp_path)
        assert stands(line, room)[:2] == [BURST[0], LATER[0]]
        assert (await line.said(room))[0] == BURST[0]
        assert any(isinstance(one, Paused | Cared) for one in await line.log(room))
        assert not [one for one in await line.outbox() if one.state in ("queued", "sending")]


async def test_what_was_changed_meanwhile_is_answered_where_its_reply_grew(
    database: Database, tmp_path: Path
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        await interrupted(line, room, BURST[:1], "a death")
        row = (await waiting(line))[0]
        said = _said(row)
        assert said.ref is not None
        await line.leaves(LATER[0], where=room)
        await line.app.delivery.accept(
            MessageEdited(
                event_id="changed",
                order=f"{said.order}x",
                user=said.user,
                at=said.at,
                thread=said.thread,
                ref=said.ref,
                text=BURST[1],
            )
        )
        await taken_up(line, tmp_path)
        assert (await heard(line, room))[:2] == [BURST[1], WHOLE]
        assert stands(line, room) == [BURST[0], WHOLE, LATER[0], WHOLE]


def _said(row: InboxRow) -> MessagePosted:
    event = load_incoming(row.body)
    assert isinstance(event, MessagePosted)
    return event


def _taken_back(row: InboxRow) -> MessageDeleted:
    said = _said(row)
    assert said.ref is not None
    return MessageDeleted(
        event_id="gone",
        order=f"{said.order}x",
        user=said.user,
        at=said.at,
        thread=said.thread,
        ref=said.ref,
    )


def _once(where: Point, why: type[BaseException]) -> Callable[[Point], None]:
    left = 1

    def reached(point: Point) -> None:
        nonlocal left
        if point == where and left:
            left -= 1
            raise why

    return reached
