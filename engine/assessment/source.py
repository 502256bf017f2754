"""What all of assessment reads sessions with."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction
from engine.store.sessions import SessionRecord

Read: TypeAlias = Callable[[Transaction, str], Awaitable[tuple[SessionRecord, Scenario, State]]]
"""Reads a session with its frozen scenario and its folded state; `Simulation.read` does."""


class Source:
    """Reads sessions, and knows the time. Holds no session's state."""

    def __init__(self, read: Read, now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
