"""What can happen in a session: the entries of its log.

An event is a fact about the past: frozen, with a time, readable without the code that made it.
Its kind and fields are stored, with a version, so that old logs fold for ever.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from pydantic import TypeAdapter

from engine.world import Change

VERSION = 1
"""The version in which events are written today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, at an aware UTC time."""

    kind: ClassVar[str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Event):
    """The session began. Freezes what it is played with: scenario, mode, seed, model, platform."""

    kind = "started"
    scenario_hash: str
    mode: str
    language: str = "en"
    seed: int = 0
    model: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated(Event):
    """A person took a seat."""

    kind = "seated"
    seat: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseated(Event):
    """A person left a seat."""

    kind = "unseated"
    seat: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Event):
    """A character entered the room."""

    kind = "joined"
    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TraineeSaid(Event):
    """A person in a seat said something. `event_id` is the platform's id of it, if it had one."""

    kind = "trainee_said"
    seat: str
    person: str
    text: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """The words at seq `in_seq` asked a character for these facts, told or not."""

    kind = "asked"
    seat: str
    facts: tuple[str, ...]
    in_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalled(Event):
    """The words at seq `in_seq` showed a signal, as a reflection or a judgement."""

    kind = "signalled"
    signal: str
    in_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """A state variable of a seat's persona moved; `to` is the value after its bounds."""

    kind = "moved"
    seat: str
    variable: str
    by: int
    to: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactOpened(Event):
    """A sealed fact opened: from now on it may enter prompts."""

    kind = "fact_opened"
    fact: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterSaid(Event):
    """A character said something; `text` is exactly what was shown.

    `answers` are the seqs of all utterances it answers, `in_reply_to` the last of them. `cut`: an
    interruption ended it early. `outage`: an authored line stood in, and is never scored.
    `degraded`: not the model spoke that should have, because it was away or a budget was spent.
    """

    kind = "character_said"
    seat: str
    text: str
    in_reply_to: int | None = None
    answers: tuple[int, ...] = ()
    cut: bool = False
    outage: bool = False
    degraded: bool = False
    model: str = ""
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSaid(Event):
    """A fact's content was in what a character said at seq `in_seq`."""

    kind = "fact_said"
    fact: str
    seat: str
    in_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrated(Event):
    """A line no character says. `to` names the seat that alone reads it, if any."""

    kind = "narrated"
    text: str
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitScheduled(Event):
    """An exhibit was ordered and will be there at `due`."""

    kind = "exhibit_scheduled"
    exhibit: str
    due: datetime
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitReleased(Event):
    """An exhibit was shown."""

    kind = "exhibit_released"
    exhibit: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitRefused(Event):
    """An exhibit was asked for beyond the limit."""

    kind = "exhibit_refused"
    exhibit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReleased(Event):
    """The report of a radiology exhibit was shown, after a reading was committed."""

    kind = "report_released"
    exhibit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTaken(Event):
    """An order or a submission, with what was written along."""

    kind = "action_taken"
    action: str
    seat: str
    person: str
    text: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolProposed(Event):
    """A tool that writes waits for a yes. `summary` is the sentence that was asked."""

    kind = "tool_proposed"
    tool: str
    args: tuple[tuple[str, str], ...]
    seat: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDropped(Event):
    """A proposed tool was not confirmed."""

    kind = "tool_dropped"
    tool: str
    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDone(Event):
    """A tool ran. `changes` is what it wrote to the world, so that folding runs nothing again."""

    kind = "tool_done"
    tool: str
    args: tuple[tuple[str, str], ...]
    seat: str
    ok: bool
    text: str
    error: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEntered(Event):
    """A phase began."""

    kind = "phase_entered"
    phase: str
    because: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CueFired(Event):
    """An authored cue fired."""

    kind = "cue_fired"
    cue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HintGiven(Event):
    """The trainee asked for a hint and got one."""

    kind = "hint_given"
    text: str
    criterion: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The session rests; its clock stands."""

    kind = "paused"
    because: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The session goes on."""

    kind = "resumed"
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cared(Event):
    """The role-play stopped for the person's sake. Recorded without the words."""

    kind = "cared"
    person: str
    sign: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Event):
    """The session is over: `completed` or `abandoned`."""

    kind = "ended"
    status: str
    because: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected(Event):
    """An instructor put words into the scene, as the narrator or as a character."""

    kind = "injected"
    seat: str
    person: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver(Event):
    """A person plays a character's seat from now on."""

    kind = "taken_over"
    seat: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack(Event):
    """The character plays its seat again."""

    kind = "handed_back"
    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside(Event):
    """Somebody said something beside the scene; nobody in it heard. `seat` is empty for none."""

    kind = "aside"
    seat: str
    person: str
    text: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Event):
    """An answered message was changed afterwards; evidence keeps the original."""

    kind = "edited"
    target: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Event):
    """A message was deleted on its platform; the log keeps it."""

    kind = "deleted"
    target: int


KINDS: Mapping[str, type[Event]] = {kind.kind: kind for kind in Event.__subclasses__()}

Body = dict[str, Any]
"""An event's fields as JSON values; the stored form."""

UPCASTS: Mapping[tuple[str, int], Callable[[Body], Body]] = {}
"""(kind, version it was written in) -> the body one version later."""


class UnreadableEvent(ValueError):
    """A stored event that this release cannot read; it was written by a newer one."""


@cache
def _adapter(kind: str) -> TypeAdapter[Event]:
    return TypeAdapter(KINDS[kind])


def to_body(event: Event) -> Body:
    """The event's fields as JSON values, without kind and time, which are columns."""
    body: Body = _adapter(event.kind).dump_python(event, mode="json")
    del body["at"]
    return body


def from_body(
    kind: str,
    version: int,
    at: datetime,
    body: Body,
    upcasts: Mapping[tuple[str, int], Callable[[Body], Body]] = UPCASTS,
) -> Event:
    """Read a stored event, whatever version it was written in.

    Raises:
        UnreadableEvent: the kind is unknown, the version is newer than ours, or fields are missing.
    """
    if kind not in KINDS or version > VERSION:
        raise UnreadableEvent(f"event {kind} v{version}")
    for step in range(version, VERSION):
        if upcast := upcasts.get((kind, step)):
            body = upcast(body)
    try:
        return _adapter(kind).validate_python({**body, "at": at})
    except ValueError as error:
        # The cause would quote the body, which holds what somebody said.
        raise UnreadableEvent(f"event {kind} v{version}: {type(error).__name__}") from None


def fields_of(kind: type[Event]) -> tuple[str, ...]:
    """The names of a kind's fields, for docs and exports."""
    return tuple(field.name for field in dataclasses.fields(kind))
