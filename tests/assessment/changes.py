"""Changes to a log that should, or should not, change what it is worth. Pure."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from engine import events as ev

Log = Sequence[ev.Event]
_POINTERS = ("in_seq", "in_reply_to", "target")


def without(log: Log, seqs: Collection[int]) -> list[ev.Event]:
    """The log without what was said or done at `seqs`, and without all that only that led to."""
    dropped = {
        seq
        for seq, event in enumerate(log, 1)
        if seq in seqs or getattr(event, "in_seq", None) in seqs
    }
    kept = [(seq, event) for seq, event in enumerate(log, 1) if seq not in dropped]
    new = {seq: number for number, (seq, _) in enumerate(kept, 1)}
    return [_pointed(event, new.get) for _, event in kept]


def repeated(log: Log) -> list[ev.Event]:
    """The log with everything that the trainee said once more at once, with all that it showed."""
    grown: list[ev.Event] = []
    new: dict[int, int] = {}
    for seq, event in enumerate(log, 1):
        grown.append(_pointed(event, new.get))
        new[seq] = len(grown)
        if isinstance(event, ev.TraineeSaid):
            grown.append(replace(event, event_id=None))
            again = len(grown)
            grown.extend(_shown(log, seq, again))
    return grown


def padded(log: Log, lines: Sequence[str]) -> list[ev.Event]:
    """The log with empty words after each of the trainee's utterances."""
    grown: list[ev.Event] = []
    new: dict[int, int] = {}
    for seq, event in enumerate(log, 1):
        grown.append(_pointed(event, new.get))
        new[seq] = len(grown)
        if isinstance(event, ev.TraineeSaid):
            grown.extend(replace(event, text=line, event_id=None) for line in lines)
    return grown


def swapped(log: Log) -> list[ev.Event]:
    """The log with the trainee and the characters in each other's place."""
    return [_swapped(event) for event in log]


def renamed(log: Log, person: str) -> list[ev.Event]:
    """The log of somebody else who said the same."""
    return [replace(one, person=person) if hasattr(one, "person") else one for one in log]


def _shown(log: Log, seq: int, at: int) -> Iterator[ev.Event]:
    for event in log:
        if isinstance(event, ev.Asked | ev.Signalled) and event.in_seq == seq:
            yield replace(event, in_seq=at)


def _pointed(event: ev.Event, new: Callable[[int], int | None]) -> ev.Event:
    changed: dict[str, Any] = {
        name: new(getattr(event, name)) or 0
        for name in _POINTERS
        if getattr(event, name, None) is not None
    }
    answers = getattr(event, "answers", None)
    if answers is not None:
        changed["answers"] = tuple(one for one in map(new, answers) if one)
    return replace(event, **changed)


def _swapped(event: ev.Event) -> ev.Event:
    if isinstance(event, ev.TraineeSaid):
        return ev.CharacterSaid(at=event.at, seat="character", text=event.text)
    if isinstance(event, ev.CharacterSaid):
        return ev.TraineeSaid(at=event.at, seat="trainee", person="p", text=event.text)
    return event
