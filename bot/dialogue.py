"""One turn of one session: open, think, speak, close, with no transaction open while it is slow."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from bot.hub import Hub
from bot.store.database import Database
from engine.errors import SequenceTaken
from engine.llm.port import Deadline
from engine.session import Utterance
from engine.simulation import Simulation
from engine.speaking import Show
from engine.store.events import AlreadyStored
from engine.turns import Outcome, Said

TRIES = 4
"""So often a turn is thought again when somebody else wrote to the session meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A message that was answered before: its reply as it was stored, if there was one."""

    seq: int
    reply: Utterance | None


@dataclass(slots=True)
class Dialogue:
    """Takes turns. Of one session, one turn runs at a time in this process."""

    database: Database
    simulation: Simulation
    hub: Hub
    turn_seconds: float
    _lanes: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def lane(self, session_id: str) -> AsyncGenerator[None]:
        """Whoever is inside is the only one of this process that changes the session."""
        lock = self._lanes.setdefault(session_id, asyncio.Lock())
        async with lock:
            yield

    async def take(
        self, session_id: str, said: Said, show: Show | None = None
    ) -> Outcome | Answered:
        """Answer what was said; a message known by its event id is not answered twice.

        Raises:
            SimulationError: as `Simulation.open_turn`; nothing was stored.
            StoreAway: nothing was stored.
        """
        async with self.lane(session_id):
            for attempt in range(TRIES):
                try:
                    return await self._once(session_id, said, show)
                except SequenceTaken:
                    if attempt == TRIES - 1:
                        raise
                except AlreadyStored as known:
                    return await self._stored(session_id, known.seq)
        raise AssertionError("unreachable: the last try raises")

    async def _once(self, session_id: str, said: Said, show: Show | None) -> Outcome | Answered:
        known = [event_id for _, event_id in said.messages if event_id]
        async with self.database.reading() as tx:
            for event_id in known:
                seq = await self.simulation.known(tx, session_id, event_id)
                if seq is not None:
                    raise AlreadyStored(session_id, seq)
            turn = await self.simulation.open_turn(tx, session_id, said)
        thought = await self.simulation.think(turn)
        deadline = Deadline(asyncio.get_running_loop().time() + self.turn_seconds)
        spoken = await self.simulation.speak(thought, deadline, show)
        async with self.database.transaction() as tx:
            outcome = await self.simulation.close_turn(tx, thought, spoken)
        self.hub.changed(session_id)
        return outcome

    async def _stored(self, session_id: str, seq: int) -> Answered:
        async with self.database.reading() as tx:
            _, _, state = await self.simulation.read(tx, session_id)
        reply = next((one for one in state.utterances if seq in one.answers), None)
        return Answered(seq=seq, reply=reply)
