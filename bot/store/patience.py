"""How long the database may take over one thing that it is asked, on PostgreSQL.

A limit for each wait and not for a whole transaction: what asks many things may take its time, as
long as it is answered.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

ANSWER_SECONDS: Final = 4.0
"""For what somebody waits for: it is known within five seconds that a server hangs."""

LONG_SECONDS: Final = 300.0
"""For what goes through a whole table, or a person's whole life here."""

COMMIT_SECONDS: Final = 30.0
"""For a commit: a slow disk is no outage, and nobody knows what became of one that was cut.

What may come a second time has no longer for it than for a statement; see `Database.storing`.
"""

_SECONDS: Final = ContextVar("_SECONDS", default=ANSWER_SECONDS)
_COMMIT: Final = ContextVar("_COMMIT", default=COMMIT_SECONDS)


@contextmanager
def waiting(seconds: float, commit: float | None = None) -> Generator[None]:
    """Wait so long at most, for each answer to what is asked inside the block.

    `commit`: seconds for a commit, where those are fewer than usual.
    """
    token = _SECONDS.set(seconds)
    second = _COMMIT.set(_COMMIT.get() if commit is None else commit)
    try:
        yield
    finally:
        _COMMIT.reset(second)
        _SECONDS.reset(token)


@contextmanager
def committing() -> Generator[None]:
    """Wait as long as a commit may take, for each answer inside the block."""
    with waiting(max(_SECONDS.get(), _COMMIT.get())):
        yield


def seconds() -> float:
    """The seconds that hold here."""
    return _SECONDS.get()
