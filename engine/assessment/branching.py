"""Branches: sessions that begin with another one's log, up to a turn of the trainee's. Pure."""

from collections.abc import Sequence
from datetime import datetime

from engine import events as ev
from engine.assessment.errors import NoTurn
from engine.scenario import Scenario
from engine.session import fold

_BRANCH = "branch"
_BEGINS = (ev.Resumed, ev.Unseated, ev.HandedBack)
"""What a branch begins with, after the pause."""


def turns_in(log: Sequence[ev.Event]) -> tuple[int, ...]:
    """The seqs at which the trainee's turns begin, first to last.

    Messages that were answered together are one turn.
    """
    first = {seq: seq for seq, event in enumerate(log, 1) if isinstance(event, ev.TraineeSaid)}
    for event in log:
        if isinstance(event, ev.CharacterSaid):
            together = [seq for seq in event.answers if seq in first]
            first.update((seq, min(first[seq], *together)) for seq in together)
    return tuple(sorted(set(first.values())))


def turn_at(log: Sequence[ev.Event], seq: int) -> int:
    """The number of the turn, from 1, that what stands at `seq` belongs to; 1 before the first."""
    return max(1, sum(begin <= seq for begin in turns_in(log)))


def branched(
    scenario: Scenario, log: Sequence[ev.Event], turn: int, *, person: str, at: datetime
) -> tuple[ev.Event, ...]:
    """The log of a branch: all before the trainee's turn `turn` (from 1) as it is, then a pause.

    The pause lasts from then until `at`, so that the clock goes on as it stood. Other people leave
    their seats: nobody plays again without being asked. A person who came later than that turn sits
    where they sat then.

    Raises:
        NoTurn: there are not so many turns.
    """
    begins = turns_in(log)
    if not 1 <= turn <= len(begins):
        raise NoTurn(len(begins))
    kept = tuple(log[: begins[turn - 1] - 1])
    state = fold(scenario, kept)
    here = state.seat_of(person)
    sat = here or _seat_later(log, person)
    leaving = tuple(
        ev.Unseated(at=at, seat=seat, person=one)
        for seat, people in state.people.items()
        for one in people
        if one != person and sat is not None
    )
    seated = () if here or sat is None else (ev.Seated(at=at, seat=sat, person=person),)
    handed = tuple(ev.HandedBack(at=at, seat=seat) for seat in state.taken_over)
    rest = (ev.Paused(at=kept[-1].at, because=_BRANCH), ev.Resumed(at=at))
    return (*kept, *rest, *leaving, *handed, *seated)


def _seat_later(log: Sequence[ev.Event], person: str) -> str | None:
    """Where a person sat last; None for somebody who never did."""
    sat = (one.seat for one in reversed(log) if isinstance(one, ev.Seated) and one.person == person)
    return next(sat, None)


def took_up(log: Sequence[ev.Event]) -> int:
    """How many events of a log are what a branch took over and began with; 0 for no branch."""
    paused = (isinstance(one, ev.Paused) and one.because == _BRANCH for one in log)
    begins = max((seq for seq, one in enumerate(paused, 1) if one), default=0)
    while 0 < begins < len(log) and isinstance(log[begins], _BEGINS):
        begins += 1
    return begins
