"""Writing to the schedule: booking, moving and cancelling, and when that is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.world.arguments import missing, need, read_minutes
from engine.world.hours import (
    DAYS,
    booked,
    closure_over,
    free_slots,
    grid,
    licensed,
    open_spans,
    overlap,
    span_of,
)
from engine.world.state import (
    Booking,
    Change,
    Refusal,
    ToolResult,
    WorldState,
    booking_of,
    fields_of,
    find,
    name_of,
    new_id,
    whole,
)
from engine.world.wording import day_words, listed, moment_words, stamp

_SHOWN = 6  # slots or appointments in one answer
_AHEAD_DAYS = 28

Args = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a slot has to be like. `ignoring` is the appointment that moves."""

    nurse: str
    patient: str
    start: datetime
    minutes: int
    ignoring: str = ""


def book(state: WorldState, args: Args) -> ToolResult:
    """A new appointment."""
    wish = _Wish(
        patient=find(state, "patients", need(args, "patient")),
        nurse=find(state, "nurses", need(args, "nurse")),
        start=datetime.fromisoformat(need(args, "start")),
        minutes=read_minutes(args, state.slot_minutes),
    )
    _refuse_unless_free(state, wish)
    id_ = new_id(state, "appointments")
    fields = {
        "nurse": wish.nurse,
        "patient": wish.patient,
        "start": stamp(wish.start),
        "minutes": str(wish.minutes),
        "reason": args.get("reason", ""),
        "status": "booked",
    }
    return _written(f"Booked {{}}, number {id_}.", state, id_, fields)


def reschedule(state: WorldState, args: Args) -> ToolResult:
    """The same appointment at another time, with another nurse where one is given."""
    old = _upcoming(state, args)
    nurse = find(state, "nurses", args["nurse"]) if _names_new_nurse(args) else old.nurse
    wish = _Wish(
        nurse=nurse,
        patient=old.patient,
        start=datetime.fromisoformat(need(args, "start")),
        minutes=read_minutes(args, old.minutes),
        ignoring=old.id,
    )
    if (wish.nurse, wish.start, wish.minutes) == (old.nurse, old.start, old.minutes):
        raise Refusal("no_change", "It is booked like that already. Give another time.")
    _refuse_unless_free(state, wish)
    changed = dict(state.records["appointments"][old.id]) | {
        "nurse": nurse,
        "start": stamp(wish.start),
        "minutes": str(wish.minutes),
    }
    return _written("Moved to {}.", state, old.id, changed)


def cancel(state: WorldState, args: Args) -> ToolResult:
    """The appointment stays in the records as cancelled, and its time is free again."""
    old = _upcoming(state, args)
    changed = dict(state.records["appointments"][old.id]) | {"status": "cancelled"}
    return _written("Cancelled {}.", state, old.id, changed)


def summary_of(op: str, state: WorldState, args: Args) -> str:
    """What `book`, `reschedule` or `cancel` is going to do.

    Raises:
        Refusal: the arguments name nobody, or nothing that is booked.
    """
    if op == "book":
        nurse = name_of(state, "nurses", find(state, "nurses", need(args, "nurse")))
        patient = name_of(state, "patients", find(state, "patients", need(args, "patient")))
        when = moment_words(datetime.fromisoformat(need(args, "start")), state.now)
        minutes = read_minutes(args, state.slot_minutes)
        length = "" if minutes == state.slot_minutes else f", for {minutes} minutes"
        return f"Book {nurse} for {patient} on {when}{length}"
    old = _upcoming(state, args)
    what = f"{name_of(state, 'patients', old.patient)}'s appointment on {_words(state, old)}"
    if op == "cancel":
        return f"Cancel {what}"
    when = moment_words(datetime.fromisoformat(need(args, "start")), state.now)
    other = find(state, "nurses", args["nurse"]) if _names_new_nurse(args) else old.nurse
    with_ = f" with {name_of(state, 'nurses', other)}" if other != old.nurse else ""
    return f"Move {what} to {when}{with_}"


def _named(args: Args) -> str | None:
    """The appointment's id where the arguments give one."""
    return args.get("appointment") or args.get("id")


def _written(text: str, state: WorldState, id_: str, values: Mapping[str, str]) -> ToolResult:
    fields = fields_of(values)
    start = datetime.fromisoformat(values["start"])
    nurse, patient = values["nurse"], values["patient"]
    what = (
        f"{name_of(state, 'patients', patient)} with {name_of(state, 'nurses', nurse)} "
        f"on {moment_words(start, state.now)}"
    )
    return ToolResult(
        ok=True,
        text=text.format(what),
        data=(whole(id_, fields),),
        changes=(Change(collection="appointments", id=id_, fields=fields),),
    )


def _names_new_nurse(args: Args) -> bool:
    # Without an appointment's id, `nurse` and `patient` say which appointment is meant.
    return "nurse" in args and _named(args) is not None


