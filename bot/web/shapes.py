"""What the API takes and gives: shapes of its JSON, from which its documentation is made."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.session import Role, Status

UserId = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
"""How the caller's own system calls a person."""

Word = Annotated[str, StringConstraints(max_length=80)]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""What somebody wrote. How long it may be, the commands say."""
EventId = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""The caller's own id of something that was done, so that doing it again does nothing."""


class Shape(BaseModel):
    """A piece of JSON; keys it does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Problem(Shape):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool
    request_id: str


class ScenarioLine(Shape):
    """A scenario in the list."""

    id: str
    title: str
    domain: str
    level: str
    minutes: int


class ModeLine(Shape):
    """A way to play a scenario; the first one is the default."""

    id: str
    label: str
    summary: str


class DocumentLine(Shape):
    """A file handed out with the brief."""

    title: str
    file: str
    url: str


class ScenarioBrief(ScenarioLine):
    """Everything a trainee may know before the start."""

    task: str
    client: str
    situation: str
    objective: str
    goals: tuple[str, ...]
    content_warning: str
    languages: tuple[str, ...]
    modes: tuple[ModeLine, ...]
    documents: tuple[DocumentLine, ...]
    picture: str | None


class NewSession(Shape):
    """What to start, and for whom. The person is made on first use."""

    scenario_id: Word
    user_id: UserId
    mode: Word | None = None
    language: Word | None = None


class TurnLine(Shape):
    """One line of a transcript; `in_reply_to` is the seq that it answers."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    speaker: str
    role: Role
    text: str
    at: datetime
    in_reply_to: int | None


class Transcript(Shape):
    """Everything readable in a session, first to last."""

    turns: tuple[TurnLine, ...]


class SessionOpened(Shape):
    """A new session with its first words. `notice` is there until the person has agreed to it."""

    session_id: str
    scenario_id: str
    mode: str
    status: Status
    opening: tuple[TurnLine, ...]
    notice: str | None = None


class SessionLine(Shape):
    """A session in a list."""

    session_id: str
    scenario_id: str
    mode: str
    status: Status
    phase: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class ExhibitView(Shape):
    """Something that was shown: figures as a table, and addresses of what there is to see."""

    id: str
    title: str
    kind: str
    seq: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    alt: str
    report: str | None
    picture: str | None
    csv: str | None
    file: str | None


class Tokens(Shape):
    """What a session took of its models."""

    input: int
    output: int
    calls: int


class SessionView(SessionLine):
    """A session as it stands. `seq` is where its log ends."""

    title: str
    phase_title: str
    turns: int
    minutes: float
    seq: int
    exhibits: tuple[ExhibitView, ...]
    tokens: Tokens


class EvidenceLine(Shape):
    """Words or deeds at a seq of the log, word for word."""

    seq: int
    quote: str


class CriterionLine(Shape):
    """One line of the score card; `points` is null unless it was scored."""

    id: str
    label: str
    kind: str
    status: Literal["scored", "unscored", "human"]
    points: int | None
    max: int
    weight: int
    evidence: tuple[EvidenceLine, ...]
    reason: str


class EvaluationView(Shape):
    """A score card. `coverage` is the share of the rubric's weight that could be scored."""

    id: str
    version: int
    overall: int | None
    coverage: float
    passed: bool
    criteria: tuple[CriterionLine, ...]


class CommandCall(Shape):
    """A slash command: options by name, or `text` as somebody would type it."""

    name: Word
    text: Line = ""
    options: dict[Word, Line] = Field(default_factory=dict)
    event_id: EventId | None = None
    user_id: UserId | None = None


class ChoiceLine(Shape):
    """A button that a message offers."""

    id: str
    label: str


class FileLine(Shape):
    """A text file that a command handed out."""

    name: str
    media_type: str
    content: str


class ShownMessage(Shape):
    """What a command showed: to everybody in the session, or to the caller alone."""

    to: Literal["everybody", "caller"]
    title: str
    text: str
    choices: tuple[ChoiceLine, ...] = ()
    files: tuple[FileLine, ...] = ()


class CommandDone(Shape):
    """What came of a command. `opened` is the session that it started or took up, if it did."""

    messages: tuple[ShownMessage, ...]
    opened: str | None = None
    status: Status | None = None
    seq: int | None = None


class ResponseLine(Shape):
    """One call of a model, without its words."""

    session_id: str
    number: int
    kind: str
    provider: str
    model: str
    status: str
    at: datetime
    response_id: str | None
    tokens_in: int
    tokens_out: int
    reasoning: int
    cache_read: int
    cache_write: int
    estimated: bool
    cost_micro_usd: int
    latency_ms: int


class DatabaseHealth(Shape):
    """The database: its kind, whether it answers, and whether something can be stored in it."""

    kind: str
    up: bool
    stores: bool


class SessionCounts(Shape):
    """Sessions by what they are doing; null while the database does not answer."""

    running: int | None
    paused: int | None


class DeliveryHealth(Shape):
    """How delivery stands: seconds that the oldest is due, and how many there are of each.

    `to_handle` came in and waits; `to_show` waits for its platform, `put_off` of these because it
    was away or busy. `dead` were given up, `dead_letters` of these to one person alone; of
    `unknown` nobody knows whether they were shown. `longest_held` is for how many seconds a lane is
    worked on; `lanes_left` are those of processes that died. `longest_unheard` is for how many
    seconds a process was not heard of.
    """

    carrier: Literal["local", "procrastinate"]
    stuck: bool
    oldest_to_handle: float
    to_handle: int
    oldest_to_show: float
    to_show: int
    put_off: int
    dead: int
    dead_letters: int
    unknown: int
    lanes_held: int
    longest_held: float
    lanes_left: int
    processes: int
    processes_gone: int
    longest_unheard: float


class PlatformHealth(Shape):
    """How a chat platform is connected. `code` says why it is not up."""

    name: str
    state: Literal["up", "degraded", "down"]
    code: str
    since: datetime
    heard: datetime | None


class Health(Shape):
    """How the server is. `degraded`: the database is away, or something is stuck."""

    status: Literal["ok", "degraded"]
    version: str
    database: DatabaseHealth
    scenarios: int
    sessions: SessionCounts
    model: str
    delivery: DeliveryHealth | None = None
    platforms: tuple[PlatformHealth, ...] = ()
