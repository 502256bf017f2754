"""Tests of a scenario: short scripted dialogues with what must come of them."""

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario.base import Line, Minutes, Part, Slug


class Step(Part):
    """One thing the scripted trainee does: exactly one of its keys, `args` aside."""

    say: Line | None = None
    order: Line | None = None
    submit: Line | None = None
    command: Literal["next", "hint", "pause", "resume", "end"] | None = None
    tool: Slug | None = None
    args: dict[Slug, str] = {}
    wait_minutes: Minutes | None = None


class ScoreRange(Part):
    """Overall points, 0 to 100, over what code can score."""

    min: Annotated[int, Field(ge=0, le=100)] = 0
    max: Annotated[int, Field(ge=0, le=100)] = 100


class Expected(Part):
    """What must hold when the script is done."""

    opened: tuple[Slug, ...] = ()
    sealed: Literal["all"] | tuple[Slug, ...] = Field(
        default=(),
        description="Facts that must not have opened; `all` for every fact sealed at the start.",
    )
    said: tuple[Slug, ...] = ()
    released: tuple[Slug, ...] = ()
    phase: Slug | None = None
    status: Literal["in_progress", "paused", "completed", "abandoned"] | None = None
    score: ScoreRange | None = None


class Trial(Part):
    """A scripted dialogue. That no sealed fact's words come out is checked in every one."""

    id: Slug
    kind: Literal["expert", "shortcut", "attack"]
    mode: Slug | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    expect: Expected
