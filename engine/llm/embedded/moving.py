"""A booked call that the caller wants at another time: which one it is, and when instead. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from engine.llm.embedded.desk import Desk
from engine.llm.embedded.phrases import CALL_ID, CANCEL, MOVE, TO
from engine.llm.embedded.results import KnownCall
from engine.llm.embedded.times import HALF_DAY, Wish, wish_in
from engine.words import normal


@dataclass(frozen=True)
class Move:
    """What the caller said about moving, since a call was last moved or booked."""

    desk: Desk

    @cached_property
    def wanted(self) -> bool:
        """Whether the caller wants a call at another time."""
        return any(MOVE.search(normal(said)) for _, said in self.desk.moving_lines)

    @cached_property
    def call(self) -> KnownCall | None:
        """The booked call that is meant; None while that is open."""
        told = [
            _halves(said)[0]
            for before, said in self.desk.moving_lines
            if not CANCEL.search(normal(said)) and not _asked_when(before)
        ]
        return meant(self.desk.calls, told, self.desk)

    @cached_property
    def wish(self) -> Wish:
        """When instead: what only says which call it is left out, later words over earlier ones."""
        wish = Wish()
        for before, said in self.desk.moving_lines:
            named, instead = _halves(said)
            new = wish_in(instead or named, self.desk.today)
            if not instead and not _asked_when(before):
                new = self._without_old(new)
            wish = wish.then(new)
        return wish

    def _without_old(self, wish: Wish) -> Wish:
        if self.call is None:
            return wish
        own_time = wish.at in (self.call.minute, self.call.minute - HALF_DAY)
        day = self.call.day
        return replace(
            wish,
            days=tuple(one for one in wish.days if one != day),
            weekdays=wish.weekdays - {day.weekday()},
            without=wish.without - {day.weekday()},
            at=None if own_time else wish.at,
        )


def _halves(said: str) -> tuple[str, str]:
    """What stands before and after the "to" of "move it to Thursday"."""
    move = MOVE.search(said.lower())
    found = TO.search(said, move.end()) if move else None
    return (said[: found.start()], said[found.end() :]) if found else (said, "")


def _asked_when(before: str) -> bool:
    """Whether the scheduler's line asked for a day, or offered some."""
    last = before.rstrip().rsplit(". ", 1)[-1]
    return "suit" in last or "like?" in last or last.startswith(("When", "Shall I"))


def meant(calls: Sequence[KnownCall], told: Sequence[str], desk: Desk) -> KnownCall | None:
    """The one call that the caller's words fit best; the only one there is; None in doubt."""
    if len(calls) == 1:
        return calls[0]
    fit = {one: sum(_likeness(one, text, desk) for text in told) for one in calls}
    best = [one for one in calls if fit[one] and fit[one] == max(fit.values())]
    return best[0] if len(best) == 1 else None


def _likeness(call: KnownCall, text: str, desk: Desk) -> int:
    plain = normal(text)
    wish = wish_in(text, desk.today)
    named = set(plain.split()) & set(normal(call.called).split())
    day = call.day in wish.days or call.day.weekday() in (wish.weekdays | wish.without)
    time = wish.at is not None and wish.at in (call.minute, call.minute - HALF_DAY)
    return 5 * (call.id in CALL_ID.findall(text.lower())) + 2 * bool(named) + day + time
