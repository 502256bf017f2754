"""Ends a reply while it is spoken: what was shown of it stands, and no more is said."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from engine.gate import held_by
from engine.llm.port import Deadline
from engine.llm.tab import Tab
from engine.speaking import Show, Speaker
from engine.turns import Spoken, ThoughtTurn
from engine.verify import facts_told

T = TypeVar("T")
U = TypeVar("U")


class Cut:
    """Somebody's wish that a turn ends at once. One a turn.

    `ended` is set by whoever takes the turn, once it is stored or given up.
    """

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._wanted = False
        self._scope: asyncio.Timeout | None = None

    def now(self) -> None:
        """End it. Returns at once; wait for `ended`."""
        self._wanted = True
        if self._scope is not None and not self._scope.expired():
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def unless(self, work: Coroutine[Any, Any, T], otherwise: U) -> T | U:
        """What `work` gives, or `otherwise` once the turn is cut: then `work` ends there."""
        if self._wanted:
            work.close()
            return otherwise
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._scope = scope
                return await work
        except TimeoutError:
            if not scope.expired():
                raise
            return otherwise
        finally:
            self._scope = None

    async def spoken(
        self, speaker: Speaker, thought: ThoughtTurn, deadline: Deadline, show: Show | None
    ) -> Spoken:
        """As `Speaker.speak`, until the cut: then what was shown by then, marked as cut.

        What tools did by then never happened: they ran on a copy of the world.
        """
        heard = ""
        tab = speaker.tab_of(thought)

        async def shown(text: str) -> None:
            nonlocal heard
            heard = text
            if show is not None:
                await show(text)

        work = speaker.speak(thought, deadline, shown, tab)
        said = await self.unless(work, None)
        return _cut_short(thought, heard, tab) if said is None else said


def _cut_short(thought: ThoughtTurn, heard: str, tab: Tab) -> Spoken:
    calls = tuple(tab.calls)
    if thought.prompt is None or not heard:
        return Spoken(text="", cut=True, calls=calls)
    held = held_by(thought.turn.scenario, thought.state, thought.speaker)
    facts = facts_told(heard, (), thought.prompt.facts, held)
    return Spoken(text=heard, facts=facts, cut=True, calls=calls)
