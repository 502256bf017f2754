"""Second opinions: disputes, ratings by people, and when a score may be seen."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from engine.assessment.errors import (
    AlreadyDisputed,
    BadRating,
    DisputeClosed,
    NoDispute,
    NoEvaluation,
    NoReason,
    UnknownCriterion,
)
from engine.assessment.evaluation import Evaluation, parsed_id
from engine.assessment.scoring import highest
from engine.assessment.source import Source
from engine.scenario import Scenario
from engine.scenario.rubric import ReleasePolicy
from engine.store import Transaction, disputes, evaluations, ratings, releases
from engine.store.disputes import Dispute
from engine.store.ratings import OVERALL, Rating
from engine.store.releases import Released
from engine.store.sessions import hold


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseState:
    """Whether the trainee may see the score, and who let them where the policy is to wait."""

    policy: ReleasePolicy
    visible: bool
    released: Released | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One criterion as everybody sees it. Points out of `max`, None for nobody or not scored."""

    criterion: str
    label: str
    max: int
    scored: int | None
    own: int | None
    instructor: int | None

    @property
    def gap(self) -> int | None:
        """How far the trainee rates themselves above the score; below it, less than 0."""
        return None if self.own is None or self.scored is None else self.own - self.scored


class Opinions(Source, ABC):
    """What people say about scores. Everything is kept."""

    @abstractmethod
    async def evaluate(
        self, tx: Transaction, session_id: str, person: str = ""
    ) -> tuple[int, Evaluation]:
        """Score a session as its log stands now; the version and the evaluation.

        Of several who played, with a `person` that one's.
        """

    async def dispute(
        self, tx: Transaction, evaluation_id: str, criterion: str, reason: str, by: str
    ) -> Dispute:
        """Say that a criterion of an evaluation should have another score, and why.

        Raises:
            NoEvaluation: there is no such evaluation.
            UnknownCriterion: its rubric has no such criterion.
            NoReason: the reason is empty.
            AlreadyDisputed: this person's dispute of it still waits for a decision.
        """
        session_id, version = parsed_id(evaluation_id)
        stored = await evaluations.get(tx, session_id, version)
        if stored is None:
            raise NoEvaluation(evaluation_id)
        if criterion not in {one["id"] for one in stored.body["criteria"]}:
            raise UnknownCriterion(criterion)
        if not reason.strip():
            raise NoReason(criterion)
        await hold(tx, session_id)
        for one in await disputes.of_session(tx, session_id):
            if (one.criterion, one.by, one.state) == (criterion, by, "open"):
                raise AlreadyDisputed(criterion)
        made = Dispute(
            id=uuid4().hex,
            session_id=session_id,
            version=version,
            criterion=criterion,
            by=by,
            reason=reason.strip(),
            at=self._now(),
        )
        await disputes.put(tx, made)
        return made

    async def resolve(
        self, tx: Transaction, dispute_id: str, *, by: str, points: int | None, note: str = ""
    ) -> Dispute:
        """Decide on a dispute: other `points`, or None, and the score stands.

        Other points make a new version of the evaluation, and hold in every later one. Whoever
        may decide is for the caller to know.

        Raises:
            NoDispute: there is no such dispute.
            DisputeClosed: it was decided already.
            BadRating: the criterion does not give that many points.
        """
        found = await disputes.get(tx, dispute_id)
        if found is None:
            raise NoDispute(dispute_id)
        _, scenario, _ = await self._read(tx, found.session_id)
        if points is not None:
            _require_points(scenario, found.criterion, points)
        decided = replace(
            found,
            state="upheld" if points is None else "changed",
            points=points,
            resolver=by,
            note=note.strip(),
            resolved_at=self._now(),
        )
        if found.state != "open" or not await disputes.decide(tx, decided):
            raise DisputeClosed(dispute_id)
        if points is not None:
            await self.evaluate(tx, found.session_id, found.by)
        return decided

    async def disputes(self, tx: Transaction, session_id: str) -> tuple[Dispute, ...]:
        """Every dispute of a session, oldest first, with what was decided."""
        return tuple(await disputes.of_session(tx, session_id))

    async def open_disputes(
        self, tx: Transaction, owner: str, *, limit: int = 50
    ) -> tuple[Dispute, ...]:
        """What waits for a decision in a workspace, oldest first."""
        return tuple(await disputes.open_of_owner(tx, owner, limit=limit))

    async def rate_self(
        self, tx: Transaction, session_id: str, by: str, points: Mapping[str, int], note: str = ""
    ) -> None:
        """Keep how the trainee rates themselves, by criterion; it changes no score.

        The key `OVERALL` is for the whole session, 0 to 100. A later rating takes the place of an
        earlier one of the same person.

        Raises:
            NoSession: there is no such session.
            UnknownCriterion: the rubric has no such criterion.
            BadRating: a criterion does not give that many points.
        """
        await self._rate(tx, session_id, by, points, note, "self")

    async def rate_as_instructor(
        self, tx: Transaction, session_id: str, by: str, points: Mapping[str, int], note: str = ""
    ) -> tuple[int, Evaluation]:
        """Keep an instructor's rating, by criterion; the evaluation after it.

        It is the score of a criterion that people are to rate or that needs a judge, and stands
        beside the others. Raises as `rate_self`; whoever may rate is for the caller to know.
        """
        await self._rate(tx, session_id, by, points, note, "instructor")
        return await self.evaluate(tx, session_id)

    async def _rate(
        self,
        tx: Transaction,
        session_id: str,
        by: str,
        points: Mapping[str, int],
        note: str,
        source: ratings.Source,
    ) -> None:
        _, scenario, _ = await self._read(tx, session_id)
        for criterion, given in points.items():
            _require_points(scenario, criterion, given)
        at = self._now()
        made = [
            Rating(
                session_id=session_id,
                source=source,
                by=by,
                criterion=criterion,
                points=given,
                note=note.strip(),
                at=at,
            )
            for criterion, given in points.items()
        ]
        await ratings.put(tx, made)

    async def ratings(self, tx: Transaction, session_id: str) -> tuple[Rating, ...]:
        """Everybody's ratings of a session, in the order they were given."""
        return tuple(await ratings.of_session(tx, session_id))

    async def opinions(
        self, tx: Transaction, session_id: str, person: str | None = None
    ) -> tuple[Opinion, ...]:
        """The score, the trainee's own rating and the latest instructor's, by criterion.

        `person`: whose own rating, where several play; without, the latest of any of them.

        Raises:
            NoSession: there is no such session.
        """
        _, evaluation = await self.evaluate(tx, session_id, person or "")
        given: dict[tuple[str, str], int] = {}
        for one in await ratings.of_session(tx, session_id):
            if one.source != "self" or person in (None, one.by):
                given[one.source, one.criterion] = one.points
        return tuple(
            Opinion(
                criterion=one.id,
                label=one.label,
                max=one.max,
                scored=one.points,
                own=given.get(("self", one.id)),
                instructor=given.get(("instructor", one.id)),
            )
            for one in evaluation.criteria
        )

    async def release(self, tx: Transaction, session_id: str, by: str) -> bool:
        """Let the trainee see the score; False where somebody did before.

        Raises:
            NoSession: there is no such session.
        """
        await hold(tx, session_id)
        return await releases.put(tx, Released(session_id=session_id, by=by, at=self._now()))

    async def release_state(
        self, tx: Transaction, session_id: str, policy: ReleasePolicy | None = None
    ) -> ReleaseState:
        """Whether the trainee may see the score. `policy` is an assignment's, over the scenario's.

        Raises:
            NoSession: there is no such session.
        """
        _, scenario, _ = await self._read(tx, session_id)
        policy = policy or scenario.rubric.release
        released = await releases.get(tx, session_id)
        visible = policy == "at_once" or released is not None
        return ReleaseState(policy=policy, visible=visible, released=released)


_WHOLE = 100


def _require_points(scenario: Scenario, criterion: str, points: int) -> None:
    if criterion == OVERALL:
        limit = _WHOLE
    else:
        one = next((each for each in scenario.rubric.criteria if each.id == criterion), None)
        if one is None:
            raise UnknownCriterion(criterion)
        limit = highest(one)
    if not 0 <= points <= limit:
        raise BadRating(criterion, limit)
