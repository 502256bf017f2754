"""A turn on its way: what each of its four steps hands to the next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine import events as ev
from engine.classify import Reading
from engine.prompting import Prompt, character_prompt
from engine.scenario import Scenario
from engine.session import State, Utterance
from engine.store.ledger import Call
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A reply that passed the checks."""

    text: str
    facts: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    outage: bool = False
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

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What became readable, oldest first."""
        first = self.state.seq - len(self.events)
        return tuple(said for said in self.state.utterances if said.seq > first)


def with_speaker(thought: ThoughtTurn, readings: Sequence[Reading]) -> ThoughtTurn:
    """Who answers, and with what: a prompt, an authored line, or nobody."""
    state, scenario = thought.state, thought.turn.scenario
    speaker = next((seat for reading in reversed(readings) for seat in reading.addressed), "")
    if state.over or not speaker or not thought.answers:
        return thought
    shown = [
        one
        for one in thought.happened
        if isinstance(one, ev.ExhibitReleased) and one.because == "asked"
    ]
    asked = [one for reading in readings for one in reading.asked]
    if not asked and (shown or _only_acted(thought)):
        titles = [
            one.title for one in scenario.exhibits if one.id in {event.exhibit for event in shown}
        ]
        canned = f"Here you are: {' and '.join(titles)}." if titles else ""
        return replace(thought, speaker=speaker, canned=canned)
    refused = any(isinstance(one, ev.ExhibitRefused) for one in thought.happened)
    if refused and not asked:
        return replace(
            thought,
            speaker=speaker,
            canned="I have no more material to share than you already have.",
        )
    prompt = character_prompt(
        scenario,
        state,
        speaker,
        asked=asked,
        acts=tuple(dict.fromkeys(act for reading in readings for act in reading.acts)),
        parts=sum(reading.parts for reading in readings),
        answers=thought.answers,
    )
    return replace(thought, speaker=speaker, prompt=prompt)


def _only_acted(thought: ThoughtTurn) -> bool:
    """Whether the words were an order or a yes to a tool, which the narrator already answered."""
    quiet = (ev.ActionTaken, ev.ToolDone, ev.ToolDropped)
    if not any(isinstance(one, quiet) for one in thought.happened):
        return False
    by_person = {one.seat for one in thought.happened if isinstance(one, quiet)}
    return by_person == {thought.turn.seat}
