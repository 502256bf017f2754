"""What is wrong with a file, told so that an author can mend it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

_COMPARED = 500

Where = tuple[str | int, ...]
"""Where something stands in a scenario: keys and list indexes, as `("facts", 3, "say")`."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong at a path of a scenario: what, and how to mend it."""

    path: Where
    severity: Severity = "error"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong at a place of a file. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    severity: Severity = "error"
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.severity}: {self.text}"


def shown(words: object, limit: int = 60) -> str:
    """A value as it is quoted in a problem: one line, cut where it is long."""
    line = " ".join(str(words).split())
    return f"`{line if len(line) <= limit else line[: limit - 1] + '…'}`"


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the known word nearest to this one, or nothing."""
    close = difflib.get_close_matches(word[:80], list(islice(known, _COMPARED)), n=1, cutoff=0.6)
    return f"; did you mean {shown(close[0])}?" if close else ""
