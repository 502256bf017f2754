"""The database stops while people write: they are told, and nothing is lost or done twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.port import NOTHING, Completing
from bot.answers import Answers
from bot.store.database import Database
from engine.events import TraineeSaid
from engine.store import events
from tests.contract.fake_platform import parse
from tests.integration.bot.stage import CHANNEL, Stage, Stoppable

AWAY = "(private) : Nothing can be stored right now, so nothing was sent."


@pytest.fixture
async def away(sqlite: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage over a database that can be stopped."""
    database = Stoppable(sqlite.url.render_as_string(hide_password=False))
    async with Stage(database, tmp_path).open() as stage:
        yield stage
    await database.close()


def stop(stage: Stage, after: int = 0) -> None:
    assert isinstance(stage.database, Stoppable)
    stage.database.left = after


def back(stage: Stage) -> None:
    assert isinstance(stage.database, Stoppable)
    stage.database.left = None


async def said_in(stage: Stage, room: str) -> list[str]:
    record = await stage.session_of(room)
    async with stage.database.reading() as tx:
        log = await events.of_session(tx, record.id)
    return [one.text for one in log if isinstance(one, TraineeSaid)]


@pytest.mark.parametrize("after", range(3))
async def test_words_can_be_sent_again_whenever_it_stopped(away: Stage, after: int) -> None:
    room = await away.started()
    away.seen(room)
    stop(away, after)
    assert (await away.says("When did it start?", where=room)).startswith(AWAY)
    back(away)
    assert await said_in(away, room) == []
    assert "alf one" in await away.says("When did it start?", where=room)
    assert await said_in(away, room) == ["When did it start?"]


@pytest.mark.parametrize("line", ["!hint", "!order ecg", "!pause", "!end", "!status", "/sim list"])
async def test_commands_say_so_as_well(away: Stage, line: str) -> None:
    room = await away.started()
    before = await away.session_of(room)
    stop(away)
    assert (await away.says(line, where=room)).startswith(AWAY)
    back(away)
    after = await away.session_of(room)
    assert (after.seq, after.status) == (before.seq, before.status)


async def test_a_start_that_was_cut_off_can_be_gone_on_with(away: Stage) -> None:
    await away.started("first-visit")
    stop(away, 2)  # the command is stored; the door of its thread is not
    answer = await away.says("/sim start chest-pain")
    assert answer.startswith(AWAY)
    back(away)
    assert "[Continue]" in await away.says("/sim start chest-pain")
    await away.presses("continue:chest-pain")
    room = away.threads()[-1]
    assert "alf one" in await away.says("When did it start?", where=room)


async def test_completions_are_neutral_meanwhile(away: Stage) -> None:
    stop(away)
    query = Completing(
        user=parse.user_ref("U1"),
        thread=parse.thread_ref(CHANNEL),
        command="start",
        option="scenario",
        typed="",
    )
    assert await Answers(away.app.services).answer(query) == NOTHING


async def test_a_database_that_cannot_be_opened_at_all(tmp_path: Path) -> None:
    database = Database("postgresql://nobody:secretword@127.0.0.1:9/none")
    async with Stage(database, tmp_path).open() as stage:
        answer = await stage.says("/sim list")
    await database.close()
    assert answer.startswith(AWAY)
    assert "secretword" not in answer
