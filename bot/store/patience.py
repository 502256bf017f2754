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

_SECONDS: Final = ContextVar("_SECONDS", default=ANSWER_SECONDS)


@contextmanager
def waiting(seconds: float) -> Generator[None]:
    """Wait so long at most, for each answer to what is asked inside the block."""
    token = _SECONDS.set(seconds)
    try:
        yield
    finally:
        _SECONDS.reset(token)


def seconds() -> float:
    """The seconds that hold here."""
    return _SECONDS.get()
