"""What comes in and is handled once: events, and errands of the application's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from adapters.port import Event, Platform, UserRef

CLOCK: Final = UserRef(Platform("dressrun"), "clock", "clock")
"""Whose events errands are."""

TICK: Final = "tick"
"""The errand that lets time pass in a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Something to do from `at` on, set by `bot.delivery.later`.

    `event_id` is unique among errands, and setting one twice sets it once. `name` is the one it was
    declared by in `bot.errands`; `about` is the id that the handler looks up, and never anything
    that somebody said. With a `session_id` it keeps the order of that session and goes when the
    session goes.
    """

    event_id: str
    at: datetime
    name: str
    about: str = ""
    session_id: str | None = None
    order: str = ""
    user: UserRef = CLOCK
    kind: Literal["errand"] = "errand"


Incoming = Event | Errand
"""Whatever waits until it is due, and is handled once."""
