"""Rubric: what a good conversation holds, and how each point is evidenced."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from engine.scenario.base import Bounds, Line, Lines, Minutes, Part, Slug

MetricName = Literal[
    "talk_share",
    "open_question_share",
    "questions",
    "words_a_turn",
    "reading_grade",
    "reflection_ratio",
    "adherent_share",
    "jargon",
    "turns",
    "minutes",
]


class Metric(Bounds):
    """A figure of the transcript, within bounds."""

    name: MetricName


class Number(Part):
    """A number that the trainee works out from exhibits and says."""

    is_: Annotated[Lines, Field(alias="is", min_length=1)] = Field(
        description="Formulas over figures of exhibits, one of which it comes to, as "
        "`pnl[Profit, 2024] - pnl[Profit, 2025]`."
    )
    unit: Literal["", "thousand", "million", "billion", "percent"] = ""
    within: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.02, description="The share by which it may be off."
    )


class Evidence(Part):
    """What earns the points. Everything named must hold; `asked_any` needs one of its facts."""

    asked_any: tuple[Slug, ...] = ()
    asked_all: tuple[Slug, ...] = ()
    disclosed: tuple[Slug, ...] = Field(
        default=(), description="Facts that were said after being asked for."
    )
    action: Slug | None = None
    before_minutes: Minutes | None = None
    world: dict[Literal["appointments", "orders", "tickets"], tuple[dict[Slug, str], ...]] = {}
    metric: Metric | None = None
    number: tuple[Number, ...] = Field(
        default=(), description="The trainee said one of these numbers, before any character did."
    )
    phrase: Lines = Field(default=(), description="The trainee said one of these.")
    signal: Slug | None = None
    at_least: Annotated[int, Field(ge=1)] = Field(
        default=1, description="How often the signal is needed."
    )


PackCriterion = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*/[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$",
        max_length=121,
    ),
]
"""A criterion of a rubric pack, as `clinical-interview/empathy`."""


def _with_use(schema: dict[str, Any]) -> None:
    """In a file, a criterion of a pack leaves out what it takes over."""
    schema["anyOf"] = [{"required": ["use"]}, {"required": schema.pop("required")}]


class Criterion(Part):
    """One line of the score card."""

    model_config = ConfigDict(json_schema_extra=_with_use)

    use: PackCriterion | None = Field(
        default=None,
        description="A criterion of a rubric pack, as `clinical-interview/empathy`, of which "
        "everything is taken over that is not said here.",
    )
    id: Slug
    label: Line
    kind: Literal["checklist", "deterministic", "judged", "metric", "human"]
    weight: Annotated[int, Field(ge=0, le=100)]
    evidence: Evidence | None = None
    anchors: dict[Annotated[int, Field(ge=1, le=5)], Line] = {}
    without_judge: Evidence | None = Field(
        default=None,
        description="What code counts for a judged criterion where no model judges; leave it out "
        "where counting would say nothing.",
    )
    quotes_required: Annotated[int, Field(ge=0, le=5)] = 0
    critical_fail: bool = Field(default=False, description="Missing it fails the whole session.")
    advice: str = Field(
        default="",
        description="What would have earned it, told afterwards, with what it gives away.",
    )
    goal: str = Field(
        default="",
        description="How it reads among the goals that a trainee sees before the start, where the "
        "label would give away what is to be done.",
    )
    hint: str = Field(
        default="", description="A question that leads towards it, for a hint. No sealed fact."
    )


class GlobalRating(Part):
    """An examiner's overall impression."""

    label: Line
    levels: Annotated[Lines, Field(min_length=2)]


ReleasePolicy = Literal["at_once", "after_review"]
"""When a trainee sees the score: as soon as it is there, or once an instructor let them."""


class Rubric(Part):
    """All criteria; their weights sum to 100."""

    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    pass_: Annotated[int, Field(alias="pass", ge=0, le=100)] = 60
    global_rating: GlobalRating | None = None
    instrument: str = ""
    hint_cost: Annotated[int, Field(ge=0, le=20)] = Field(
        default=0, description="Points of the overall 100 that each hint takes off."
    )
    release: ReleasePolicy = Field(
        default="at_once", description="Whether an instructor looks at the score first."
    )
