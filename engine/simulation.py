"""The simulation: start, turns in four steps, and everything else that is done to a session.

A turn is four calls, so that the caller owns the transactions and can put more into the last one:
`open_turn` reads, `think` decides, `speak` runs the model, `close_turn` appends. No transaction is
open while `think` or `speak` runs.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from engine import events as ev
from engine.calls import Journal
from engine.casting import human_seats, mode_named
from engine.classify import Reader
from engine.cutting import Cut
from engine.decide import decide
from engine.director import next_due
from engine.errors import (
    NotAllowedNow,
    NotSeated,
    SessionEnded,
    SessionPaused,
    UnknownLanguage,
)
from engine.inputs import Input, Start
from engine.listening import Listener
from engine.llm.budget import Budgets
from engine.llm.chain import chain_of
from engine.llm.port import Deadline, Model
from engine.llm.tab import Tab
from engine.loader import body_of, from_body, hash_of
from engine.readable import readable
from engine.readers import Readers
from engine.remembered import Remembered
from engine.scenario import Scenario
from engine.session import State, fold
from engine.speaking import Show, Speaker
from engine.store import Transaction, ledger, scenarios, sessions, spending
from engine.store import events as event_rows
from engine.store.events import AlreadyStored
from engine.store.sessions import Head, SessionRecord
from engine.thinking import closing, readings, think
from engine.turns import OpenTurn, Outcome, Said, Spoken, ThoughtTurn

AtDue = Callable[[Transaction, str, datetime, datetime], Awaitable[object]]
"""Told in which session time is to pass by itself next, when, and what time it is now; in the
transaction that stores it. A later time is not told: whoever looks at the one told finds it."""


class Simulation:
    """Sessions of scenarios. Holds no session's state; any number may run side by side."""

    def __init__(
        self,
        persona: Model,
        now: Callable[[], datetime],
        id_of: Callable[[], str],
        reader_of: Callable[[Scenario], Reader] = Reader,
        at_due: AtDue | None = None,
        *,
        listener: Model | None = None,
        budgets: Budgets | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Take the model that speaks, a clock, makers of ids and readers, and who is told of due.

        `at_due` left out, nobody is told when a session is due; its record says so all the same.
        Without a `listener` that decides, patterns hear what is asked; without `budgets` nothing
        that is spent stops anything; without a `journal` a call that its process did not outlive
        is in no ledger.
        """
        self._speaker = Speaker(persona, journal)
        self._journal = journal
        self._model = persona.name
        hears = listener is not None and listener.limits.decides
        self._listener = Listener(chain_of(listener)) if listener and hears else None
        self._budgets = budgets
        self._now = now
        self._id = id_of
        self._at_due = at_due
        self._readers = Readers(reader_of)
        self._loaded = False
        self._frozen: dict[str, Scenario] = {}
        self._remembered = Remembered()

    async def start(
        self,
        tx: Transaction,
        scenario: Scenario,
        *,
        people: Mapping[str, str],
        mode: str | None = None,
        language: str | None = None,
        seed: int | None = None,
        owner: str = "",
        platform: str = "",
    ) -> Outcome:
        """Begin a session; `people` are seat → person id, and "" means the first human seat.

        Raises:
            UnknownMode: the scenario has no such mode.
            UnknownLanguage: the scenario has no text in that language.
            NotSeated: a seat is not one that people take.
        """
        mode = mode_named(scenario, mode)
        language = language or scenario.languages[0]
        if language not in scenario.languages:
            raise UnknownLanguage(language)
        open_seats = human_seats(scenario, mode)
        if not open_seats:
            raise NotSeated("no seat for people")
        seats = tuple((seat or open_seats[0], person) for seat, person in people.items())
        if any(seat not in open_seats for seat, _ in seats):
            raise NotSeated("seat")
        scenario_hash = hash_of(scenario)
        given = Start(
            at=self._now(),
            scenario_hash=scenario_hash,
            mode=mode,
            language=language,
            seed=secrets.randbelow(2**31) if seed is None else seed,
            seats=seats,
            model=self._model,
            platform=platform,
        )
        happened = decide(scenario, State(), given)
        self._readers.expect(scenario_hash, scenario)
        return await self._keep(tx, scenario, happened, owner)

    def expect(self, scenario_hash: str, scenario: Scenario) -> None:
        """Have the next `prepare` learn to read a scenario."""
        self._readers.expect(scenario_hash, scenario)

    async def prepare(self) -> None:
        """Learn to read what is expected, as sessions that began here, before anybody asks.

        Left out, the first message of a scenario waits for it, some seconds at worst.
        """
        await self._load()
        await self._readers.prepare()

    async def ready(self, turn: OpenTurn) -> None:
        """Load what a turn needs, which can take seconds the first time in a process.

        Left out, `think` and `speak` do it, and the turn's time passes meanwhile.
        """
        await self._load()
        await self._readers.of(turn.state.scenario_hash, turn.scenario)

    async def _load(self) -> None:
        if not self._loaded:
            await self._speaker.prepare()
            self._loaded = True

    def learn_ahead(self, scenario: Scenario) -> None:
        """Leave what is to be learned of a scenario where its reader finds it, if it keeps that.

        Takes seconds, so it is for a thread beside the loop; nothing of it stays in memory.
        """
        self._readers.learned(scenario)

    async def adopt(
        self, tx: Transaction, scenario: Scenario, log: Sequence[ev.Event], *, owner: str = ""
    ) -> Outcome:
        """Keep a log that was made elsewhere, as by a rehearsal, as a session of its own.

        Raises:
            NotAllowedNow: it does not begin with a start of this very scenario.
        """
        first = log[0] if log else None
        if not isinstance(first, ev.Started) or first.scenario_hash != hash_of(scenario):
            raise NotAllowedNow("a log begins with a start of its scenario")
        return await self._keep(tx, scenario, log, owner)

    async def _keep(
        self, tx: Transaction, scenario: Scenario, log: Sequence[ev.Event], owner: str
    ) -> Outcome:
        state = fold(scenario, log)
        now = self._now()
        await scenarios.put(
            tx,
            hash_=state.scenario_hash,
            scenario_id=scenario.id,
            version=scenario.version,
            body=body_of(scenario),
            at=now,
        )
        session = await sessions.create(
            tx,
            session_id=self._id(),
            scenario_id=scenario.id,
            scenario_hash=state.scenario_hash,
            mode=state.mode,
            language=state.language,
            seed=state.seed,
            owner=owner,
            at=state.started_at or now,
        )
        return await self._append(tx, session, scenario, State(), log)

    async def open_turn(self, tx: Transaction, session_id: str, said: Said) -> OpenTurn:
        """Read what a turn needs: the folded state, its seq, the scenario as it was at the start.

        Raises:
            NoSession: there is no such session.
            SessionEnded: the session takes no more turns.
            SessionPaused: it rests.
            NotSeated: the person has no seat in it.
            EmptyMessage: nothing readable was said.
            MessageTooLong: no message is short enough for the scenario.
            AlreadyStored: the log has one of the messages.
            SequenceTaken: somebody wrote to this session while it was read.
        """
        session = await _unless_known(tx, session_id, said)
        scenario = await self.scenario(tx, session.scenario_hash)
        state = await self._state(tx, session, scenario)
        session.require_end(state.seq)
        if state.over:
            raise SessionEnded(session_id)
        if state.status == "paused":
            raise SessionPaused(session_id)
        seat = state.seat_of(said.person)
        if seat is None:
            raise NotSeated(f"session {session_id}")
        said, too_long = readable(scenario, said)
        return OpenTurn(
            session=session,
            scenario=scenario,
            state=state,
            said=said,
            seat=seat,
            left=await self._left(tx, session, said.person),
            too_long=too_long,
        )

    async def _left(self, tx: Transaction, session: SessionRecord, person: str) -> int | None:
        if self._budgets is None:
            return None
        spent = await spending.spent(
            tx, session_id=session.id, person=person, owner=session.owner, at=self._now()
        )
        return self._budgets.left(spent)

    async def think(
        self, turn: OpenTurn, deadline: Deadline | None = None, cut: Cut | None = None
    ) -> ThoughtTurn:
        """Decide what the words did, and what the character is to know. Stores nothing.

        Once `cut`, no model is waited for: it stands what the patterns made of the words.
        """
        reader = await self._readers.of(turn.state.scenario_hash, turn.scenario)
        read, now = readings(turn, reader), self._now()
        tab = Tab(kind="classify", at=now, left=turn.left)
        if self._listener is not None:
            if self._journal is not None:
                tab.announce = partial(self._journal.begin, turn.session.id)
            hearing = self._listener.hear(reader, turn, read, deadline or Deadline(), tab)
            read = await (hearing if cut is None else cut.unless(hearing, read))
        return think(turn, read, now, tab.calls)

    async def speak(
        self,
        thought: ThoughtTurn,
        deadline: Deadline,
        show: Show | None = None,
        cut: Cut | None = None,
    ) -> Spoken:
        """Let the character answer; see `engine.speaking.Speaker.speak`. `cut` may end it early."""
        if cut is not None:
            return await cut.spoken(self._speaker, thought, deadline, show)
        return await self._speaker.speak(thought, deadline, show)

    async def close_turn(self, tx: Transaction, thought: ThoughtTurn, spoken: Spoken) -> Outcome:
        """Append the turn at the seq that was read. Call it exactly once.

        Raises:
            SequenceTaken: another worker wrote to this session meanwhile; discard the turn.
        """
        at = self._now()
        events = (*thought.happened, *closing(thought, spoken, at))
        outcome = await self._append(
            tx, thought.turn.session, thought.turn.scenario, thought.turn.state, events
        )
        calls = (*thought.calls, *spoken.calls)
        # To append is to keep the session.
        await ledger.append(tx, thought.turn.session.id, calls, held=bool(outcome.events))
        cut_silent = spoken.cut and not spoken.text
        return replace(outcome, cut_silent=cut_silent, too_long=thought.turn.too_long)

    async def apply(
        self, tx: Transaction, session_id: str, make: Callable[[State, datetime], Input]
    ) -> Outcome:
        """Do one thing to a session: act, use a tool, hint, pause, resume, inject, finish, tick.

        `make` gets the state as it stands and the time, and returns the input.

        Raises:
            NoSession: there is no such session.
            NotAllowedNow: the step is not possible as the session stands.
            UnknownAction: nothing that can be ordered or submitted was recognised.
            SequenceTaken: another worker wrote to this session meanwhile.
        """
        session, scenario, state = await self.read(tx, session_id)
        session.require_end(state.seq)
        happened = decide(scenario, state, make(state, self._now()))
        return await self._append(tx, session, scenario, state, happened)

    async def read(self, tx: Transaction, session_id: str) -> tuple[SessionRecord, Scenario, State]:
        """A session with its frozen scenario and its folded state.

        Where somebody writes to it meanwhile, the state may be further than the head.

        Raises:
            NoSession: there is no such session.
        """
        session = await sessions.get(tx, session_id)
        scenario = await self.scenario(tx, session.scenario_hash)
        return session, scenario, await self._state(tx, session, scenario)

    async def _state(self, tx: Transaction, session: SessionRecord, scenario: Scenario) -> State:
        state = self._remembered.of(session)
        if state.seq == session.seq and state.seq:
            return state
        return fold(scenario, await event_rows.of_session(tx, session.id, state.seq), state)

    def remember(self, outcome: Outcome) -> None:
        """Spare the next turn of a session the reading of its log. Call it after the commit."""
        self._remembered.keep(outcome.session, outcome.state)

    async def scenario(self, tx: Transaction, scenario_hash: str) -> Scenario:
        """A scenario as it was when a session began with it.

        Raises:
            NoScenarioVersion: it was never kept.
        """
        frozen = self._frozen.get(scenario_hash)
        if frozen is None:
            frozen = from_body(await scenarios.body(tx, scenario_hash))
            self._frozen[scenario_hash] = frozen
        return frozen

    async def known(self, tx: Transaction, session_id: str, event_id: str) -> int | None:
        """The seq of what a platform knows as `event_id`, or None."""
        return await event_rows.by_external(tx, session_id, event_id)

    async def _append(
        self,
        tx: Transaction,
        session: SessionRecord,
        scenario: Scenario,
        before: State,
        events: Sequence[ev.Event],
    ) -> Outcome:
        state = fold(scenario, events, before)
        now = self._now()
        if not events:
            # Time that passed without a change is over as well: it must not come due again.
            if session.due is not None and session.due <= now:
                due = next_due(scenario, state, after=now)
                await sessions.set_due(tx, session.id, due, at_seq=before.seq)
                await self._tell_due(tx, session, due, now)
            return Outcome(session=session, scenario=scenario, events=(), state=state)
        head = Head(
            status=state.status,
            phase=state.phase,
            started_at=state.started_at,
            completed_at=state.ended_at if state.over else None,
            due=next_due(scenario, state),
        )
        moved = await event_rows.append_with_head(tx, session, events=events, head=head, at=now)
        await self._tell_due(tx, session, head.due, now)
        session = moved
        return Outcome(session=session, scenario=scenario, events=tuple(events), state=state)

    async def wake(self, tx: Transaction, session_id: str, due: datetime) -> None:
        """Have time pass in a session at `due`, by whoever is told of that."""
        if self._at_due is not None:
            await self._at_due(tx, session_id, due, self._now())

    async def _tell_due(
        self, tx: Transaction, before: SessionRecord, due: datetime | None, now: datetime
    ) -> None:
        told = before.due
        if due is not None and (told is None or told <= now or due < told):
            await self.wake(tx, before.id, due)


async def _unless_known(tx: Transaction, session_id: str, said: Said) -> SessionRecord:
    """The head of a session whose log has none of these messages."""
    first, *more = [event_id for _, event_id in said.messages if event_id] or [""]
    session, seq = await sessions.get_with_known(tx, session_id, first)
    for event_id in more:
        if seq is None:
            seq = await event_rows.by_external(tx, session_id, event_id)
    if seq is not None:
        raise AlreadyStored(session_id, seq)
    return session
