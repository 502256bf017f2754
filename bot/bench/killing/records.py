"""The platform's file: what people wrote, what was acknowledged, what is shown. JSON lines."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

NAME: Final = "platform.jsonl"
STARTS: Final = "start"
COMMANDS: Final = "!"
"""Begins a line that calls a command."""
CHANGES: Final = "~"
"""Begins what the line before it is changed to."""


@dataclass(slots=True)
class Shown:
    """A message as it stands, and when it last changed. A higher `place` is further below."""

    key: str
    thread: str
    text: str
    at: float
    place: int


@dataclass(slots=True)
class Room:
    """One person's place: a channel, later a thread, and what they say there in order.

    `lines` are (event id, text, whether it waits for a reply to the line before).
    """

    person: int
    lines: list[tuple[str, str, bool]]
    thread: str = ""
    handed: dict[str, float] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    """Where each line stands in the thread, as in `Shown`."""
    stored: set[str] = field(default_factory=set)
    greeted: bool = False
    """Whether something stands in their thread; nobody writes before."""
    heard: float = 0.0
    """When a reply to them last changed."""
    replied: set[str] = field(default_factory=set)
    """The ids of what something was shown for."""

    def next(self) -> tuple[int, str, str] | None:
        """The next thing to hand over: its number, id and text; number 0 starts the session."""
        start = f"{STARTS}{self.person}"
        if start not in self.stored:
            return 0, start, ""
        if not self.greeted:
            return None
        before: tuple[str, str] | None = None
        for number, (id_, text, waits) in enumerate(self.lines, 1):
            if id_ not in self.stored:
                early = waits and before is not None and not self._answered(*before)
                return None if early else (number, id_, text)
            before = id_, text
        return None

    def _answered(self, id_: str, text: str) -> bool:
        # Several messages have one answer, a command has its own.
        own = text.startswith(COMMANDS)
        return id_ in self.replied if own else self.heard > self.handed[id_]

    def cause_of(self, key: str) -> str:
        """The id of what this person said that led to what is shown under a key, or nothing."""
        id_ = key.partition("#")[0].rpartition(":")[2]
        return id_ if id_.startswith(f"m{self.person}.") else ""

    @property
    def finished(self) -> bool:
        """Whether all that this person says was taken."""
        return all(id_ in self.stored for id_, _, _ in self.lines)


@dataclass(slots=True)
class Records:
    """The file as it was read so far. Several processes append to it, each a line at a time."""

    path: Path
    rooms: dict[int, Room] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    workers: list[int] = field(default_factory=lambda: [0])
    handed: list[tuple[float, str]] = field(default_factory=list)
    _read: int = 0
    _taken: int = 0

    def append(self, kind: str, **values: Any) -> None:
        """Write a record, whole or not at all, and read what stands there by now."""
        line = orjson.dumps({"kind": kind, "at": time.time(), **values}) + b"\n"
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)
        self.refresh()

    def refresh(self) -> bool:
        """Read what is new; whether there was something."""
        with self.path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        new = new[: new.rfind(b"\n") + 1]
        self._read += len(new)
        for line in new.splitlines():
            self._take(orjson.loads(line))
        return bool(new)

    def of_thread(self, thread: str) -> Room | None:
        """Whose thread this is."""
        return next((room for room in self.rooms.values() if room.thread == thread), None)

    def _take(self, record: Mapping[str, Any]) -> None:
        self._taken += 1
        match record["kind"]:
            case "person":
                lines = [(id_, text, bool(waits)) for id_, text, waits in record["lines"]]
                self.rooms[record["person"]] = Room(record["person"], lines)
            case "workers":
                self.workers = record["ids"]
            case "handed":
                room = self.rooms[record["person"]]
                room.handed.setdefault(record["id"], record["at"])
                room.places.setdefault(record["id"], self._taken)
            case "stored":
                self.rooms[record["person"]].stored.add(record["id"])
            case "thread":
                self.threads[record["key"]] = record["name"]
                self.rooms[record["person"]].thread = record["name"]
            case "post" | "edit":
                self._stands(record)

    def _stands(self, record: Mapping[str, Any]) -> None:
        at, text = record["at"], record["text"]
        if record["kind"] == "post":
            self.shown[record["id"]] = Shown(record["key"], record["thread"], text, at, self._taken)
        one = self.shown[record["id"]]
        one.text, one.at = text, at
        room = self.of_thread(one.thread)
        if room is not None:
            room.greeted = True
            if id_ := room.cause_of(one.key):
                room.heard = at
                room.replied.add(id_)
