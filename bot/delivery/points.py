"""Places in delivery where a process may die; tests kill it there."""

from collections.abc import Callable
from typing import Final, Literal

Point = Literal["accepted", "leased", "thought", "committed", "posted", "growing"]
"""After: storing an event; taking its lane; the model's answer; the transaction that stores it;
showing it. And while it grows before people's eyes."""

Reached = Callable[[Point], None]


def _nothing(_point: Point) -> None:
    """Go on."""


NO_POINTS: Final[Reached] = _nothing
