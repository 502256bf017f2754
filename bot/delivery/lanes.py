"""The names of lanes on which things come in."""

from typing import Final

from adapters.port import ThreadRef
from adapters.stored import thread_id
from bot.store.locking import SESSION_LANE

NOW: Final = "now:"
"""Begins the lane of what does not wait for a turn under way."""


def session_lane(session_id: str) -> str:
    """The lane of what happens in a session."""
    return f"{SESSION_LANE}{session_id}"


def thread_lane(thread: ThreadRef) -> str:
    """The lane of what happens in a thread that leads to no session."""
    return f"thread:{thread_id(thread)}"
