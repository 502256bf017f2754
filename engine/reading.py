"""What one message did: ids from closed lists. Values only."""

from dataclasses import dataclass
from typing import Literal

Act = Literal[
    "greeting", "thanks", "farewell", "comfort", "attack", "statement", "question", "none"
]
"""What the trainee's words do, beside asking for facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFact:
    """A fact that a part of the message asked for. Not `sure`: one of two or three close ones."""

    id: str
    score: float
    part: int
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one message did."""

    addressed: tuple[str, ...] = ()
    asked: tuple[AskedFact, ...] = ()
    exhibits: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    parts: int = 1
    words: str = ""
    distress: bool = False
    stop: bool = False
    judged: tuple[str, ...] = ()

    @property
    def sure_facts(self) -> tuple[str, ...]:
        """The facts that count as asked for, each once."""
        return tuple(dict.fromkeys(one.id for one in self.asked if one.sure))
