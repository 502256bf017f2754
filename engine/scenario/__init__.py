"""The scenario model: normative for the file format `dressrun/1`.

One model serves every domain. Values are frozen; unknown keys are errors. What spans several parts
(references, sums, reachability) is checked by `engine.lint`, which also names line and column.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from engine.scenario.base import FileName, Line, Lines, Part, Slug
from engine.scenario.exhibits import Exhibit
from engine.scenario.flow import Action, Cue, Mode, Opening, Phase, Signal
from engine.scenario.knowledge import Fact, UnknownPolicy
from engine.scenario.people import Persona, Seat
from engine.scenario.rubric import Rubric
from engine.scenario.sandbox import Tool, World
from engine.scenario.trial import Trial

FORMAT = "dressrun/1"
DEFAULT_MODE = "standard"
"""The mode of a scenario that names none."""

Domain = Literal["clinical", "social_work", "interview", "service", "telephony"]
Level = Literal["novice", "intermediate", "advanced"]


class Source(Part):
    """Where content comes from."""

    title: Line
    pages: str = ""
    licence: str = ""


class Provenance(Part):
    """Sources, and who wrote and reviewed it."""

    sources: tuple[Source, ...] = ()
    generator: str = "author"
    reviewers: tuple[Line, ...] = ()
    fallback: bool = Field(
        default=False, description="A template that stands in for a failed generation."
    )


class BriefContext(Part):
    """The situation at a glance."""

    client: str = ""
    situation: str = ""
    objective: str = ""


class Document(Part):
    """A file handed out with the brief."""

    file: FileName
    title: Line


class Brief(Part):
    """The only text a trainee sees before the start."""

    task: Line
    context: BriefContext = BriefContext()
    goals: tuple[Slug, ...] = Field(
        default=(), description="Criterion ids; their `goal` is shown, else their label."
    )
    content_warning: str = ""
    documents: tuple[Document, ...] = ()
    picture: FileName | None = None


class Limits(Part):
    """How far a session may go."""

    minutes: Annotated[int, Field(ge=1, le=240)] = 60
    turns: Annotated[int, Field(ge=1, le=500)] = 120
    message_chars: Annotated[int, Field(ge=100, le=5000)] = 5000
    exhibits: Annotated[int, Field(ge=0, le=50)] = 3
    upload_mb: Annotated[int, Field(ge=0, le=100)] = 100
    usd: Annotated[float, Field(ge=0)] = 0.10
    hints: Annotated[int, Field(ge=0, le=50)] = 6
    idle_minutes: Annotated[int, Field(ge=5, le=10_080)] = 30


class Safety(Part):
    """How the role-play ends when it should not go on."""

    stop_word: Line = "red light"
    distress: Lines = Field(
        default=(), description="Further signs of real distress, beside the shared ones."
    )
    exit_text: Line = (
        "We have stepped out of the role-play. Nothing here is scored. Take the time you need; "
        "you can come back with /sim continue, or leave it here."
    )
    help: Lines = ()


class Privacy(Part):
    """What is kept, and for how long."""

    retention_days: Annotated[int, Field(ge=1, le=3650)] = 365
    recording_consent: bool = True
    masking_allow: Lines = Field(
        default=(), description="Made-up names and places that need no masking."
    )


class Voice(Part):
    """Neutral settings of a spoken session."""

    language: str = "en"
    barge_in: bool = True


class Scenario(Part):
    """A whole scenario file."""

    format: Literal["dressrun/1"]
    id: Slug
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    status: Literal["draft", "published"] = "draft"
    title: Line
    domain: Domain
    track: str = ""
    level: Level
    minutes: Annotated[int, Field(ge=1, le=240)]
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en",)
    license: Line
    picture: FileName | None = None
    provenance: Provenance = Provenance()
    brief: Brief
    instructor_notes: str = ""
    cast: Annotated[dict[Slug, Seat], Field(min_length=2)]
    personas: dict[Slug, Persona] = {}
    facts: tuple[Fact, ...] = ()
    unknown_policy: UnknownPolicy = "say_dont_know"
    exhibits: tuple[Exhibit, ...] = ()
    actions: tuple[Action, ...] = ()
    tools: tuple[Tool, ...] = ()
    world: World | None = None
    opening: Opening
    modes: dict[Slug, Mode] = {}
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    signals: dict[Slug, Signal] = {}
    cues: tuple[Cue, ...] = ()
    rubric: Rubric
    limits: Limits = Limits()
    voice: Voice = Voice()
    safety: Safety = Safety()
    privacy: Privacy = Privacy()
    tests: tuple[Trial, ...] = ()
