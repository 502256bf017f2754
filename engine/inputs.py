"""What can be done to a session: the inputs of `engine.decide`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine import events as ev
from engine.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something that is done to a session, at an aware UTC time."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Input):
    """Begin. `seats` are (seat, person)."""

    scenario_hash: str
    mode: str
    language: str
    seed: int
    model: str = ""
    platform: str = ""
    seats: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One message of a person, and what it did."""

    text: str
    reading: Reading
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear(Input):
    """A person in a seat said one or several things, which one reply will answer together."""

    seat: str
    person: str
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak(Input):
    """A character's line stands. `ran` are the events of the tools it used on the way."""

    seat: str
    text: str
    facts: tuple[str, ...] = ()
    answers: tuple[int, ...] = ()
    cut: bool = False
    outage: bool = False
    degraded: bool = False
    model: str = ""
    tokens: int = 0
    ran: tuple[ev.Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(Input):
    """The turn is over, with or without a reply. `words` are what the trainee said in it."""

    words: str = ""
    judged: tuple[str, ...] = ()
    entered: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Input):
    """A person orders or submits something, in their words or by a form."""

    seat: str
    person: str
    command: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTool(Input):
    """A person uses a tool of the sandbox."""

    seat: str
    tool: str
    args: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Input):
    """A plain step of the session: next, hint, pause, resume, end or tick."""

    verb: str
    because: str = ""
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Input):
    """An instructor's hand: inject, take_over, hand_back, release, cue or next_phase."""

    verb: str
    person: str
    seat: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sit(Input):
    """A person takes or leaves a seat."""

    seat: str
    person: str
    leave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakAside(Input):
    """A person, with or without a seat, says something that nobody in the scene hears."""

    person: str
    text: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend(Input):
    """A person changes what they said at seq `target` afterwards; `text` None takes it back."""

    person: str
    target: int
    text: str | None
