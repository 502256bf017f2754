"""Follow-ups where several processes send, and where one dies between claiming and posting."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.afterwards.sending import Afterwards
from bot.delivery.pipeline import Delivery
from bot.effects import OpenDM
from bot.store import following as rows
from engine.store import Transaction
from tests.integration.bot.following import DM, afterwards, passes, played, states
from tests.integration.bot.stage import Stage, app_over, settings_for


class Died(Exception):
    """The process is gone at this very point."""


class Dying(Delivery):
    """A delivery in a process that dies while it puts something into the outbox."""

    async def write(
        self, tx: Transaction, letter: OpenDM, key: str, session_id: str | None
    ) -> list[str]:
        await super().write(tx, letter, key, session_id)
        await tx.flush()
        raise asyncio.CancelledError from Died()


def another(stage: Stage, folder: Path) -> Afterwards:
    """A second process over the same database."""
    app = app_over(stage.database, settings_for(folder), stage.clock)
    return Afterwards(
        services=app.services,
        delivery=app.delivery,
        adapters={stage.adapter.platform: stage.adapter},
    )


async def test_two_processes_plan_and_send_once(everywhere: Stage, tmp_path: Path) -> None:
    stage = everywhere
    both = (afterwards(stage), another(stage, tmp_path))
    await played(stage)
    await stage.clock.advance(2)
    await asyncio.gather(*(one.plan() for one in both))
    sent = await asyncio.gather(*(one.tick() for one in both))
    assert sum(sent) == 1
    await stage.idle()
    await asyncio.gather(*(one.tick() for one in both))
    await stage.clock.advance(86_400)
    assert sum(await asyncio.gather(*(one.tick() for one in both))) == 1
    await stage.idle()
    assert stage.shown(DM).count("Before the score") == 1
    assert stage.shown(DM).count("A question about") == 1
    assert len(await states(stage)) == 4


async def test_dying_before_it_is_stored_sends_nothing_and_loses_nothing(
    everywhere: Stage,
) -> None:
    stage = everywhere
    await played(stage)
    await stage.clock.advance(2)
    ticks = afterwards(stage)
    await ticks.plan()
    delivery = stage.app.delivery
    dying = replace(
        ticks,
        delivery=Dying(services=delivery.services, router=delivery.router),
    )
    gone = asyncio.create_task(dying.tick())
    await asyncio.wait({gone})
    assert gone.cancelled()
    assert (await states(stage))["feedback 1"] == "planned"
    assert "Before the score" in await passes(stage)
    assert stage.shown(DM).count("Before the score") == 1


async def test_dying_after_it_was_claimed_it_is_posted_once(everywhere: Stage) -> None:
    stage = everywhere
    await played(stage)
    await stage.clock.advance(2)
    ticks = afterwards(stage)
    await ticks.plan()
    assert await ticks.tick() == 1  # stored, and the process is gone before it is posted
    assert stage.shown(DM) == ""
    assert (await states(stage))["feedback 1"] == "queued"
    assert "Before the score" in await passes(stage)
    assert await passes(stage, seconds=60) == ""
    assert (await states(stage))["feedback 1"] == "sent"


async def test_what_was_claimed_and_not_posted_for_long_is_not_posted(stage: Stage) -> None:
    await played(stage)
    await stage.clock.advance(2)
    ticks = afterwards(stage)
    await ticks.plan()
    assert await ticks.tick() == 1
    shown = await passes(stage, days=1)
    assert "Before the score" not in shown
    assert "A question about" in shown
    assert (await states(stage))["feedback 1"] == "undelivered too_late"


async def test_of_two_that_hold_a_row_one_settles_it(everywhere: Stage) -> None:
    stage = everywhere
    await played(stage)
    await afterwards(stage).plan()
    now = stage.clock.now() + timedelta(seconds=1)

    async def claims() -> bool:
        async with stage.database.transaction() as tx:
            [first, *_] = await rows.due(tx, now, 5) or [0]
            held = await rows.hold(tx, first, now)
            return held is not None and await rows.settle(tx, first, "queued", now)

    assert sorted(await asyncio.gather(*(claims() for _ in range(4)))) == [
        False,
        False,
        False,
        True,
    ]
