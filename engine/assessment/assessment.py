"""Assessment: evaluations of sessions, kept version by version, and the feedback on them.

Scoring with a judge is three calls, so that no transaction is open while a model thinks: `open`
reads, `judge` asks, `close` stores. `evaluate` is the same without asking, in one call. A debrief
by a coach goes alike: `debrief` has templates at once, `coach` asks, `keep_debrief` stores.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from engine.assessment.branches import Branches
from engine.assessment.coach import Coach
from engine.assessment.coaching import from_templates
from engine.assessment.debrief import TEMPLATES, Debrief
from engine.assessment.debrief import from_body as debrief_of
from engine.assessment.debrief import to_body as body_of
from engine.assessment.errors import NoEvaluation
from engine.assessment.evaluation import Evaluation, Score, from_json, to_body
from engine.assessment.judging import Judge
from engine.assessment.opened import NOTHING, Coached, Judged, Opened
from engine.assessment.opinions import Opinions
from engine.assessment.party import Party, party_of
from engine.assessment.record import read as record_of
from engine.assessment.ruling import rulings
from engine.assessment.scoring import evaluate, unscored
from engine.assessment.source import Read
from engine.calls import Journal
from engine.llm.budget import Budgets
from engine.llm.port import Deadline, Model
from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction, disputes, evaluations, ledger, ratings, spending
from engine.store import events as event_rows
from engine.store.evaluations import StoredEvaluation
from engine.store.sessions import SessionRecord, hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One stored evaluation; the highest number is the official one."""

    number: int
    evaluation: Evaluation
    at: datetime


