"""What other processes write to a session is shown in its rooms, once, by whoever can show it."""

from pathlib import Path

from adapters.errors import DeliveryFailed
from adapters.port import Message, MessageRef, To
from bot.store.database import Database
from tests.contract.fake_platform.adapter import FakeAdapter
from tests.integration.bot.stage import CHANNEL, Stage, app_over, settings_for


async def with_an_order(stage: Stage) -> str:
    room = await stage.started()
    await stage.says("!order chest x-ray", where=room)
    stage.seen(room)
    await stage.clock.advance(31)
    return room


async def test_what_another_process_ticked_is_shown_here(everywhere: Stage, tmp_path: Path) -> None:
    room = await with_an_order(everywhere)
    other = app_over(everywhere.database, settings_for(tmp_path), everywhere.clock)
    await other.delivery.carrier({}).idle()
    assert everywhere.seen(room) == ""
    await everywhere.carrier.idle()
    assert everywhere.seen(room).count("**Chest X-ray**") == 1
    await everywhere.carrier.idle()
    assert everywhere.seen(room) == ""


async def test_a_turn_taken_by_another_process_is_shown_here(
    everywhere: Stage, tmp_path: Path
) -> None:
    room = await everywhere.started()
    everywhere.seen(room)
    other = app_over(everywhere.database, settings_for(tmp_path), everywhere.clock)
    await everywhere.leaves("Where does it hurt?", where=room)
    await other.delivery.carrier({}).idle()
    await everywhere.carrier.idle()
    assert everywhere.seen(room).count("Colin Marsh:") == 1


async def test_a_tick_before_the_next_words_is_shown_before_them(stage: Stage) -> None:
    room = await with_an_order(stage)
    shown = await stage.says("Where does it hurt?", where=room)
    assert shown.count("**Chest X-ray**") == 1
    assert shown.index("Chest X-ray") < shown.index("Colin Marsh:")


async def test_a_forgotten_session_has_nothing_to_show(stage: Stage) -> None:
    await with_an_order(stage)
    await stage.says("/sim forget-me yes")
    assert await stage.tick(60) == 0


class TakesNoFiles(FakeAdapter):
    """A platform that refuses every message with a file or picture."""

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        if message.files or message.blocks:
            raise DeliveryFailed("not_saved")
        return await super().post(to, message, key=key)


class ShowsNothing(FakeAdapter):
    """A platform that refuses every message."""

    async def post(self, to: To, message: Message, *, key: str) -> MessageRef:
        raise DeliveryFailed("down")


class StageWithoutFiles(Stage):
    adapter_of = TakesNoFiles


class DarkStage(Stage):
    adapter_of = ShowsNothing


async def test_what_cannot_be_shown_is_said_and_nothing_breaks(
    sqlite: Database, tmp_path: Path
) -> None:
    async with StageWithoutFiles(sqlite, tmp_path).open() as stage:
        room = await stage.started()
        told = await stage.says("!order ecg", where=room)
        assert "Something of this could not be shown here." in told
        assert "Colin Marsh:" in await stage.says("Where does it hurt?", where=room)


async def test_a_platform_that_shows_nothing_at_all_breaks_nothing(
    sqlite: Database, tmp_path: Path
) -> None:
    async with DarkStage(sqlite, tmp_path).open() as stage:
        assert await stage.says("/sim list", where=CHANNEL) == ""
