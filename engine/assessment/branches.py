"""Branches and drills of sessions, as they are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.assessment.branching import branched, turns_in
from engine.assessment.drills import Drill, drill_of
from engine.assessment.evaluation import Evaluation
from engine.assessment.moments import Moment, moments
from engine.assessment.record import read as record_of
from engine.assessment.source import Read, Source
from engine.director import next_due
from engine.session import fold
from engine.store import Transaction, origins, sessions
from engine.store import events as event_rows
from engine.store.origins import Origin
from engine.store.sessions import Head, SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Branched:
    """A session that was branched off. Its log equals its origin's up to `through`."""

    session: SessionRecord
    origin: str
    turn: int
    through: int


class Branches(Source):
    """Makes sessions out of others. The others stay as they are."""

    def __init__(self, read: Read, now: Callable[[], datetime], id_of: Callable[[], str]) -> None:
        super().__init__(read, now)
        self._id = id_of

    async def branch(
        self, tx: Transaction, session_id: str, turn: int, *, person: str, criterion: str = ""
    ) -> Branched:
        """A new session that stands where `session_id` stood before the trainee's turn `turn`.

        Turns count from 1. The clock goes on as it stood then, whatever time has passed since.
        `criterion`: what it is tried again for, which is kept with where it comes from.

        Raises:
            NoSession: there is no such session.
            NoTurn: it has not so many turns.
        """
        record, scenario, _ = await self._read(tx, session_id)
        log = await event_rows.of_session(tx, session_id)
        at = self._now()
        grown = branched(scenario, log, turn, person=person, at=at)
        made = await sessions.create(
            tx,
            session_id=self._id(),
            scenario_id=record.scenario_id,
            scenario_hash=record.scenario_hash,
            mode=record.mode,
            language=record.language,
            seed=record.seed,
            owner=record.owner,
            at=at,
        )
        await event_rows.append(tx, made, grown)
        state = fold(scenario, grown)
        head = Head(
            status=state.status,
            phase=state.phase,
            started_at=state.started_at,
            completed_at=None,
            due=next_due(scenario, state),
        )
        made = await sessions.set_head(tx, made.id, head, at=at)
        through = turns_in(log)[turn - 1] - 1
        found = Branched(session=made, origin=session_id, turn=turn, through=through)
        await origins.put(tx, _origin_of(found, criterion, at))
        return found

    async def moments(
        self, tx: Transaction, session_id: str, evaluation: Evaluation, person: str
    ) -> tuple[Moment, ...]:
        """Where a person branches off for each criterion of an evaluation that lost points.

        Raises:
            NoSession: there is no such session.
        """
        _, scenario, state = await self._read(tx, session_id)
        log = await event_rows.of_session(tx, session_id)
        return moments(scenario, log, record_of(scenario, log, state, person), evaluation)

    async def drill(
        self, tx: Transaction, session_id: str, criterion: str, setting: str = ""
    ) -> Drill:
        """The scenario of a session as a drill of one criterion; start a session with it.

        `setting`: the narrator's first words, in place of the scenario's own.

        Then `record_drill` keeps where that one comes from.

        Raises:
            NoSession: there is no such session.
            UnknownCriterion: its rubric has no such criterion.
        """
        _, scenario, _ = await self._read(tx, session_id)
        short = drill_of(scenario, criterion, setting)
        return Drill(scenario=short, criterion=criterion, origin=session_id)

    async def record_drill(self, tx: Transaction, session_id: str, drill: Drill) -> None:
        """Keep that `session_id` is this drill."""
        await origins.put(
            tx,
            Origin(
                session_id=session_id,
                kind="drill",
                origin=drill.origin,
                criterion=drill.criterion,
                at=self._now(),
            ),
        )

    async def origin(self, tx: Transaction, session_id: str) -> Origin | None:
        """Where a session comes from; None for one that began by itself."""
        return await origins.get(tx, session_id)

    async def grown_from(self, tx: Transaction, session_id: str) -> tuple[Origin, ...]:
        """The branches and drills of a session, oldest first."""
        return tuple(await origins.grown_from(tx, session_id))


def _origin_of(made: Branched, criterion: str, at: datetime) -> Origin:
    return Origin(
        session_id=made.session.id,
        kind="branch",
        origin=made.origin,
        origin_seq=made.through,
        criterion=criterion,
        at=at,
    )
