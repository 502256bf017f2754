"""Assessment: evaluations of sessions, kept version by version."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from engine.assessment.evaluation import Evaluation, as_json, from_json
from engine.assessment.scoring import evaluate
from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction, evaluations
from engine.store import events as event_rows
from engine.store.evaluations import StoredEvaluation
from engine.store.sessions import SessionRecord, hold

Read: TypeAlias = Callable[[Transaction, str], Awaitable[tuple[SessionRecord, Scenario, State]]]
"""Reads a session with its frozen scenario and its folded state; `Simulation.read` does."""


class Assessment:
    """Scores sessions. Holds no session's state."""

    def __init__(self, read: Read, now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now

    async def evaluate(self, tx: Transaction, session_id: str) -> tuple[int, Evaluation]:
        """Score a session as its log stands now; the version and the evaluation.

        A new version is stored only where something came out differently from the latest one.
        Earlier versions stay. A session may be scored while it still runs.

        Raises:
            NoSession: there is no such session.
        """
        # Held first, so that of two at the same time the second sees what the first has stored.
        await hold(tx, session_id)
        session, scenario, state = await self._read(tx, session_id)
        log = await event_rows.of_session(tx, session_id)
        evaluation = evaluate(scenario, log, state)
        stored = await evaluations.latest(tx, session_id)
        if stored is not None and _opened(stored) == evaluation:
            return stored.version, evaluation
        version = await evaluations.append(
            tx,
            session.id,
            rubric_hash=evaluation.rubric_hash,
            scenario_hash=evaluation.scenario_hash,
            body=as_json(evaluation),
            at=self._now(),
        )
        return version, evaluation

    async def latest(self, tx: Transaction, session_id: str) -> tuple[int, Evaluation] | None:
        """The official evaluation, which is the last; None for a session never evaluated."""
        stored = await evaluations.latest(tx, session_id)
        return (stored.version, _opened(stored)) if stored else None


def _opened(stored: StoredEvaluation) -> Evaluation:
    return from_json(
        stored.body, rubric_hash=stored.rubric_hash, scenario_hash=stored.scenario_hash
    )
