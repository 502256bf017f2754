"""Whoever wants out does not wait for a turn: it ends there, and what was said of it stands."""

from pathlib import Path

import pytest

from adapters.clock import SystemClock
from bot.store.database import Database
from engine.events import Cared, CharacterSaid, Ended, Paused, TraineeSaid
from tests.integration.delivery.rig import Failing, Halting, Line, Meanwhile, speaking, until

BEGUN = "It began an hour ago."
REST = "And it has not stopped."


class Growing(Line):
    """People, and a model whose replies grow, that stands still after a sentence."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        # Its edits are paced, and the clock that the test moves stands still.
        self.adapter = Failing(self.server, clock=SystemClock(), answer_within=5)
        self.model = Halting()
        self.app = speaking(self.app, self.model, grows=True)
        self.carrier = self.app.delivery.carrier({self.adapter.platform: self.adapter})


async def in_the_middle(line: Line, room: str) -> Meanwhile:
    """A turn of whose reply a sentence stands there."""
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    return turn


@pytest.mark.parametrize(
    ("out", "marks"),
    [("!pause", Paused), ("!end", Ended), ("!stop", Cared), ("red light", Cared)],
)
async def test_it_is_cut_where_it_stands(
    database: Database, tmp_path: Path, out: str, marks: type
) -> None:
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        turn = await in_the_middle(line, room)
        await line.leaves(out, where=room)
        turn.work()
        await until(line, lambda: "cut off" in line.shown(room))
        await turn.go_on()
        log = await line.log(room)
        [said] = [one for one in log if isinstance(one, CharacterSaid) and one.answers]
        assert (said.text, said.cut) == (BEGUN, True)
        kinds = [type(one) for one in log]
        assert kinds.index(TraineeSaid) < kinds.index(CharacterSaid, kinds.index(TraineeSaid))
        assert kinds.index(marks) > kinds.index(TraineeSaid)
        shown = line.shown(room)
        assert shown.count(BEGUN) == shown.count(f"{BEGUN} … _(cut off)_") == 1
        assert REST not in shown
        assert "red light" not in [one.text for one in log if isinstance(one, TraineeSaid)]


async def test_another_process_ends_it(database: Database, tmp_path: Path) -> None:
    if database.dialect != "postgresql":
        pytest.skip("processes tell each other on PostgreSQL")
    async with Growing(database, tmp_path).open() as line:
        assert isinstance(line, Growing)
        room = await line.started("first-visit")
        bell = line.app.delivery.bell
        async with line.beside(tmp_path) as other, bell.listening():
            with bell.hearing() as rung:
                await rung.wait()  # it says so once it listens
            turn = await in_the_middle(line, room)
            await other.app.delivery.accept(line.event(room, "!pause"))
            await other.carrier.idle()
            await turn.go_on()
        log = await line.log(room)
        [said] = [one for one in log if isinstance(one, CharacterSaid) and one.answers]
        assert (said.text, said.cut) == (BEGUN, True)
        assert isinstance(log[-1], Paused)
