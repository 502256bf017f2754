"""What other processes write to a session is shown in its rooms here, once."""

from pathlib import Path

import pytest

from adapters.errors import DeliveryFailed
from adapters.port import Message, MessageRef, To
from bot.followups import Ticker
from bot.store.database import Database
from tests.integration.bot.stage import CHANNEL, Stage


def elsewhere(stage: Stage) -> Ticker:
    """The tick of `dressrun up` on the same database: it shows nothing here."""
    services = stage.app.services
    return Ticker(services.database, services.simulation, services.hub, stage.clock.now)


async def with_an_order(stage: Stage) -> str:
    room = await stage.started()
    await stage.says("!order chest x-ray", where=room)
    stage.seen(room)
    await stage.clock.advance(31)
    return room


async def test_a_look_shows_what_another_tick_brought(everywhere: Stage) -> None:
    room = await with_an_order(everywhere)
    assert await elsewhere(everywhere).tick() == 1
    assert everywhere.seen(room) == ""
    await everywhere.direct.look()
    assert everywhere.seen(room).count("**Chest X-ray**") == 1
    await everywhere.direct.look()
    assert everywhere.seen(room) == ""


async def test_the_next_words_show_it_first_and_themselves_once(stage: Stage) -> None:
    room = await with_an_order(stage)
    await elsewhere(stage).tick()
    shown = await stage.says("Where does it hurt?", where=room)
    assert shown.count("**Chest X-ray**") == 1
    assert shown.index("Chest X-ray") < shown.index("Colin Marsh:")
    await stage.direct.look()
    assert stage.seen(room) == ""


async def test_our_own_tick_and_a_look_show_it_once(stage: Stage) -> None:
    room = await with_an_order(stage)
    assert await stage.app.ticker.tick() == 1
    await stage.direct.look()
    assert stage.seen(room).count("**Chest X-ray**") == 1


async def test_a_forgotten_session_is_followed_no_more(stage: Stage) -> None:
    await stage.started()
    await stage.says("/sim forget-me yes")
    await stage.direct.look()
    await stage.direct.look()


async def test_a_room_that_another_process_opened_is_left_to_it(
    sqlite: Database, tmp_path: Path
) -> None:
    async with Stage(sqlite, tmp_path).open() as one, Stage(sqlite, tmp_path).open() as other:
        await with_an_order(one)
        await other.clock.advance(31)
        assert await other.tick() == 1
        assert "X-ray" not in str(other.server.posted)


async def test_what_cannot_be_shown_is_said_and_nothing_breaks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await stage.started()
    shows = stage.adapter.post

    async def refuses(to: To, message: Message, *, key: str) -> MessageRef:
        if message.files or any("ECG" in str(one) for one in message.blocks):
            raise DeliveryFailed("not_saved")
        return await shows(to, message, key=key)

    monkeypatch.setattr(stage.adapter, "post", refuses)
    told = await stage.says("!order ecg", where=room)
    assert "(private) : Something of this could not be shown here." in told
    monkeypatch.undo()
    assert "Colin Marsh:" in await stage.says("Where does it hurt?", where=room)


async def test_a_platform_that_shows_nothing_at_all_breaks_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(to: To, message: Message, *, key: str) -> MessageRef:
        raise DeliveryFailed("down")

    monkeypatch.setattr(stage.adapter, "post", refuses)
    assert await stage.says("/sim list", where=CHANNEL) == ""
