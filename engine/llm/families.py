"""What is known of model families: how long a prompt may be before it costs more, and caching.

Only prefixes of names, and only what changes what is sent; which models exist is asked of the
provider, by `dressrun doctor`.
"""

from dataclasses import dataclass, replace
from typing import Literal

Effort = Literal["", "low", "medium", "high"]
"""How much a model is to think before it answers; "" leaves it to its vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """All figures in tokens.

    `prompt_cap` lies below the length from which a provider charges more for the whole prompt, or
    refuses it. `cached_from` is the shortest beginning of a prompt that is kept in a cache; shorter
    ones are silently not. `thinks`: it thinks before it speaks, and may be told how much effort
    to make.
    """

    prompt_cap: int
    cached_from: int
    thinks: bool = False


CLIFF_HAIKU_5_5 = 100_000
"""From here on `claude-haiku-5-5` costs five times as much a token."""
CLIFF_GPT_6_LUNA = 272_000
"""From here on `gpt-6-luna` costs twice as much a token."""
_MARGIN = 0.9  # our counts are estimates

ANTHROPIC = Family(prompt_cap=150_000, cached_from=1024, thinks=True)
OPENAI = Family(prompt_cap=200_000, cached_from=1024)
LOCAL = Family(prompt_cap=8_000, cached_from=0)
"""Local servers are often started with a short window, and some cut the beginning in silence."""

_OPENAI_5 = Family(prompt_cap=200_000, cached_from=1024, thinks=True)
_FAMILIES: tuple[tuple[str, Family], ...] = (
    (
        "claude-haiku-5-5",
        Family(prompt_cap=round(CLIFF_HAIKU_5_5 * _MARGIN), cached_from=4096, thinks=True),
    ),
    ("claude-haiku-4-5", Family(prompt_cap=150_000, cached_from=4096)),
    ("claude-sonnet-4-5", Family(prompt_cap=150_000, cached_from=1024)),
    (
        "gpt-6-luna",
        Family(prompt_cap=round(CLIFF_GPT_6_LUNA * _MARGIN), cached_from=1024, thinks=True),
    ),
    ("gpt-5", _OPENAI_5),
    ("gpt-6", _OPENAI_5),
    ("o3", _OPENAI_5),
    ("o4", _OPENAI_5),
)


def in_window(family: Family, window: int, room: int) -> Family:
    """The family on a server whose window is known: an answer of `room` tokens fits as well."""
    if not window:
        return family
    return replace(family, prompt_cap=max(round(window * _MARGIN) - room, window // 2))


def family_of(model: str, default: Family) -> Family:
    """The family whose prefix a model's name begins with, the longest first; else the default."""
    found = [(name, one) for name, one in _FAMILIES if model.startswith(name)]
    return max(found, key=lambda one: len(one[0]))[1] if found else default
