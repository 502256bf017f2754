"""Limits of pace that hold for all processes together."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from adapters.port import MessagePosted, ThreadRef, UserRef
from bot.heard import HeardLately
from bot.pace import PROCESSES, Pace, Recent, TooFast, Which
from bot.settings import RateLimits
from engine.store.tables import SessionRow
from tests.integration.bot.stage import Stage

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NO_LIMITS = {"person_a_minute": 0, "thread_a_minute": 0, "workspace_a_minute": 0}


def limits(**given: int) -> RateLimits:
    return RateLimits(**{**NO_LIMITS, **given})


def message(who: str = "U1", workspace: str = "W1") -> MessagePosted:
    return MessagePosted(
        event_id="e1",
        order="1",
        thread=ThreadRef("fake", workspace, "T1"),
        user=UserRef("fake", workspace, who),
        at=NOW,
        text="Hello.",
    )


async def accepted(pace: Pace, session_id: str = "s1", **more: str) -> bool:
    """Whether a message is heard; if not, how long to wait is told within reason."""
    try:
        await pace.take(message(**more), session_id)
    except TooFast as error:
        if not 1 <= error.seconds <= 60:
            raise
        return False
    return True


class Books:
    """What all processes heard, as a database would count it."""

    def __init__(self) -> None:
        self.heard = 0
        self.asked = 0

    async def __call__(self, which: Which, whose: str, within: timedelta) -> Recent:
        self.asked += 1
        return Recent(self.heard, timedelta(seconds=50))


async def test_who_writes_at_a_usual_pace_is_never_looked_up() -> None:
    books = Books()
    pace = Pace(limits(person_a_minute=300, thread_a_minute=600), books)
    assert all([await accepted(pace) for _ in range(300 // PROCESSES)])
    assert books.asked == 0
    assert await accepted(pace)
    assert books.asked == 1


@pytest.mark.parametrize("processes", [2, 3, PROCESSES])
async def test_several_processes_hold_one_limit(processes: int) -> None:
    books, most = Books(), 300
    paces = [Pace(limits(person_a_minute=most), books) for _ in range(processes)]
    for turn in range(most * 2):
        books.heard += await accepted(paces[turn % processes])
    assert most * 0.95 <= books.heard <= most + processes * (most // 100 + 1)
    assert books.asked < most * 2


async def heard_in(stage: Stage, count: int, **given: int) -> Pace:
    """Let one process hear messages; what another one counts by."""
    thread = await stage.started()
    for number in range(count):
        await stage.says(f"Where exactly does it hurt, number {number}?", where=thread)
    await stage.says("!status", where=thread)
    return Pace(limits(**given), HeardLately(stage.database, stage.clock.now))


async def test_what_another_process_heard_counts_here(everywhere: Stage) -> None:
    pace = await heard_in(everywhere, 3, person_a_minute=3)
    assert not await accepted(pace)
    assert await accepted(pace, who="U2")
    assert await accepted(pace, workspace="W2")
    await everywhere.clock.advance(61)
    assert await accepted(pace)


async def test_commands_and_presses_are_not_counted(everywhere: Stage) -> None:
    pace = await heard_in(everywhere, 2, person_a_minute=3)
    assert await accepted(pace)


async def test_a_workspace_and_a_thread_have_limits_of_their_own(everywhere: Stage) -> None:
    pace = await heard_in(everywhere, 3, workspace_a_minute=3)
    assert not await accepted(pace, who="U2")
    assert await accepted(pace, workspace="W")
    async with everywhere.database.reading() as tx:
        session_id = (await tx.scalars(select(SessionRow.id))).one()
    thread = Pace(limits(thread_a_minute=3), pace.everywhere)
    assert not await accepted(thread, session_id)
    assert await accepted(thread, "another")
