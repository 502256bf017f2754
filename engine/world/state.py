"""The world as a value, the changes that move it, and what a tool answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypeVar

from engine.scenario.sandbox import (
    Appointment,
    Availability,
    Nurse,
    Override,
    Patient,
    Record,
    World,
)

Collection = Literal["patients", "nurses", "appointments", "orders", "tickets"]
Fields = tuple[tuple[str, str], ...]
"""A record without its id: (name, value) pairs in order, each name once, no empty value."""
Records = Mapping[str, Fields]

SINGULAR: Mapping[str, str] = {
    "patients": "patient",
    "nurses": "nurse",
    "appointments": "appointment",
    "orders": "order",
    "tickets": "ticket",
}
_ECHO = 60  # characters of somebody's own words that an answer repeats

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a tool wrote, in the form the log keeps.

    `put`: from now on the record holds exactly `fields`, whether it was there before or not.
    `drop`: the record is gone; `fields` is empty.
    """

    collection: Collection
    id: str
    fields: Fields = ()
    kind: Literal["put", "drop"] = "put"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool answers.

    `text` is one or two plain sentences; a refusal's ends with what to do next. `data` holds the
    records found or written, their ids included. A refusal has an `error_code` that never changes
    its meaning, and no changes.
    """

    ok: bool
    text: str
    data: tuple[Fields, ...] = ()
    changes: tuple[Change, ...] = ()
    error_code: str = ""


class Refusal(Exception):
    """Why a tool does not do it. Never leaves `engine.world.run`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldState:
    """The sandbox at one point of the log.

    `now` and every time in a record are the world's local time, naive on purpose: a day of the
    sandbox has no clock change. `records` maps a collection to its records by id, in order.
    """

    now: datetime
    timezone: str
    slot_minutes: int
    availability: tuple[Availability, ...]
    overrides: tuple[Override, ...]
    records: Mapping[str, Records]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment, read out of its record."""

    id: str
    nurse: str
    patient: str
    start: datetime
    minutes: int
    booked: bool


def start_of(world: World) -> WorldState:
    """The world as the scenario describes it.

    Raises:
        ValueError: `now` or the start of an appointment is no day of the calendar.
    """
    schedule = world.schedule
    for one in schedule.appointments:
        datetime.fromisoformat(one.start)
    return WorldState(
        now=datetime.fromisoformat(world.now),
        timezone=world.timezone,
        slot_minutes=schedule.slot_minutes,
        availability=schedule.availability,
        overrides=schedule.overrides,
        records=MappingProxyType(
            {
                "patients": _by_id(world.patients),
                "nurses": _by_id(schedule.nurses),
                "appointments": _by_id(schedule.appointments),
                "orders": _by_id(world.orders),
                "tickets": _by_id(world.tickets),
            }
        ),
    )


def apply(state: WorldState, changes: Iterable[Change]) -> WorldState:
    """The state after the changes, in their order. Dropping what is not there does nothing."""
    records = dict(state.records)
    for change in changes:
        table = dict(records[change.collection])
        if change.kind == "put":
            table[change.id] = change.fields
        else:
            table.pop(change.id, None)
        records[change.collection] = MappingProxyType(table)
    return replace(state, records=MappingProxyType(records))


def matches(state: WorldState, wanted: Mapping[Name, Sequence[Mapping[str, str]]]) -> bool:
    """Whether each wanted mapping is part of some record of its collection.

    Case and extra blanks do not count; a nurse or patient may be named by id or by name. Of the
    appointments only booked ones count, unless `status` is asked for.
    """
    return all(
        any(_fits(state, collection, id_, want) for id_ in state.records.get(collection, {}))
        for collection, wants in wanted.items()
        for want in wants
    )


def _fits(state: WorldState, collection: str, id_: str, want: Mapping[str, str]) -> bool:
    if collection == "appointments":
        want = {"status": "booked", **want}
    record = dict(whole(id_, state.records[collection][id_]))
    for name, value in want.items():
        held = {plain(record[name])} if name in record else set()
        if collection == "appointments" and name in ("nurse", "patient") and held:
            held.add(plain(name_of(state, f"{name}s", record[name])))
        if plain(value) not in held:
            return False
    return True


def whole(id_: str, fields: Fields) -> Fields:
    """A record with its id in front."""
    return (("id", id_), *(pair for pair in fields if pair[0] != "id"))


def fields_of(values: Mapping[str, str]) -> Fields:
    """The values that are not empty, as a record's fields."""
    return tuple((name, value) for name, value in values.items() if value)