class Assessment(Opinions, Branches):
    """Scores sessions, and keeps what is said about the scores. Holds no session's state."""

    def __init__(
        self,
        read: Read,
        now: Callable[[], datetime],
        *,
        judge: Model | None = None,
        coach: Model | None = None,
        id_of: Callable[[], str] = lambda: uuid4().hex,
        budgets: Budgets | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Take a reader of sessions, a clock, and the models that judge and coach, if any.

        Without `budgets` nothing limits what these cost; for `journal` see `Simulation`.
        """
        super().__init__(read, now, id_of)
        self._budgets = budgets
        decides = judge is not None and judge.limits.decides
        self._judge = Judge(judge, now, journal=journal) if judge is not None and decides else None
        decides = coach is not None and coach.limits.decides
        self._coach = Coach(coach, now, journal=journal) if coach is not None and decides else None

    async def party(self, tx: Transaction, session_id: str) -> Party:
        """Who is in a session, and whose score each of them gets; nobody where there is none."""
        return party_of(await event_rows.of_session(tx, session_id))

    async def players(self, tx: Transaction, session_id: str) -> tuple[str, ...]:
        """Whose scores a session has: in one of several each their own who played, else "".

        Nobody's where there are several, and none of them said or did anything.
        """
        found = await self.party(tx, session_id)
        return found.played if found.several else ("",)

    async def open(self, tx: Transaction, session_id: str, person: str = "") -> Opened:
        """Read all that judging needs.

        `person`: whose score it is to be, where several are in it; without, and for somebody who
        is not in it, it is that of the session as a whole. Who did nothing has nothing scored.

        Raises:
            NoSession: there is no such session.
        """
        session, scenario, state = await self._read(tx, session_id)
        log = await event_rows.of_session(tx, session_id)
        person = party_of(log).score_of(person)
        record = record_of(scenario, log, state, person)
        stored = await evaluations.latest(tx, session_id, person)
        official = _opened(stored) if stored else None
        known = _judged_before(scenario, official, record.through) if official else {}
        return Opened(
            session_id=session_id,
            scenario=scenario,
            log=log,
            state=state,
            record=record,
            known=known,
            version=stored.version if stored else 0,
            evaluation=official,
            left=await self._left(tx, session, state),
            person=person,
        )

    async def _left(self, tx: Transaction, session: SessionRecord, state: State) -> int | None:
        """What may still be spent: on the session, by each of its people and their workspace."""
        if self._budgets is None or (self._judge is None and self._coach is None):
            return None
        at, found = self._now(), list[int]()
        for person in {one for seat in state.people.values() for one in seat} or {""}:
            spent = await spending.spent(
                tx, session_id=session.id, person=person, owner=session.owner, at=at
            )
            if (left := self._budgets.left(spent)) is not None:
                found.append(left)
        return min(found, default=None)

    async def judge(self, opened: Opened, deadline: Deadline) -> Judged:
        """Ask the judge about every judged criterion. Takes long.

        Nothing without a judge, and while the session still runs: what is paid for is asked once.
        Never raises `ModelUnavailable`: what could not be judged is left unscored, with a reason.
        """
        if self._judge is None or not opened.state.over:
            return NOTHING
        return await self._judge.judge(opened, deadline)

    async def close(
        self, tx: Transaction, opened: Opened, judged: Judged = NOTHING
    ) -> tuple[int, Evaluation]:
        """Store what code and the judge found; the version and the evaluation.

        Where the log has grown meanwhile, what the judge said is left out: it read another one.

        Raises:
            NoSession: there is no such session.
        """
        # Held first, so that of two at the same time the second sees what the first has stored.
        await hold(tx, opened.session_id)
        await ledger.append(tx, opened.session_id, judged.calls)
        now = await self.open(tx, opened.session_id, opened.person)
        if now.record.through == opened.record.through:
            now = replace(now, known={**now.known, **judged.scores})
        return await self._store(tx, now, judged.judge)

    async def evaluate(
        self, tx: Transaction, session_id: str, person: str = ""
    ) -> tuple[int, Evaluation]:
        """Score a session as its log stands now, without asking a model; version and evaluation.

        `person` as in `open`.

        What a judge said of this very log before still counts. A new version is stored only where
        something came out differently from the latest one. Earlier versions stay. A session may be
        scored while it still runs.

        Raises:
            NoSession: there is no such session.
        """
        await hold(tx, session_id)
        return await self._store(tx, await self.open(tx, session_id, person), "")

    async def _store(self, tx: Transaction, opened: Opened, judge: str) -> tuple[int, Evaluation]:
        session_id = opened.session_id
        latest = await evaluations.latest(tx, session_id, opened.person)
        before = _opened(latest) if latest else None
        kept = before.judge if before and opened.known and not judge else judge
        decided = (
            opened.scenario.rubric.criteria,
            await disputes.of_session(tx, session_id),
            await ratings.of_session(tx, session_id),
            await evaluations.participants(tx, session_id),
        )
        found = evaluate(
            opened.scenario,
            opened.log,
            opened.state,
            judged=opened.known,
            judge=kept,
            ruled=rulings(*decided, opened.person),
            person=opened.person,
            ruled_together=rulings(*decided),
        )
        if latest and before and replace(before, through=found.through) == found:
            return latest.version, before
        version = await evaluations.append(
            tx,
            session_id,
            rubric_hash=found.rubric_hash,
            scenario_hash=found.scenario_hash,
            body=to_body(found),
            at=self._now(),
            participant=opened.person,
        )
        return version, found

    async def latest(
        self, tx: Transaction, session_id: str, person: str = ""
    ) -> tuple[int, Evaluation] | None:
        """The official evaluation, which is the last; None for a session never evaluated.

        `person` as in `open`: of several it is theirs or none, never that of all of them.
        """
        whose = (await self.party(tx, session_id)).score_of(person) if person else ""
        stored = await evaluations.latest(tx, session_id, whose)
        return (stored.version, _opened(stored)) if stored else None

    async def versions(self, tx: Transaction, session_id: str) -> tuple[Version, ...]:
        """Every evaluation of a session as a whole, first to last; the last is the official one."""
        return tuple(
            Version(number=one.version, evaluation=_opened(one), at=one.at)
            for one in await evaluations.of_session(tx, session_id)
        )

    async def debrief(
        self, tx: Transaction, session_id: str, version: int | None = None
    ) -> Debrief:
        """Feedback on a version, by default the official one: the coach's, else from templates.

        Raises:
            NoSession: there is no such session.
            NoEvaluation: it was never scored, or not in that version.
        """
        stored = (
            await evaluations.latest(tx, session_id)
            if version is None
            else await evaluations.get(tx, session_id, version)
        )
        opened = await self.open(tx, session_id, stored.participant if stored else "")
        if stored is None:
            raise NoEvaluation(session_id)
        if (body := await evaluations.debrief(tx, session_id, stored.version)) is not None:
            return debrief_of(body)
        return from_templates(
            opened.scenario,
            _opened(stored),
            opened.record,
            session_id=session_id,
            version=stored.version,
        )

    async def coach(self, opened: Opened, debrief: Debrief, deadline: Deadline) -> Coached:
        """The debrief in a coach's words; takes long. Without a coach, or a failed one, as given.

        Every quote in it stands verbatim in what the trainee said. `opened` was read when `debrief`
        was: of another version of the score nothing is asked.
        """
        evaluation = opened.evaluation
        if self._coach is None or evaluation is None or opened.version != debrief.version:
            return Coached(debrief=debrief)
        if debrief.by != TEMPLATES:  # it was paid for
            return Coached(debrief=debrief)
        return await self._coach.coach(opened, evaluation, debrief, deadline)

    async def keep_debrief(self, tx: Transaction, coached: Coached) -> None:
        """Keep a coach's debrief; `debrief` has it from then on.

        Raises:
            NoSession: there is no such session any more.
        """
        made = coached.debrief
        await hold(tx, made.session_id)
        await ledger.append(tx, made.session_id, coached.calls)
        if made.by != TEMPLATES:
            await evaluations.put_debrief(
                tx, made.session_id, made.version, body_of(made), at=self._now()
            )


def _opened(stored: StoredEvaluation) -> Evaluation:
    return from_json(
        stored.body, rubric_hash=stored.rubric_hash, scenario_hash=stored.scenario_hash
    )


def _judged_before(scenario: Scenario, evaluation: Evaluation, through: int) -> dict[str, Score]:
    """What a judge said, as long as there is nothing new to judge and the criteria are the same."""
    if evaluation.through != through:
        return {}
    blank = {one.id: unscored(one, "") for one in scenario.rubric.criteria}
    return {
        one.id: one
        for one in evaluation.criteria
        if one.by == "judge" and one.id in blank and _same(one, blank[one.id])
    }


def _same(one: Score, other: Score) -> bool:
    return (one.label, one.max, one.weight) == (other.label, other.max, other.weight)
