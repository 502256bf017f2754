"""Branches: sessions that begin with another one's log, up to a turn of the trainee's. Pure."""

from collections.abc import Sequence
from datetime import datetime

from engine import events as ev
from engine.assessment.errors import NoTurn
from engine.scenario import Scenario
from engine.session import fold


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
    their seats: nobody plays again without being asked.

    Raises:
        NoTurn: there are not so many turns.
    """
    begins = turns_in(log)
    if not 1 <= turn <= len(begins):
        raise NoTurn(len(begins))
    kept = tuple(log[: begins[turn - 1] - 1])
    state = fold(scenario, kept)
    leaving = tuple(
        ev.Unseated(at=at, seat=seat, person=one)
        for seat, people in state.people.items()
        for one in people
        if one != person and state.seat_of(person) is not None
    )
    handed = tuple(ev.HandedBack(at=at, seat=seat) for seat in state.taken_over)
    rest = (ev.Paused(at=kept[-1].at, because="branch"), ev.Resumed(at=at))
    return (*kept, *rest, *leaving, *handed)