def plain(text: str) -> str:
    """Text for comparing: case and extra blanks gone."""
    return " ".join(text.split()).casefold()


def echo(text: str) -> str:
    """Somebody's own words for an answer, cut where they are long."""
    return text if len(text) <= _ECHO else f"{text[:_ECHO]}…"


def name_of(state: WorldState, collection: str, id_: str) -> str:
    """What people call it: its name, else its id."""
    return dict(state.records[collection].get(id_, ())).get("name", id_)


def find(state: WorldState, collection: str, text: str) -> str:
    """The id of the record meant: by id, by whole name, or by words that only its name holds.

    Raises:
        Refusal: `no_such_…` or `ambiguous`.
    """
    wanted = plain(text)
    names = {id_: plain(name_of(state, collection, id_)) for id_ in state.records[collection]}
    for found in (
        [id_ for id_ in names if plain(id_) == wanted],
        [id_ for id_, name in names.items() if name == wanted],
        [id_ for id_, name in names.items() if set(wanted.split()) <= set(name.split())],
    ):
        if len(found) == 1 and wanted:
            return found[0]
        if len(found) > 1 and wanted:
            raise Refusal(
                "ambiguous",
                f"“{echo(text)}” may be any of {len(found)}. Give one id: {', '.join(found[:6])}.",
            )
    raise _missing(state, collection, text)


def booking_of(state: WorldState, id_: str) -> Booking:
    """The appointment with this id, which must exist."""
    record = dict(state.records["appointments"][id_])
    return Booking(
        id=id_,
        nurse=record["nurse"],
        patient=record["patient"],
        start=datetime.fromisoformat(record["start"]),
        minutes=int(record["minutes"]),
        booked=record["status"] == "booked",
    )


def new_id(state: WorldState, collection: str) -> str:
    """The next free id, such as `appt-3` for the third appointment; the same for the same state."""
    short = {"appointments": "appt"}.get(collection, SINGULAR[collection])
    number = len(state.records[collection]) + 1
    while f"{short}-{number}" in state.records[collection]:
        number += 1
    return f"{short}-{number}"


def _missing(state: WorldState, collection: str, text: str) -> Refusal:
    kind = SINGULAR[collection]
    step = f"Check the spelling, or look the {kind} up first."
    if collection == "nurses":
        known = [name_of(state, collection, id_) for id_ in state.records[collection]]
        step = f"Choose one of: {', '.join(known[:8])}." if known else "This world has no nurses."
    return Refusal(f"no_such_{kind}", f"There is no {kind} “{echo(text)}”. {step}")


def _by_id(parts: Iterable[Patient | Nurse | Appointment | Record]) -> Records:
    return MappingProxyType({part.id: _read(part) for part in parts})


def _read(part: Patient | Nurse | Appointment | Record) -> Fields:
    match part:
        case Record():
            return fields_of(part.fields)
        case Patient():
            values = part.model_dump(exclude={"id", "conditions", "born"})
            values["born"] = part.born or ""
            values["conditions"] = "; ".join(part.conditions)
        case Nurse():
            values = part.model_dump(exclude={"id"})
            values["name"] = part.name or part.id.replace("_", " ").replace("-", " ").title()
        case Appointment():
            values = part.model_dump(exclude={"id", "minutes"})
            values["minutes"] = str(part.minutes)
    return fields_of(values)
