"""A turn on its way: what each of its four steps hands to the next."""

from dataclasses import dataclass
from datetime import datetime

from engine import events as ev
from engine.calls import Call
from engine.errors import MessageTooLong
from engine.prompting import Prompt
from engine.scenario import Scenario
from engine.session import State, Utterance
from engine.store.sessions import SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one person said: one or several messages that one reply answers together."""

    person: str
    messages: tuple[tuple[str, str | None], ...]
    """(text, the platform's event id or None), oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurn:
    """A session as it stood when the turn began."""

    session: SessionRecord
    scenario: Scenario
    state: State
    said: Said
    seat: str
    left: int | None = None
    """Micro-USD that the turn may cost, by every budget; None for no limit."""
    too_long: MessageTooLong | None = None
    """Why a message that came with these was left out, if one was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoughtTurn:
    """What the words did, and what the speaking character is to know. `prompt` None: no reply."""

    turn: OpenTurn
    at: datetime
    happened: tuple[ev.Event, ...]
    state: State
    speaker: str = ""
    prompt: Prompt | None = None
    canned: str = ""
    answers: tuple[int, ...] = ()
    words: str = ""
    calls: tuple[Call, ...] = ()
    """What hearing it took."""

    @property
    def left(self) -> int | None:
        """Micro-USD that speaking may still cost; None for no limit."""
        if self.turn.left is None:
            return None
        return self.turn.left - sum(call.cost_micro_usd for call in self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A reply that passed the checks."""

    text: str
    facts: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    outage: bool = False
    degraded: bool = False
    cut: bool = False
    model: str = ""
    ran: tuple[ev.Event, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def tokens(self) -> int:
        """Tokens of all calls behind it."""
        return sum(call.usage.input + call.usage.output for call in self.calls)


SILENCE = Spoken(text="")
"""Nobody answers this turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is new in a session: the events, and the state after them."""

    session: SessionRecord
    scenario: Scenario
    events: tuple[ev.Event, ...]
    state: State
    cut_silent: bool = False
    """Whether a turn was cut before anything was said in it."""
    too_long: MessageTooLong | None = None
    """Why a message that came with those of a turn was left out, if one was."""

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What became readable, oldest first."""
        first = self.state.seq - len(self.events)
        return tuple(said for said in self.state.utterances if said.seq > first)
