"""A debrief: what went well, what would have scored, and what to do next. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from engine.assessment.evaluation import Evidence

TEMPLATES = "templates"
"""Who wrote a debrief that no model wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Something that went well, or that would have gone better."""

    criterion: str
    label: str
    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What a criterion would still have given. `worth` is in points of the overall 100."""

    criterion: str
    label: str
    points: int
    max: int
    worth: float
    would_have: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasing:
    """A line of the trainee's, word for word, and another way to say it."""

    evidence: Evidence
    better: str
    why: str
    criterion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Something to practise. `drill`: a short session on this criterion can be had."""

    criterion: str
    label: str
    text: str
    drill: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """Feedback on one version of an evaluation.

    Attributes:
        plus: what went well, the weightiest first.
        delta: what would have gone better, the weightiest first.
        would_have_scored: every criterion with points left, the most worth first.
        weakest: the criterion that a drill or a follow-up is best about, if any is left.
        by: `TEMPLATES`, or the name of the model that wrote it.
    """

    session_id: str
    version: int
    summary: str
    plus: tuple[Point, ...] = ()
    delta: tuple[Point, ...] = ()
    would_have_scored: tuple[Missed, ...] = ()
    phrasings: tuple[Phrasing, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    next_steps: tuple[str, ...] = ()
    weakest: str | None = None
    by: str = TEMPLATES


_ADAPTER = TypeAdapter(Debrief)


def to_body(debrief: Debrief) -> dict[str, Any]:
    """The debrief as JSON values; the stored form."""
    body: dict[str, Any] = _ADAPTER.dump_python(debrief, mode="json")
    return body


def from_body(body: Mapping[str, Any]) -> Debrief:
    """The debrief that `to_body` wrote."""
    return _ADAPTER.validate_python(body)
