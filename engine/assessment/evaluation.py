"""An evaluation: what each criterion got, and the words or deeds that earned it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from engine.assessment.errors import NoEvaluation

Kind = Literal["checklist", "deterministic", "judged", "metric", "human"]
Status = Literal["scored", "unscored", "human"]
By = Literal["code", "judge", "instructor"]
Body = dict[str, Any]
"""An evaluation as JSON values; the stored form."""

_HASHES = frozenset({"rubric_hash", "scenario_hash"})
_ASIDE = {"through", "judge", "hints", "hint_cost"}
_ASIDE_OF_SCORES = {"by", "votes", "shared", "by_another"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a person said or did at a seq of the log, word for word."""

    seq: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One line of the score card.

    `points` are whole points out of `max`, and None unless the status is `scored`: what cannot be
    judged is no zero. `reason` is one or two sentences for the trainee; it names no fact.

    Attributes:
        by: who scored it, or would have.
        votes: what a judge said each time it was asked, None where it could not say.
        shared: it is about what a group did together, so that all of them have it.
        by_another: the group as a whole met it in full.
    """

    id: str
    label: str
    kind: Kind
    status: Status
    points: int | None
    max: int
    weight: int
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    by: By = "code"
    votes: tuple[int | None, ...] = ()
    shared: bool = False
    by_another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A whole score card.

    `overall` is 0 to 100 over what was scored, or None where nothing was. `coverage` is the share
    of the rubric's weight that was scored, 0 to 1.

    Attributes:
        through: the last seq of the log that could be judged: words, deeds and replies.
        judge: the model that judged, empty for none.
        hints: how many hints were taken.
        hint_cost: the points of `overall` that they took off.
    """

    overall: int | None
    coverage: float
    passed: bool
    criteria: tuple[Score, ...]
    rubric_hash: str
    scenario_hash: str
    through: int = 0
    judge: str = ""
    hints: int = 0
    hint_cost: int = 0

    def score_of(self, criterion: str) -> Score | None:
        """The line of a criterion, or None for one that the rubric has not."""
        return next((one for one in self.criteria if one.id == criterion), None)


_ADAPTER = TypeAdapter(Evaluation)


def as_json(evaluation: Evaluation) -> Body:
    """The score card as others read it: JSON values, without hashes and without how it came."""
    body = to_body(evaluation)
    scores = [
        {name: value for name, value in score.items() if name not in _ASIDE_OF_SCORES}
        for score in body["criteria"]
    ]
    rest = {name: value for name, value in body.items() if name not in _ASIDE}
    return {**rest, "criteria": scores}


def to_body(evaluation: Evaluation) -> Body:
    """Everything but the hashes, which are columns; `from_json` reads it again."""
    body: Body = _ADAPTER.dump_python(evaluation, mode="json", exclude=set(_HASHES))
    return body


def from_json(body: Mapping[str, Any], *, rubric_hash: str, scenario_hash: str) -> Evaluation:
    """The evaluation that `to_body` wrote; what an older release left out has its default."""
    return _ADAPTER.validate_python(
        {**body, "rubric_hash": rubric_hash, "scenario_hash": scenario_hash}
    )


def id_of(session_id: str, version: int) -> str:
    """The id of an evaluation, as the outside knows it."""
    return f"{session_id}-{version}"


def parsed_id(evaluation_id: str) -> tuple[str, int]:
    """The session and the version of an evaluation's id.

    Raises:
        NoEvaluation: it is no such id.
    """
    session_id, _, version = evaluation_id.rpartition("-")
    if not session_id or not (version.isascii() and version.isdigit()):
        raise NoEvaluation("malformed id")
    return session_id, int(version)
