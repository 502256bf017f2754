"""An evaluation: what each criterion got, and the words or deeds that earned it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

Kind = Literal["checklist", "deterministic", "judged", "metric", "human"]
Status = Literal["scored", "unscored", "human"]
Body = dict[str, Any]
"""An evaluation as JSON values; the stored form."""

_HASHES = ("rubric_hash", "scenario_hash")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A whole score card.

    `overall` is 0 to 100 over what was scored, or None where nothing was. `coverage` is the share
    of the rubric's weight that was scored, 0 to 1.
    """

    overall: int | None
    coverage: float
    passed: bool
    criteria: tuple[Score, ...]
    rubric_hash: str
    scenario_hash: str


_ADAPTER = TypeAdapter(Evaluation)


def as_json(evaluation: Evaluation) -> Body:
    """The evaluation as JSON values, without the hashes, which are columns."""
    body: Body = _ADAPTER.dump_python(evaluation, mode="json", exclude=set(_HASHES))
    return body


def from_json(body: Mapping[str, Any], *, rubric_hash: str, scenario_hash: str) -> Evaluation:
    """The evaluation that `as_json` wrote."""
    return _ADAPTER.validate_python(
        {**body, "rubric_hash": rubric_hash, "scenario_hash": scenario_hash}
    )
