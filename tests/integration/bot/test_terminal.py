"""The whole application in a terminal: lines in, one screen out."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from adapters.port import Event
from adapters.stored import thread_id
from adapters.terminal.adapter import TerminalAdapter
from bot.answers import Answers
from bot.commands import REGISTRY
from bot.delivery import placing
from bot.store import pruning
from bot.store.database import Database
from tests.contract.clocks import ManualClock
from tests.contract.rigs.terminal import Screenful, TypedLines
from tests.integration.bot.stage import app_over, settings_for


class Screen:
    """One person at one terminal."""

    def __init__(self, database: Database, folder: Path, clock: ManualClock) -> None:
        self.lines = TypedLines()
        self.output = Screenful()
        self.app = app_over(database, settings_for(folder), clock)
        self.adapter = TerminalAdapter(
            lines=self.lines,
            console=Console(file=self.output, width=200, highlight=False, markup=False),
            folder=folder,
            clock=clock,
            specs=REGISTRY.specs,
        )
        self.carrier = self.app.delivery.carrier(
            {self.adapter.platform: self.adapter}, within=self.adapter.own
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Screen"]:
        answer = Answers(self.app.services).answer
        async with self.adapter.running(self.accept, answer):
            yield self
        # As a process that leaves does with the threads that only it can show things in.
        own = self.adapter.own
        async with self.app.services.database.transaction() as tx:
            await pruning.shut(tx, placing.lane_of(own), thread_id(own))

    async def accept(self, event: Event) -> None:
        await self.app.delivery.accept(event)
        await self.carrier.idle()

    async def types(self, line: str) -> str:
        """Type a line; what is new on the screen."""
        before = len(self.output.getvalue())
        self.lines.waiting.clear()
        self.lines.queue.put_nowait(line)
        await asyncio.wait_for(self.lines.waiting.wait(), timeout=20)
        return self.output.getvalue()[before:]


def saved(folder: Path, pattern: str) -> bytes:
    """The one file in the folder that is called like that."""
    [file] = folder.glob(pattern)
    return file.read_bytes()


def start_of(shown: str, scenario: str) -> str:
    """The number of a scenario's Start in the list that was shown; a Details follows each."""
    return str(1 + 2 * re.findall(r"• ([a-z-]+):", shown).index(scenario))


async def test_a_person_plays_by_numbers_and_words(sqlite: Database, tmp_path: Path) -> None:
    async with Screen(sqlite, tmp_path, ManualClock()).open() as screen:
        shown = await screen.types("!list")
        assert "[1] Start" in shown
        assert "[1] I agree, start" in await screen.types(start_of(shown, "chest-pain"))
        assert "Are you the doctor?" in await screen.types("1")
        assert "Colin Marsh:" in await screen.types("Where does it hurt?")
        tracing = await screen.types("!order ecg")
        assert "12-lead ECG: A drawn 12-lead ECG" in tracing
        assert saved(tmp_path, "*-ecg.png").startswith(b"\x89PNG")
        assert "[1] Resume" in await screen.types("!pause")
        assert "You are back in" in await screen.types("1")
        assert "[1] How did it go?" in await screen.types("!end")
        assert "[2] Skip this" in await screen.types("!show")
        assert "of 100" in await screen.types("2")
        assert ".csv" in await screen.types("!export csv")
        assert b"Where does it hurt?" in saved(tmp_path, "*.csv")


async def test_another_day_it_goes_on_and_tells_everything_once(
    sqlite: Database, tmp_path: Path
) -> None:
    clock = ManualClock()
    async with Screen(sqlite, tmp_path, clock).open() as screen:
        await screen.types("!start chest-pain")
        await screen.types("1")
        await screen.types("!order chest x-ray")
    await clock.advance(60)
    async with Screen(sqlite, tmp_path, clock).open() as screen:
        before = len(screen.output.getvalue())
        assert "[1] Continue" in await screen.types("!start chest-pain")
        assert "You are back in" in await screen.types("1")
        await screen.carrier.idle()
        shown = screen.output.getvalue()[before:]
        assert shown.count("[chest-xray.png]") == 1
        assert "alf one" in await screen.types("When did it start?")
