"""Whether a provider's cache hits as it should. Pure."""

from dataclasses import dataclass

from engine.llm.families import Family
from engine.usage import Usage

FIRST_TURNS = 3
"""Turns in which a session fills its cache."""
LEAST_SHARE = 0.8
"""From then on so much of a prompt is read from it."""
_WORTH = 2
"""So many times the shortest beginning that is kept; below that, the tail weighs too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheMissed:
    """A call that read less from the cache than it should. `share` of `tokens` of input."""

    model: str
    turn: int
    share: float
    tokens: int


def cache_missed(model: str, family: Family, turn: int, usage: Usage) -> CacheMissed | None:
    """What is wrong with a call of turn `turn` (from 1), None while nothing is.

    Where it happens again and again, something in the prompt changes that should not.
    """
    short = not family.cached_from or usage.input < family.cached_from * _WORTH
    if turn <= FIRST_TURNS or usage.estimated or short:
        return None
    share = usage.cache_read / usage.input
    if share >= LEAST_SHARE:
        return None
    return CacheMissed(model=model, turn=turn, share=round(share, 3), tokens=usage.input)
