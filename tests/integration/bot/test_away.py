"""The database stops while people write: nothing is acknowledged that is not stored, and what is
stored is handled once it is back.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.port import NOTHING, Completing
from bot.answers import Answers
from bot.store.database import Database
from engine.events import TraineeSaid
from engine.store import events
from tests.contract.fake_platform import parse
from tests.contract.fake_platform.server import Payload
from tests.integration.bot.stage import CHANNEL, Stage, Stoppable


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


async def delivered(stage: Stage, payload: Payload) -> int:
    """Let the platform deliver something; the status that it got."""
    answer: Payload = await stage.server.deliver(payload)
    return int(answer["status"])


async def caught_up(stage: Stage) -> None:
    """Let time pass until everything that failed was tried again."""
    for _ in range(4):
        await stage.tick(60)


@pytest.mark.parametrize("after", range(12))
async def test_words_are_answered_once_whenever_it_stopped(away: Stage, after: int) -> None:
    room = await away.started()
    away.seen(room)
    words = away.server.write(room, "U1", "When did it start?")
    stop(away, after)
    away.works_through_failures = True
    status = await delivered(away, words)
    back(away)
    if status != 200:
        assert await said_in(away, room) == []
        assert await delivered(away, words) == 200
    await caught_up(away)
    assert away.seen(room).count("alf one") == 1
    assert await said_in(away, room) == ["When did it start?"]


@pytest.mark.parametrize("line", ["!hint", "!order ecg", "!pause", "!end", "!status", "/sim list"])
async def test_a_command_is_not_acknowledged_before_it_is_stored(away: Stage, line: str) -> None:
    room = await away.started()
    before = await away.session_of(room)
    away.seen(room)
    stop(away)
    typed = away.server.write(room, "U1", line)
    assert await delivered(away, typed) == 503
    back(away)
    after = await away.session_of(room)
    assert (after.seq, after.status, away.seen(room)) == (before.seq, before.status, "")
    assert await delivered(away, typed) == 200
    assert away.seen(room) != ""


@pytest.mark.parametrize("after", range(1, 14))
async def test_a_start_that_was_cut_off_goes_on(away: Stage, after: int) -> None:
    await away.started("first-visit")
    started = away.server.write(CHANNEL, "U1", "/sim start chest-pain")
    stop(away, after)
    away.works_through_failures = True
    status = await delivered(away, started)
    back(away)
    if status != 200:
        assert await delivered(away, started) == 200
    await caught_up(away)
    assert len(away.threads()) == 2
    room = away.threads()[-1]
    assert away.shown(room).count("Are you the doctor?") == 1
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
        payload = stage.server.write(CHANNEL, "U1", "/sim list")
        assert await delivered(stage, payload) == 503
    await database.close()
