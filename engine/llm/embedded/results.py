"""What tools answered, as values. Pure.

A result is a history line named `tool`. Inside a turn it starts with the call, as
`find_slots(nurse=ivy): Free: …`; later it is the bare text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.llm.embedded.times import dates_in, said_day, said_time
from engine.llm.embedded.wording import joined

Kind = Literal["patient", "nurses", "slots", "calls", "wrote", "waiting", "refused"]

_CALL = re.compile(r"^(?P<tool>[\w-]+)\((?P<args>[^)]*)\): ?")
_DAY_ARG = re.compile(r"\b(?:date|day)=(\d{4}-\d\d-\d\d)")
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("waiting", re.compile(r"^waiting for a yes")),
    ("wrote", re.compile(r"^(?:booked|cancelled|moved)\b|\b(?:is|was) (?:now )?booked\b")),
    ("calls", re.compile(r"^[a-z]+\d+: .* with .* on .*, (?:booked|cancelled)|^no appointment")),
    ("patient", re.compile(r"\bborn\b|^no patient\b|^there is no patient")),
    ("nurses", re.compile(r"\bspeciali[sz]ation\b|\blicence expires\b|^no nurse")),
    ("slots", re.compile(r"^free\b|\bslots?\b|^that is over|^nobody here does|^\d{4}-\d\d-\d\d")),
)
_TIME = re.compile(r"(?<![-\u2013:\d])(\d\d):(\d\d)(?![\d:])")
_BOOKED = re.compile(r"^([a-z][a-z-]*\d+): .*? with (.+?) on .*, booked")
_NOW_WITH = re.compile(r" with (.+?) on ")
_WITH = re.compile(r"\bwith ([^;(]+?) \(([a-z][\w-]*)\)")
_NURSE_ID = re.compile(r"\(([a-z][\w-]*)\)|\bnurse\s*[=:]?\s*([a-z][\w-]*)")
_RECORD = re.compile(r"^\W*(?:id[ =:]+)?([a-z][a-z0-9_-]*)\s*[:,|]\s*(.*)$", re.DOTALL)
_NAME = re.compile(r"\bname[ =:]+([^,;|]+)")
_FIELD = re.compile(r"\bspeciali[sz]ation[ =:]+([^,;|.]+)")
_UNTIL = re.compile(r"\bexpires[ =:]+(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A free time of a nurse; `called` is the nurse's name."""

    nurse: str
    called: str
    day: date
    minute: int

    @property
    def start(self) -> str:
        """The start as tools take it, `YYYY-MM-DDTHH:MM`."""
        return f"{self.day.isoformat()}T{self.minute // 60:02}:{self.minute % 60:02}"

    @property
    def time(self) -> str:
        """The time in words."""
        return said_time(self.minute)

    @property
    def place(self) -> str:
        """The day and the nurse in words, without a figure."""
        return f"{said_day(self.day)} with {self.called}" if self.called else said_day(self.day)

    @property
    def words(self) -> str:
        """Day, nurse and time in words, without a figure."""
        return f"{self.place} at {self.time}"


def told(slots: Sequence[Slot]) -> str:
    """At least one free time in words; what all share is said once."""
    if len({slot.place for slot in slots}) == 1:
        return f"{slots[0].place} at {joined([slot.time for slot in slots])}"
    return joined([slot.words for slot in slots])