def _upcoming(state: WorldState, args: Args) -> Booking:
    """The appointment meant, which is booked and not over.

    Raises:
        Refusal: it is cancelled or over, or the arguments do not name exactly one.
    """
    old = _meant(state, args)
    if not old.booked:
        raise Refusal("already_cancelled", "That appointment is cancelled. Book a new one.")
    if old.start < state.now:
        raise Refusal("past", "That appointment is over and stays as it is. Book a new one.")
    return old


def _meant(state: WorldState, args: Args) -> Booking:
    if named := _named(args):
        return booking_of(state, find(state, "appointments", named))
    if "patient" not in args:
        raise missing("appointment")
    patient = find(state, "patients", args["patient"])
    nurse = find(state, "nurses", args["nurse"]) if "nurse" in args else ""
    ahead = [one for one in booked(state, patient=patient, nurse=nurse) if one.start >= state.now]
    if len(ahead) == 1:
        return ahead[0]
    name = name_of(state, "patients", patient)
    if not ahead:
        raise Refusal("no_such_appointment", f"{name} has none booked. Book a new one.")
    which = "; ".join(f"{one.id}, {_words(state, one)}" for one in ahead[:_SHOWN])
    raise Refusal("ambiguous", f"{name} has {len(ahead)}: {which}. Give one id.")


def _refuse_unless_free(state: WorldState, wish: _Wish) -> None:
    day = wish.start.date()
    slot = (wish.start, wish.start + timedelta(minutes=wish.minutes))
    if wish.start < state.now:
        raise Refusal(
            "past",
            f"{moment_words(wish.start, state.now)} is over: now is "
            f"{moment_words(state.now, state.now)}. Give a later time.",
        )
    if not licensed(state, wish.nurse, day):
        ends = dict(state.records["nurses"][wish.nurse])["licence_expires"]
        raise Refusal(
            "licence_expired",
            f"{name_of(state, 'nurses', wish.nurse)}'s licence ends on {ends}. "
            "Choose another nurse, or look for free slots.",
        )
    _refuse_outside_hours(state, wish, slot)
    for one in booked(state, nurse=wish.nurse):
        if one.id != wish.ignoring and overlap(slot, span_of(one)):
            raise Refusal("slot_taken", f"That time is taken. {_instead(state, wish)}")
    for one in booked(state, patient=wish.patient):
        if one.id != wish.ignoring and overlap(slot, span_of(one)):
            name = name_of(state, "patients", wish.patient)
            raise Refusal(
                "patient_busy",
                f"{name} has another appointment then ({one.id}, {_words(state, one)}). "
                "Choose another time, or move that one first.",
            )


def _refuse_outside_hours(state: WorldState, wish: _Wish, slot: tuple[datetime, datetime]) -> None:
    name = name_of(state, "nurses", wish.nurse)
    day = wish.start.date()
    if closure := closure_over(state, wish.nurse, slot):
        why = f" ({closure.reason})" if closure.reason else ""
        raise Refusal(
            "closed_that_day",
            f"{name} is away on {day_words(day, state.now)} from {closure.from_} to {closure.to}"
            f"{why}. {_instead(state, wish)}",
        )
    around = [
        span
        for span in open_spans(state, wish.nurse, day)
        if span[0] <= slot[0] and slot[1] <= span[1]
    ]
    if not around:
        raise Refusal("not_available", f"{_hours(state, wish.nurse, day)} {_instead(state, wish)}")
    if slot[0] not in grid(state, wish.nurse, day):
        raise Refusal(
            "off_grid",
            f"{name}'s appointments start every {state.slot_minutes} minutes from "
            f"{around[0][0]:%H:%M}. {_instead(state, wish)}",
        )


def _hours(state: WorldState, nurse: str, day: date) -> str:
    name = name_of(state, "nurses", nurse)
    spans = [f"{begin:%H:%M} to {end:%H:%M}" for begin, end in open_spans(state, nurse, day)]
    if spans:
        return f"{name} takes calls {listed(spans)} on {day_words(day, state.now)}."
    weekly = {one.day for one in state.availability if one.nurse == nurse}
    days = [one.title() for one in DAYS if one in weekly]
    usual = f" Usual days: {listed(days)}." if days else ""
    return f"{name} takes no calls on {day_words(day, state.now)}.{usual}"


def _instead(state: WorldState, wish: _Wish) -> str:
    """The next step after a refusal: slots of that day, else the nurse's next free one."""
    day = wish.start.date()
    for ahead in range(_AHEAD_DAYS):
        slots = free_slots(
            state,
            wish.nurse,
            day + timedelta(days=ahead),
            minutes=wish.minutes,
            ignoring=wish.ignoring,
        )
        if slots:
            times = listed([f"{one:%H:%M}" for one in slots[:_SHOWN]])
            return f"Free on {day_words(slots[0].date(), state.now)}: {times}."
    return "Choose another nurse, or look for free slots."


def _words(state: WorldState, booking: Booking) -> str:
    nurse = name_of(state, "nurses", booking.nurse)
    return f"{moment_words(booking.start, state.now)} with {nurse}"
