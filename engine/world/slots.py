"""Searching the schedule for free slots."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.world.arguments import read_bound, read_minutes
from engine.world.hours import booked, free_slots, licensed, overlap, span_of
from engine.world.state import Refusal, ToolResult, WorldState, echo, find, name_of, plain
from engine.world.wording import moment_words, stamp

SHOWN = 6
"""How many slots one answer offers."""
_AHEAD = timedelta(days=28)
_WIDEST = timedelta(days=92)

Args = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """Where a search looks: from moment to moment, and between two times of each day."""

    first: datetime
    last: datetime
    from_time: time = time.min
    to_time: time = time.max


def find_slots(state: WorldState, args: Args) -> ToolResult:
    """Up to six free slots, earliest first; only of nurses whose licence holds on the day."""
    window = _window(state, args)
    minutes = read_minutes(args, state.slot_minutes)
    nurses = _nurses(state, args)
    patient = find(state, "patients", args["patient"]) if "patient" in args else ""
    slots = []
    for start, nurse in _in_window(state, nurses, window, minutes):
        slot = (start, start + timedelta(minutes=minutes))
        busy = patient and any(
            overlap(slot, span_of(one)) for one in booked(state, patient=patient)
        )
        if not busy:
            slots.append((start, nurse))
        if len(slots) == SHOWN:
            break
    if not slots:
        return ToolResult(ok=True, text=_nothing_free(state, nurses, window))
    words = [
        f"{moment_words(start, state.now)} with {name_of(state, 'nurses', nurse)} ({nurse})"
        for start, nurse in slots
    ]
    return ToolResult(
        ok=True,
        text=f"Free: {'; '.join(words)}.",
        data=tuple(
            (
                ("nurse", nurse),
                ("name", name_of(state, "nurses", nurse)),
                ("start", stamp(start)),
                ("minutes", str(minutes)),
            )
            for start, nurse in slots
        ),
    )


def _nurses(state: WorldState, args: Args) -> tuple[str, ...]:
    """The nurses a search is about.

    Raises:
        Refusal: `no_such_nurse`, `ambiguous` or `no_such_specialization`.
    """
    every = tuple(state.records["nurses"])
    if "nurse" in args:
        every = (find(state, "nurses", args["nurse"]),)
    if "specialization" not in args:
        return every
    wanted = plain(args["specialization"])
    skills = {
        id_: dict(fields)["specialization"] for id_, fields in state.records["nurses"].items()
    }
    fitting = tuple(id_ for id_ in every if wanted in plain(skills[id_]))
    if not fitting:
        known = ", ".join(sorted({skills[id_] for id_ in every}))
        raise Refusal(
            "no_such_specialization",
            f"Nobody here does “{echo(args['specialization'])}”. Choose one of: {known}.",
        )
    return fitting


def _window(state: WorldState, args: Args) -> _Window:
    from_ = read_bound("from", args["from"]) if "from" in args else None
    to = read_bound("to", args["to"]) if "to" in args else None
    day = date.fromisoformat(args["date"]) if "date" in args else None
    first = _moment(day or from_, time.min) or state.now
    last = _moment(day or to, time.max) or first + _AHEAD
    first, last = max(first, state.now), min(last, first + _WIDEST)
    if day and isinstance(from_, datetime):
        first = max(first, from_)
    if day and isinstance(to, datetime):
        last = min(last, to)
    return _Window(
        first=first,
        last=last,
        from_time=from_ if isinstance(from_, time) else time.min,
        to_time=to if isinstance(to, time) else time.max,
    )


def _moment(bound: datetime | date | time | None, of_day: time) -> datetime | None:
    if isinstance(bound, datetime):
        return bound
    if isinstance(bound, date):
        return datetime.combine(bound, of_day)
    return None


def _in_window(
    state: WorldState, nurses: tuple[str, ...], window: _Window, minutes: int
) -> Iterator[tuple[datetime, str]]:
    """Free slots inside the window, earliest first; nurses in their order at the same time."""
    length = timedelta(minutes=minutes)
    day = window.first.date()
    while day <= window.last.date():
        found = [
            (start, order)
            for order, nurse in enumerate(nurses)
            for start in free_slots(state, nurse, day, minutes=minutes)
            if window.first <= start
            and start + length <= window.last
            and window.from_time <= start.time()
            and start + length <= datetime.combine(day, window.to_time)
        ]
        yield from ((start, nurses[order]) for start, order in sorted(found))
        day += timedelta(days=1)


def _nothing_free(state: WorldState, nurses: tuple[str, ...], window: _Window) -> str:
    if window.last < state.now:
        return f"That is over: now is {moment_words(state.now, state.now)}. Search later days."
    if len(nurses) == 1:
        name = name_of(state, "nurses", nurses[0])
        if not licensed(state, nurses[0], window.first.date()):
            ends = dict(state.records["nurses"][nurses[0]])["licence_expires"]
            return f"{name}'s licence ends on {ends}. Look for another nurse."
        return f"{name} has no free slot then. Try other days or another nurse."
    return "No slot is free then. Try other days or leave a filter out."