def named_in(text: str, slot: Slot) -> bool:
    """Whether a text that `told` wrote names this free time."""
    if slot.words in text:
        return True
    alone = text.count(" with ") <= 1 and f"{slot.place} at " in text
    return alone and bool(re.search(rf"(?<![\w-]){re.escape(slot.time)}", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNurse:
    """A nurse as a search showed them; `until` is the last day of the licence, if shown."""

    id: str
    name: str
    field: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCall:
    """A booked call of the caller, as a search showed it; `called` is the nurse's name."""

    id: str
    called: str
    day: date
    minute: int

    @property
    def words(self) -> str:
        """Day, nurse and time in words: nothing of the record beside."""
        return f"{said_day(self.day)} at {said_time(self.minute)} with {self.called}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a tool answered. `tool`, and the `day` it was asked for, where the line names them."""

    kind: Kind
    text: str
    tool: str = ""
    day: date | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it wrote that a call is off."""
        return self.kind == "wrote" and self.text.lower().startswith("cancelled")


def result_of(text: str) -> Result:
    """A history line of a tool as a result."""
    call = _CALL.match(text)
    tool, args = (call["tool"], call["args"]) if call else ("", "")
    body = text[call.end() :] if call else text
    day = _DAY_ARG.search(args)
    return Result(
        kind=_kind(tool, args, body.strip().lower()),
        text=body.strip(),
        tool=tool,
        day=day_of(day[1]) if day else None,
    )


def _kind(tool: str, args: str, body: str) -> Kind:
    found: Kind = next((kind for kind, words in _KINDS if words.search(body)), "refused")
    if found in {"waiting", "wrote"}:
        return found
    if tool.startswith(("book", "cancel", "resched", "move")):
        return "refused"
    if "slot" in tool or "avail" in tool:
        return "slots"
    return "patient" if "born=" in args or "name=" in args else found


def moved_in(text: str, today: date | None) -> KnownCall | None:
    """Where a call stands now, from what moving it brought."""
    called, days, time = _NOW_WITH.search(text), dates_in(text, today), _TIME.search(text)
    if not (called and days and time):
        return None
    minute = int(time[1]) * 60 + int(time[2])
    return KnownCall(id="", called=called[1], day=days[0][0], minute=minute)


def day_of(text: str) -> date | None:
    """An ISO day, or None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def patient_in(text: str, born: date | None) -> str:
    """The id of the one patient of a search who was born on that day; nothing while in doubt."""
    lines = [line.strip() for line in re.split(r"[\n;]", text) if line.strip()]
    own = [line for line in lines if born and born.isoformat() in line]
    found = [record for line in own if (record := _RECORD.match(line))]
    return found[0][1] if len(found) == 1 else ""


def calls_in(text: str, today: date | None) -> Iterator[KnownCall]:
    """The booked calls that a search showed."""
    for line in re.split(r"[\n;]", text):
        found, days = _BOOKED.match(line.strip()), dates_in(line, today)
        time = _TIME.search(line)
        if found and days and time:
            minute = int(time[1]) * 60 + int(time[2])
            yield KnownCall(id=found[1], called=found[2].strip(), day=days[0][0], minute=minute)


def nurses_in(text: str) -> Iterator[KnownNurse]:
    """The nurses that a search showed."""
    for line in re.split(r"[\n;]", text):
        record, field = _RECORD.match(line), _FIELD.search(line)
        if record:
            name, until = _NAME.search(line), _UNTIL.search(line)
            yield KnownNurse(
                id=record[1],
                name=name[1].strip() if name else _as_name(record[1]),
                field=field[1].strip().lower() if field else "",
                until=day_of(until[1]) if until else None,
            )


def slots_in(text: str, today: date | None, nurses: Mapping[str, KnownNurse]) -> Iterator[Slot]:
    """The free times that a search showed; a day or a nurse named once holds on."""
    day: date | None = None
    nurse = ""
    called: dict[str, str] = {one.id: one.name for one in nurses.values()}
    for piece in re.split(r"[\n;]", text):
        called.update({id_: name for name, id_ in _WITH.findall(piece)})
        days = dates_in(piece, today)
        day = days[0][0] if days else day
        nurse = _nurse_of(piece, called) or nurse
        for hour, minute in _TIME.findall(piece):
            if day and int(hour) < 24 and int(minute) < 60:
                yield Slot(
                    nurse=nurse,
                    called=called.get(nurse) or _as_name(nurse),
                    day=day,
                    minute=int(hour) * 60 + int(minute),
                )


def _nurse_of(piece: str, called: Mapping[str, str]) -> str:
    known = (id_ for id_ in called if re.search(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", piece))
    named = _NURSE_ID.search(piece)
    return next(known, "") or (named[1] or named[2] if named else "")


def _as_name(id_: str) -> str:
    return re.sub(r"[-_]", " ", id_).title()
