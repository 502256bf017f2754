"""What moves a session on: conditions, phases, signals, cues, actions, modes."""

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario.base import Bounds, Line, Lines, Minutes, Moves, Part, Slug
from engine.scenario.people import PlayedBy

NARRATOR = "narrator"
"""The speaker of lines that no character says; a reserved seat id."""


class Condition(Part):
    """True when everything named in it holds. At least one key is needed."""

    turns: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Trainee turns so far."
    )
    phase_turns: Annotated[int, Field(ge=1)] | None = None
    minutes: Minutes | None = Field(default=None, description="Since the start, pauses left out.")
    phase_minutes: Minutes | None = None
    phase: Slug | None = None
    facts: tuple[Slug, ...] = Field(default=(), description="All of these were said.")
    asked: tuple[Slug, ...] = Field(default=(), description="All of these were asked for.")
    exhibits: Literal["all"] | tuple[Slug, ...] = ()
    action: Slug | None = None
    tool: Slug | None = Field(default=None, description="A tool that succeeded.")
    keyword: Lines = Field(default=(), description="The trainee's last words hold one of these.")
    signal: Slug | None = None
    state: dict[Slug, Bounds] = Field(
        default={}, description="Of the seat in `of`, or the only one."
    )
    of: Slug | None = None
    judged: str = Field(default="", description="A yes/no question put to the judge's model.")
    command: Literal["next"] | None = None
    instructor: Literal[True] | None = None
    unless_action: Slug | None = None
    unless_fact: Slug | None = None
    unless_asked: Slug | None = None

    def is_empty(self) -> bool:
        """Whether nothing but the defaults was given, so that it could never be false."""
        return not (self.model_fields_set - {"of"})


class Exit(Part):
    """When a phase is left: as soon as `any` of these holds, or `all` of those."""

    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()


class Phase(Part):
    """A stretch of the session. The first in the list is the one it starts in."""

    id: Slug
    title: Line
    next: tuple[Slug, ...] = Field(
        default=(), description="Empty: leaving this phase completes the session."
    )
    enter: Condition | None = Field(
        default=None, description="Chosen among several `next` when this holds."
    )
    exit: Exit
    ask: str = Field(default="", description="What the leading character says on entering.")
    behaviour: str = Field(
        default="", description="How the character behaves here. No sealed fact."
    )
    criteria: tuple[Slug, ...] = ()


class Signal(Part):
    """What a trainee does, and what it moves. The key in `signals` is its id.

    Ids the product recognises by itself: see `engine.classify.SIGNALS`. Any other id needs `match`.
    """

    moves: Moves = {}
    match: Lines = ()
    at_most: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="How often it counts."
    )


class Cue(Part):
    """Something that happens by itself, once."""

    id: Slug
    when: Condition
    say_as: Slug | None = Field(default=None, description="A seat, or `narrator`.")
    text: str = ""
    joins: Slug | None = Field(default=None, description="A seat that enters the room.")
    releases: tuple[Slug, ...] = Field(default=(), description="Exhibits and facts.")
    moves: Moves = {}
    of: Slug | None = Field(default=None, description="The seat whose state moves.")
    ends: bool = False


class FormField(Part):
    """A field of an action's form."""

    id: Slug
    label: Line
    kind: Literal["text", "choice", "number", "time"] = "text"
    choices: Lines = ()
    required: bool = True


class Action(Part):
    """An order, a submission, a handover: something the trainee does."""

    id: Slug
    command: Literal["order", "submit"]
    label: Line
    match: Annotated[Lines, Field(min_length=1)]
    fields: tuple[FormField, ...] = ()
    releases: tuple[Slug, ...] = Field(default=(), description="Exhibits and facts.")
    reads: Slug | None = Field(
        default=None, description="The radiology exhibit that this is a reading of."
    )
    text: str = Field(default="", description="What the narrator says when it is done.")
    ends_phase: bool = False
    cost: Annotated[int, Field(ge=0)] = 0
    by: tuple[Slug, ...] = Field(
        default=(), description="Seats that may do it; empty for every human."
    )


class SeatOverlay(Part):
    """What a mode changes of a seat."""

    played_by: PlayedBy | None = None
    speaks: Literal["always", "when_addressed", "on_cue"] | None = None
    persona: Slug | None = None


class Opening(Part):
    """The first words of a session."""

    say_as: Slug = NARRATOR
    text: Line


class Mode(Part):
    """A named way to play the scenario. The key in `modes` is its id; the first is the default."""

    label: Line
    summary: str = ""
    opening: Opening | None = None
    leads: bool | None = Field(
        default=None, description="The character asks each phase's question."
    )
    behaviour: str = ""
    cast: dict[Slug, SeatOverlay] = {}
    tools_for: Slug | None = None
    hints: bool = True
