"""When a nurse can be booked: weekly rules, dated overrides, and what is taken already."""

from datetime import date, datetime, time, timedelta
from typing import get_args

from engine.scenario.sandbox import Day, Override
from engine.world.state import Booking, WorldState, booking_of

Span = tuple[datetime, datetime]
"""From (included) to (excluded), local time."""

DAYS: tuple[Day, ...] = get_args(Day)
"""The names of the days, Monday first, as `date.weekday()` counts."""


def free_slots(
    state: WorldState, nurse: str, day: date, *, minutes: int | None = None, ignoring: str = ""
) -> tuple[datetime, ...]:
    """The starts that can be booked with a nurse (an id) on a day, earliest first.

    Each slot lies wholly inside open hours, starts on the grid and not before `state.now`, and
    touches neither a closed override nor a booked appointment. They are alternatives: two of them
    may overlap where `minutes` is longer than the grid, or added hours start a grid of their own.
    `ignoring` is an appointment id that counts as free. Empty for an unknown nurse, or one without
    a valid licence that day.
    """
    if not licensed(state, nurse, day):
        return ()
    length = timedelta(minutes=minutes or state.slot_minutes)
    taken = [
        *(_span(day, one.from_, one.to) for one in closures(state, nurse, day)),
        *(span_of(one) for one in booked(state, nurse=nurse) if one.id != ignoring),
    ]
    spans = open_spans(state, nurse, day)
    return tuple(
        start
        for start in grid(state, nurse, day)
        if start >= state.now
        and any(begin <= start and start + length <= end for begin, end in spans)
        and not any(overlap((start, start + length), one) for one in taken)
    )


def licensed(state: WorldState, nurse: str, day: date) -> bool:
    """Whether the nurse exists and the licence still holds on the day (its last day included)."""
    # ISO dates sort as text; the format's pattern lets `2026-02-30` through, a parser would not.
    expires = dict(state.records["nurses"].get(nurse, ())).get("licence_expires", "")
    return expires >= day.isoformat()


def grid(state: WorldState, nurse: str, day: date) -> tuple[datetime, ...]:
    """Where an appointment may start: every `slot_minutes` from the beginning of each window.

    Hours added on a date start a grid of their own and leave the weekly one as it is.
    """
    step = timedelta(minutes=state.slot_minutes)
    starts = {
        begin + count * step
        for begin, end in _windows(state, nurse, day)
        for count in range(-(-(end - begin) // step))
    }
    return tuple(sorted(starts))


def open_spans(state: WorldState, nurse: str, day: date) -> tuple[Span, ...]:
    """Weekly and added hours of a day, joined where they touch; closures are not taken out."""
    found: list[Span] = []
    for begin, end in _windows(state, nurse, day):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def closures(state: WorldState, nurse: str, day: date) -> tuple[Override, ...]:
    """The overrides that take time away; they win over added hours."""
    return tuple(one for one in _dated(state, nurse, day) if one.closed)


def closure_over(state: WorldState, nurse: str, slot: Span) -> Override | None:
    """The closure that a slot runs into, if any."""
    day = slot[0].date()
    for one in closures(state, nurse, day):
        if overlap(slot, _span(day, one.from_, one.to)):
            return one
    return None


def booked(state: WorldState, *, nurse: str = "", patient: str = "") -> tuple[Booking, ...]:
    """The booked appointments of a nurse, or of a patient (ids), in the order of the records."""
    every = (booking_of(state, id_) for id_ in state.records["appointments"])
    return tuple(
        one
        for one in every
        if one.booked
        and (one.nurse == nurse or not nurse)
        and (one.patient == patient or not patient)
    )


def span_of(booking: Booking) -> Span:
    """The time an appointment takes."""
    return booking.start, booking.start + timedelta(minutes=booking.minutes)


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share time; touching ends do not. An empty span shares none."""
    return max(one[0], other[0]) < min(one[1], other[1])


def _windows(state: WorldState, nurse: str, day: date) -> tuple[Span, ...]:
    """Each weekly rule and each added override of a day, earliest first; none is empty."""
    weekly = (
        _span(day, one.from_, one.to)
        for one in state.availability
        if one.nurse == nurse and one.day == DAYS[day.weekday()]
    )
    added = (_span(day, one.from_, one.to) for one in _dated(state, nurse, day) if not one.closed)
    return tuple(sorted(span for span in (*weekly, *added) if span[0] < span[1]))


def _dated(state: WorldState, nurse: str, day: date) -> tuple[Override, ...]:
    return tuple(
        one for one in state.overrides if one.nurse == nurse and one.date == day.isoformat()
    )


def _span(day: date, from_: str, to: str) -> Span:
    return (
        datetime.combine(day, time.fromisoformat(from_)),
        datetime.combine(day, time.fromisoformat(to)),
    )
