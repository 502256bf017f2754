"""The card of a session: one message in its thread that shows how it stands and steers it."""

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete

from bot.store import pruning
from bot.store.database import Database
from bot.store.queues import OutboxRow
from tests.contract.clocks import ManualClock
from tests.integration.bot.stage import Stage
from tests.integration.bot.test_flat import DM, FlatStage
from tests.integration.bot.test_terminal import Screen

STATES = re.compile(r"(?:Running|Paused|Completed|Stopped|Over)\b[^.]*\.")


def states(stage: Stage, room: str) -> list[str]:
    """What the cards in a thread say of how it goes."""
    return [
        found.group()
        for one in stage.server.posted.values()
        if one.thread == room and not one.deleted
        for block in one.body.get("blocks", ())
        if (found := STATES.match(block["shown"].strip()))
    ]


def offered(stage: Stage, room: str) -> set[str]:
    """What can be pressed in a thread; the fake hangs two buttons on a message, the rest below."""
    return {
        button["id"]
        for one in stage.server.posted.values()
        if one.thread == room and not one.deleted
        for button in one.body.get("buttons", ())
    }


async def test_one_card_shows_how_it_goes(everywhere: Stage) -> None:
    stage = everywhere
    room = await stage.started()
    assert states(stage, room) == ["Running: History (1 of 3), about 20 minutes in all."]
    assert offered(stage, room) == {"hint", "pause", "status", "end:chest-pain"}

    await stage.clock.advance(120)
    paused = await stage.presses("pause", where=room)
    assert paused.startswith(": Paused. The clock stands")
    assert "You are the doctor on call" not in paused, "the card is changed, not shown again"
    assert states(stage, room) == ["Paused: History (1 of 3), 2 minutes in."]
    assert offered(stage, room) == {"resume", "continue:chest-pain", "end:chest-pain"}

    assert "You are back in" in await stage.presses("continue:chest-pain", where=room)
    assert states(stage, room) == ["Running: History (1 of 3), about 20 minutes in all."]
    await stage.says("!next", where=room)
    assert states(stage, room)[0].startswith("Running: ")
    assert "(2 of 3)" in states(stage, room)[0]
    assert "[file: triage-note.txt]" in stage.shown(room), "what hung on the card hangs there still"

    await stage.presses("end:chest-pain", where=room)
    assert states(stage, room)[0].startswith("Completed: 0 turns in 2 minutes")
    assert "pause" not in offered(stage, room)
    assert "stops everything at once" not in stage.shown(room)
    [debrief] = [one for one in offered(stage, room) if one.startswith("debrief:")]
    assert (await stage.presses(debrief, where=room)).startswith("(private)")


async def test_a_turn_like_any_other_leaves_the_card_alone(stage: Stage) -> None:
    room = await stage.started()
    before = stage.server.edits
    await stage.says("When did it start?", where=room)
    await stage.says("!hint", where=room)
    assert stage.server.edits == before


async def test_the_last_hint_takes_the_button_with_it(stage: Stage) -> None:
    room = await stage.started()
    for _ in range(6):
        assert "hint" in offered(stage, room)
        await stage.says("!hint", where=room)
    assert offered(stage, room) == {"pause", "status", "end:chest-pain"}
    assert "hint" not in offered(stage, await stage.started("chest-pain", who="U2", mode="exam"))


async def test_stepping_out_is_shown_and_can_be_taken_back(stage: Stage) -> None:
    room = await stage.started()
    await stage.says("red light", where=room)
    assert states(stage, room) == ["Over: nobody in it will answer now."]
    await stage.presses("continue:chest-pain", where=room)
    assert states(stage, room) == ["Running: History (1 of 3), about 20 minutes in all."]


async def test_where_no_card_was_shown_nothing_is_lost(stage: Stage) -> None:
    room = await stage.started()
    async with stage.database.transaction() as tx:
        await tx.execute(delete(OutboxRow).where(OutboxRow.card.is_not(None)))
    before = stage.server.edits
    assert "The clock stands" in await stage.says("!pause", where=room)
    assert stage.server.edits == before


async def test_a_card_is_changed_however_old_it_is(everywhere: Stage) -> None:
    stage = everywhere
    room = await stage.started()
    await stage.says("!pause", where=room)
    await stage.clock.advance(timedelta(days=8).total_seconds())
    async with stage.database.transaction() as tx:
        await pruning.old(tx, stage.clock.now())
    await stage.presses("continue:chest-pain", where=room)
    assert states(stage, room) == ["Running: History (1 of 3), about 20 minutes in all."]


async def test_a_card_that_somebody_deleted_is_shown_once_more(stage: Stage) -> None:
    room = await stage.started()
    for one in stage.server.posted.values():
        one.deleted = True
    await stage.says("!pause", where=room)
    assert states(stage, room) == ["Paused: History (1 of 3), less than a minute in."]
    await stage.says("!resume", where=room)
    assert states(stage, room) == ["Running: History (1 of 3), about 20 minutes in all."]


async def test_each_thread_of_a_session_has_its_card(stage: Stage) -> None:
    old = await stage.started()
    await stage.says("/sim start chest-pain")
    await stage.presses("continue:chest-pain")
    new = stage.threads()[-1]
    assert new != old
    assert stage.seen(new).startswith(": You are back in **A weight on the chest**")
    assert len(states(stage, new)) == 1
    await stage.presses("pause", where=new)
    for room in (old, new):
        assert states(stage, room) == ["Paused: History (1 of 3), less than a minute in."]


async def test_a_card_steers_its_own_session_and_not_the_one_in_front(
    sqlite: Database, tmp_path: Path
) -> None:
    async with FlatStage(sqlite, tmp_path).open() as stage:
        await stage.says("/sim start chest-pain", where=DM)
        await stage.presses("agree:chest-pain", where=DM)
        await stage.says("/sim start first-visit", where=DM)
        [start] = [one for one in stage.buttons(DM) if one.startswith("start:first-visit")]
        await stage.presses(start, where=DM)
        first, second = states(stage, DM)
        assert first.startswith("Paused: History")
        assert second.startswith("Running: ")
        assert {"continue:chest-pain", "end:chest-pain", "pause"} <= offered(stage, DM)
        await stage.presses("end:chest-pain", where=DM)
        first, second = states(stage, DM)
        assert first.startswith("Completed: ")
        assert second.startswith("Running: ")


async def test_a_terminal_does_not_repeat_the_card(sqlite: Database, tmp_path: Path) -> None:
    async with Screen(sqlite, tmp_path, ManualClock()).open() as screen:
        await screen.types("!start chest-pain")
        opening = await screen.types("1")
        assert "Running: History (1 of 3)" in opening
        assert "[1] Hint" not in opening, "a number typed to a character is an answer"
        paused = await screen.types("!pause")
        assert "[1] Resume" in paused
        assert "You are the doctor" not in paused
        assert "changed" not in paused
