"""How delivery stands, as a value; `bot.delivery.watching` looks it up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.store import Transaction

_LEAST: Final = timedelta(minutes=1)
_MARGIN: Final = timedelta(seconds=30)


def stuck_after(turn_seconds: float) -> timedelta:
    """What was due for longer is stuck: no turn takes so long, and neither does a busy platform.

    `turn_seconds`: how long a reply may take.
    """
    return max(_LEAST, timedelta(seconds=turn_seconds) + _MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How delivery stands.

    `late` is for how long the oldest event is due, `unsent_late` the oldest thing to show, however
    often it was tried. Of those `put_off` wait for a platform that was away or busy. `dead` and
    `unsent_dead` were given up, `letters` of the latter to one person alone. `unknown` may or may
    not have been shown. `held` lanes are worked on, the longest for `held_for`; of `left` ones
    somebody died who worked on them. `alive` processes take work; `gone` ones died, and nobody has
    noticed yet. Of one of all these nothing was heard for `unheard`. What waits for longer than
    `most` is stuck.
    """

    late: timedelta
    waiting: int
    dead: int
    unsent_late: timedelta
    unsent: int
    put_off: int
    unsent_dead: int
    letters: int
    unknown: int
    held: int
    held_for: timedelta
    left: int
    alive: int
    gone: int
    unheard: timedelta
    most: timedelta

    @property
    def stuck(self) -> bool:
        """Whether something waits for longer than it should."""
        return max(self.late, self.unsent_late) > self.most

    @property
    def lost(self) -> int:
        """How many things were given up."""
        return self.dead + self.unsent_dead


Look = Callable[[Transaction, datetime], Awaitable[Standing]]
"""Looks up how delivery stands at a time. Only reads."""
