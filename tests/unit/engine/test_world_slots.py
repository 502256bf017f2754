"""Free slots, whatever the rules and the bookings are."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.scenario.sandbox import Tool, World
from engine.world import WorldState, free_slots, run, start_of

DAY = date(2026, 12, 1)
MINUTES = st.integers(min_value=0, max_value=24 * 60 - 1)
Window = tuple[str, str]


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


windows = st.tuples(MINUTES, MINUTES).map(lambda two: (clock(two[0]), clock(two[1])))


def override(window: tuple[str, str], closed: bool) -> dict[str, object]:
    start, end = window
    return {"nurse": "ann", "date": "2026-12-01", "from": start, "to": end, "closed": closed}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    rules = draw(st.lists(windows, max_size=3))
    overrides = draw(st.lists(st.tuples(windows, st.booleans()), max_size=3))
    taken = draw(st.lists(st.tuples(MINUTES, st.integers(min_value=5, max_value=120)), max_size=4))
    return World.model_validate(
        {
            "now": f"2026-12-01T{clock(draw(MINUTES))}",
            "patients": [{"id": "omar", "name": "Omar"}, {"id": "ruth", "name": "Ruth"}],
            "schedule": {
                "slot_minutes": draw(st.sampled_from([5, 20, 30, 45])),
                "nurses": [
                    {
                        "id": "ann",
                        "specialization": "wounds",
                        "licence": "RN-1",
                        "licence_expires": draw(st.sampled_from(["2026-11-30", "2026-12-01"])),
                    }
                ],
                "availability": [
                    {"nurse": "ann", "day": "tue", "from": one[0], "to": one[1]} for one in rules
                ],
                "overrides": [override(one, closed) for one, closed in overrides],
                "appointments": [
                    {
                        "id": f"a{number}",
                        "nurse": "ann",
                        "patient": "ruth",
                        "start": f"2026-12-01T{clock(start)}",
                        "minutes": minutes,
                    }
                    for number, (start, minutes) in enumerate(taken)
                ],
            },
        }
    )


def at(text: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(text))


def minutes_of(start: datetime, length: int) -> set[datetime]:
    return {start + timedelta(minutes=one) for one in range(length)}


def between(from_: str, to: str) -> set[datetime]:
    return minutes_of(at(from_), max(0, int((at(to) - at(from_)).total_seconds()) // 60))


@given(worlds())
def test_a_slot_is_open_and_free_in_every_minute(world: World) -> None:
    state = start_of(world)
    schedule = world.schedule
    open_: set[datetime] = set()
    for rule in schedule.availability:
        open_ |= between(rule.from_, rule.to)
    for added in schedule.overrides:
        open_ |= set() if added.closed else between(added.from_, added.to)
    for closed in schedule.overrides:
        open_ -= between(closed.from_, closed.to) if closed.closed else set()
    for one in schedule.appointments:
        open_ -= minutes_of(datetime.fromisoformat(one.start), one.minutes)
    slots = free_slots(state, "ann", DAY)
    for start in slots:
        assert minutes_of(start, schedule.slot_minutes) <= open_
        assert start >= state.now
    assert list(slots) == sorted(set(slots))
    if schedule.nurses[0].licence_expires < DAY.isoformat():
        assert slots == ()


@given(worlds())
def test_one_grid_gives_slots_that_do_not_overlap(world: World) -> None:
    rules = world.schedule.availability[:1]
    closed = tuple(one for one in world.schedule.overrides if one.closed)
    schedule = world.schedule.model_copy(update={"availability": rules, "overrides": closed})
    slots = free_slots(start_of(world.model_copy(update={"schedule": schedule})), "ann", DAY)
    step = timedelta(minutes=world.schedule.slot_minutes)
    assert all(later - earlier >= step for earlier, later in pairwise(slots))


@given(worlds(), MINUTES)
def test_what_is_free_can_be_booked_and_nothing_else(world: World, minute: int) -> None:
    state = start_of(world)
    slots = free_slots(state, "ann", DAY)
    assert all(books(state, start) for start in slots[:4])
    other = at(clock(minute))
    assert books(state, other) == (other in slots)


def books(state: WorldState, start: datetime) -> bool:
    tool = Tool.model_validate(
        {
            "id": "book",
            "backend": "schedule",
            "args": {"nurse": "str", "patient": "str", "start": "str"},
        }
    )
    args = {"nurse": "ann", "patient": "omar", "start": f"{start:%Y-%m-%dT%H:%M}"}
    return run(tool, state, args).ok


def test_an_unknown_nurse_has_no_slots() -> None:
    assert free_slots(start_of(World(now="2026-12-01T08:00")), "ann", DAY) == ()
