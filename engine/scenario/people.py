"""Seats and personas: who takes part, and what they are like."""

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario.base import FileName, Line, Lines, Part, Slug

Axis = Annotated[int, Field(ge=1, le=5)]
"""A style axis: 1 very little, 5 very much."""

PlayedBy = Literal["human", "ai", "ai_or_human"]


class Seat(Part):
    """A place in the conversation. The key in `cast` is the seat's id."""

    role: Line
    played_by: PlayedBy
    persona: Slug | None = None
    min: Annotated[int, Field(ge=0, le=20)] = 1
    max: Annotated[int, Field(ge=1, le=20)] = 1
    speaks: Literal["always", "when_addressed", "on_cue"] = "always"
    joins: Literal["at_start", "on_cue"] = "at_start"
    aliases: Lines = Field(
        default=(), description="Further words that address this seat, as `nurse`."
    )
    brief: str = Field(default="", description="What only the person in this seat reads.")
    where: Literal["room", "dm", "phone"] = "room"


class Style(Part):
    """How a persona comes across."""

    talkativeness: Axis = 3
    cooperation: Axis = 3
    literacy: Axis = 3
    recall: Axis = 4
    confusion: Axis = 1
    language_level: Literal["A2", "B1", "B2", "C1", "native"] = "native"
    reading_grade_max: Annotated[int, Field(ge=3, le=16)] = 8


class StateVariable(Part):
    """A number that the conversation moves, as trust or mood."""

    start: int
    min: int = 0
    max: int = 10


class PersonaLines(Part):
    """Authored lines for moments that no fact answers. Several of each keep them fresh."""

    greeting: Lines = ()
    thanks: Lines = ()
    comforted: Lines = Field(default=(), description="After the trainee responds to a feeling.")
    listening: Lines = Field(default=(), description="After a statement that asks nothing.")
    unknown: Lines = Field(min_length=2, description="When nothing the character knows was asked.")
    deflect: Lines = Field(default=(), description="Attacks and talk outside the situation.")
    clarify: Lines = Field(
        default=(), description="With `{offers}`, when two or three facts are close."
    )
    outage: Lines = Field(
        default=(), description="Shown, marked and never scored, when no model answers."
    )
    filler: Lines = Field(default=(), description="While a tool runs.")
    goodbye: Lines = ()


class PersonaVoice(Part):
    """Neutral voice settings; each speech engine maps them to its own."""

    age: Literal["child", "young", "adult", "old"] = "adult"
    pitch: Axis = 3
    pace: Axis = 3
    warmth: Axis = 3


class Persona(Part):
    """A character. The key in `personas` is its id."""

    name: Line
    picture: FileName | None = None
    demographics: dict[Slug, str] = {}
    style: Style = Style()
    state: dict[Slug, StateVariable] = {}
    knows: Literal["all"] | tuple[Slug, ...] = "all"
    background: str = Field(
        default="", description="How the character sees their situation. No sealed fact."
    )
    speech: Lines = Field(default=(), description="Sentences that show how the character talks.")
    principles: Lines = Field(
        default=(), description="Rules of behaviour, read by a model. No sealed fact."
    )
    lines: PersonaLines
    voice: PersonaVoice = PersonaVoice()
