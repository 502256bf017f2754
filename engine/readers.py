"""The readers of a process, one a scenario version: each learns once, beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import Final

from engine.classify import Reader
from engine.scenario import Scenario


class Readers:
    """Makes readers, and keeps them by the hash of their scenario."""

    def __init__(self, reader_of: Callable[[Scenario], Reader]) -> None:
        self._reader_of: Final = reader_of
        self._made: Final[dict[str, Reader]] = {}
        self._learning: Final[dict[str, asyncio.Lock]] = {}
        self._expected: Final[dict[str, Scenario]] = {}

    async def of(self, scenario_hash: str, scenario: Scenario) -> Reader:
        """The scenario's reader. The first one learns for a moment, beside the event loop."""
        if scenario_hash not in self._made:
            # Whoever comes meanwhile waits for the one that learns, instead of learning as well.
            async with self._learning.setdefault(scenario_hash, asyncio.Lock()):
                if scenario_hash not in self._made:
                    self._made[scenario_hash] = await asyncio.to_thread(self.learned, scenario)
        return self._made[scenario_hash]

    def expect(self, scenario_hash: str, scenario: Scenario) -> None:
        """Have the next `prepare` learn to read a scenario."""
        if scenario_hash not in self._made:
            self._expected[scenario_hash] = scenario

    async def prepare(self) -> None:
        """Learn to read all that is expected."""
        while self._expected:
            await self.of(*self._expected.popitem())

    def learned(self, scenario: Scenario) -> Reader:
        """A reader that has learned, kept nowhere here. Takes seconds, so it is for a thread."""
        reader = self._reader_of(scenario)
        reader.learn()
        return reader
