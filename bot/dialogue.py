"""One turn of one session: open, think, speak, close, with no transaction open while it is slow.

Also what is not a turn: asides, and words that come while a session rests or after it is over.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from adapters.port import Message
from bot.hub import Hub
from bot.retrying import again
from bot.store.database import Database, StoreAway
from bot.views import session as session_views
from engine.calls import Call, superseded
from engine.cutting import Cut
from engine.errors import NoSession, NotSeated, SessionEnded, SessionPaused
from engine.inputs import Step
from engine.llm.port import Deadline
from engine.readable import wants_out as wants_out
from engine.session import Utterance
from engine.simulation import Simulation
from engine.speaking import Show
from engine.store import Transaction, ledger
from engine.store.events import AlreadyStored
from engine.turns import Outcome, Said, ThoughtTurn

CUT_SECONDS = 3
"""So long whoever ends a turn waits for it to be stored; one that stands still counts as lost."""

ASIDE = "//"
"""What begins like this is said to the people in the thread, and nobody in the scene hears it."""


def is_aside(text: str) -> bool:
    """Whether a message is no turn, at whichever door it comes in."""
    return text.lstrip().startswith(ASIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A message that was answered before: its reply as it was stored, if there was one."""

    seq: int
    reply: Utterance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Words that no scene takes any more; `message` is for whoever wrote them, alone."""

    message: Message


Commit = Callable[[Transaction, Outcome], Awaitable[None]]
"""Stores what else follows from a turn, in the transaction that stores the turn."""

Begins = Callable[[ThoughtTurn], Awaitable[Show | None]]
"""Called when a character is about to answer; what it gives is shown the reply as it grows."""


@dataclass(slots=True)
class Dialogue:
    """Takes turns. Of one session, one turn runs at a time in this process."""

    database: Database
    simulation: Simulation
    turn_seconds: float
    hub: Hub = field(default_factory=Hub)
    _lanes: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def lane(self, session_id: str) -> AsyncGenerator[None]:
        """Whoever is inside is the only one of this process that changes the session."""
        lock = self._lanes.setdefault(session_id, asyncio.Lock())
        async with lock:
            yield

    async def take(
        self,
        session_id: str,
        said: Said,
        commit: Commit,
        begins: Begins | None = None,
        *,
        at_once: bool = False,
    ) -> Outcome | Answered | Unheard:
        """Answer what was said; a message known by its event id is not answered twice.

        `commit` is called where something is stored, and what it raises undoes that. `at_once`:
        turns that are under way here, or come before it, end without an answer.

        Raises:
            SimulationError: as `Simulation.open_turn`; nothing was stored. Care is taken of whom a
                paused session or one that is over does not hear: they get an answer instead.
            StoreAway: nothing was stored.
        """
        if not at_once:
            async with self.lane(session_id):
                return await self._tried(session_id, said, commit, begins)
        with self.hub.hushed(session_id):
            self.hub.cut(session_id)
            async with self.lane(session_id):
                return await self._tried(session_id, said, commit, begins, at_once=True)

    async def _tried(
        self,
        session_id: str,
        said: Said,
        commit: Commit,
        begins: Begins | None,
        *,
        at_once: bool = False,
    ) -> Outcome | Answered | Unheard:
        async def once() -> Outcome | Answered | Unheard:
            with self.hub.turning(session_id, hushed=not at_once) as cut:
                return await self._once(session_id, said, commit, begins, cut)

        try:
            return await again(once)
        except AlreadyStored as known:
            rest = await self._new(session_id, said)
            if len(rest.messages) in (0, len(said.messages)):
                return await self._stored(session_id, known.seq)
            return await self._tried(session_id, rest, commit, begins, at_once=at_once)

    async def _new(self, session_id: str, said: Said) -> Said:
        """What of it the log does not have."""
        async with self.database.reading() as tx:
            new = [
                (text, event_id)
                for text, event_id in said.messages
                if event_id is None or await self.simulation.known(tx, session_id, event_id) is None
            ]
        return replace(said, messages=tuple(new))

    async def cut(self, session_id: str) -> None:
        """End a turn of this process at once. Returns once what was said by then is stored."""
        turn = self.hub.cut(session_id)
        if turn is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CUT_SECONDS):
                    await turn.ended.wait()

    async def answered(self, session_id: str, event_id: str) -> Answered | None:
        """How a message was answered, or None while it was not."""
        async with self.database.reading() as tx:
            seq = await self.simulation.known(tx, session_id, event_id)
        return None if seq is None else await self._stored(session_id, seq)

    async def _once(
        self, session_id: str, said: Said, commit: Commit, begins: Begins | None, cut: Cut
    ) -> Outcome | Answered | Unheard:
        try:
            async with self.database.reading() as tx:
                turn = await self.simulation.open_turn(tx, session_id, said)
        except (SessionPaused, SessionEnded) as error:
            return await self._unheard(session_id, said, commit, error)
        await self.simulation.ready(turn)
        deadline = Deadline(asyncio.get_running_loop().time() + self.turn_seconds)
        thought = await self.simulation.think(turn, deadline, cut)
        calls, stored = thought.calls, False
        try:
            show = await begins(thought) if begins is not None else None
            spoken = await self.simulation.speak(thought, deadline, show, cut)
            calls = (*calls, *spoken.calls)
            async with self.database.transaction() as tx:
                outcome = await self.simulation.close_turn(tx, thought, spoken)
                await commit(tx, outcome)
            stored = True
            self.simulation.remember(outcome)
        finally:
            if not stored:
                await self._pay(session_id, calls)
        return outcome

    async def _pay(self, session_id: str, calls: Sequence[Call]) -> None:
        """Enter what a turn took that nobody will see: it was paid all the same.

        Where that cannot be stored either, it is lost: why the turn failed is to be told.
        """
        paid = [
            superseded(one)
            for one in calls
            if one.cost_micro_usd or one.response_id or one.entry is not None
        ]
        if not paid:
            return
        with suppress(NoSession, StoreAway):
            async with self.database.transaction() as tx:
                await ledger.append(tx, session_id, paid)

    async def _unheard(
        self,
        session_id: str,
        said: Said,
        commit: Commit,
        error: SessionPaused | SessionEnded,
    ) -> Outcome | Unheard:
        """What comes of words that no scene takes. Care is taken of them all the same."""
        async with self.database.reading() as tx:
            _, scenario, state = await self.simulation.read(tx, session_id)
        if state.seat_of(said.person) is None:
            raise NotSeated(f"session {session_id}")
        signs = [event_id for text, event_id in said.messages if wants_out(scenario, text)]
        if signs and not state.over:
            return await self._stop(session_id, said.person, signs[0], commit)
        if signs or state.ended_because in session_views.CARE:
            return Unheard(message=session_views.stepped_out(scenario))
        if state.status == "abandoned":
            return Unheard(message=session_views.stopped())
        raise error

    async def _stop(
        self, session_id: str, person: str, event_id: str | None, commit: Commit
    ) -> Outcome:
        async with self.database.transaction() as tx:
            outcome = await self.simulation.apply(
                tx,
                session_id,
                lambda _state, at: Step(at=at, verb="stop", because=person, event_id=event_id),
            )
            await commit(tx, outcome)
        return outcome

    async def _stored(self, session_id: str, seq: int) -> Answered:
        async with self.database.reading() as tx:
            _, _, state = await self.simulation.read(tx, session_id)
        reply = next((one for one in state.utterances if seq in one.answers), None)
        return Answered(seq=seq, reply=reply)
