"""Tools, and the small world they work on."""

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario.base import Line, LocalDate, LocalStart, LocalTime, Part, Slug

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ArgType = Literal["str", "int", "date", "start", "bool"]


class Tool(Part):
    """A tool that whoever sits in the tools' seat can use."""

    id: Slug
    op: (
        Literal["find_slots", "book", "reschedule", "cancel", "lookup", "create", "update"] | None
    ) = Field(default=None, description="What it does; the tool's id where not given.")
    backend: Literal["schedule", "patients", "nurses", "orders", "tickets"]
    summary: str = ""
    args: dict[Slug, ArgType] = {}
    optional: tuple[Slug, ...] = Field(default=(), description="Arguments that may be left out.")
    confirm: bool = Field(default=False, description="Ask before it writes.")
    filler: str = Field(default="", description="What the character says while it runs.")


class Patient(Part):
    """A patient of the sandbox world. All made up."""

    id: Slug
    name: Line
    born: LocalDate | None = None
    phone: str = ""
    conditions: tuple[Line, ...] = ()
    notes: str = ""


class Nurse(Part):
    """A nurse, with a licence that can run out."""

    id: Slug
    name: str = ""
    specialization: Line
    licence: Line
    licence_expires: LocalDate


class Availability(Part):
    """A weekly rule: from when to when a nurse takes calls on a day."""

    nurse: Slug
    day: Day
    from_: Annotated[LocalTime, Field(alias="from")]
    to: LocalTime


class Override(Part):
    """A date on which the weekly rule does not hold between two times."""

    nurse: Slug
    date: LocalDate
    from_: Annotated[LocalTime, Field(alias="from")]
    to: LocalTime
    closed: bool = Field(description="True takes the time away, false adds it.")
    reason: str = ""


class Appointment(Part):
    """A booked call."""

    id: Slug
    nurse: Slug
    patient: Slug
    start: LocalStart
    minutes: Annotated[int, Field(ge=5, le=240)] = 30
    reason: str = ""
    status: Literal["booked", "cancelled"] = "booked"


class Schedule(Part):
    """Nurses, when they can be called, and what is booked."""

    nurses: tuple[Nurse, ...] = ()
    availability: tuple[Availability, ...] = ()
    overrides: tuple[Override, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    slot_minutes: Annotated[int, Field(ge=5, le=120)] = 30


class Record(Part):
    """An order or a ticket: an id and named values."""

    id: Slug
    fields: dict[Slug, str] = {}


class World(Part):
    """The sandbox. Its clock stands at `now`, so that every run sees the same dates."""

    now: LocalStart
    timezone: str = "UTC"
    patients: tuple[Patient, ...] = ()
    schedule: Schedule = Schedule()
    orders: tuple[Record, ...] = ()
    tickets: tuple[Record, ...] = ()
