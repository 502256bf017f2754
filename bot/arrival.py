"""An event on its way to its handler, and what is stored of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from adapters.port import MessagePosted, Speaker
from bot.effects import Result
from bot.incoming import Incoming
from engine.speaking import Show
from engine.store import Transaction

UNHEARD: Final = "unheard"
"""The code of words that no scene took, and of what was said to them instead."""

ASIDE: Final = "aside"
"""The code of words of somebody without a seat."""

PLAYED: Final = "played"
"""The code of words after which somebody was told that a person is to answer."""

Commit = Callable[[Transaction, Result], Awaitable[None]]
"""Stores what an event led to, in the transaction of its handler."""

SpeakerBegins = Callable[[Speaker], Awaitable[Show]]
"""Called when somebody is about to answer; what it gives is shown the reply as it grows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event on its way to its handler.

    `more` are further messages of the same person, answered together with the first. `session_id`
    is the session it is about. `person` is set where somebody made sure already who writes.
    `at_once`: no turn is to keep it waiting.
    """

    event: Incoming
    commit: Commit
    more: tuple[MessagePosted, ...] = ()
    session_id: str | None = None
    person: str | None = None
    begins: SpeakerBegins | None = None
    at_once: bool = False
