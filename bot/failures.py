"""Failures that have words: their codes, what the words mention, whether to try again."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from adapters.port import Message
from bot.access import NotAllowed
from bot.commands.registry import BadCommand, UnknownCommand
from bot.pace import TooFast
from bot.people import BadPreference, NoPerson
from bot.store.database import StoreAway, StoreRefused
from bot.views import errors as error_views
from engine.errors import (
    MessageTooLong,
    MoreNeeded,
    NoSession,
    NotAllowedNow,
    SimulationError,
    UnknownAction,
    UnknownMode,
    UnknownScenario,
)

Expected: Final = (
    SimulationError,
    UnknownScenario,
    BadCommand,
    BadPreference,
    NotAllowed,
    NoPerson,
    StoreAway,
    StoreRefused,
)
"""Failures that have words. Anything else is a bug and goes up."""


def code_of(error: Exception) -> str:
    """The code that views, logs and the API share."""
    return str(getattr(error, "code", "failed"))


def details_of(error: Exception) -> dict[str, object]:
    """What the words for a failure may mention: numbers and names of ours, nothing anybody said."""
    return next((told(error) for kind, told in _DETAILS if isinstance(error, kind)), {})


def _nearest(names: Sequence[str]) -> dict[str, object]:
    return {"nearest": f"Did you mean {error_views.either(names)}? "} if names else {}


def _without_id(why: str) -> str:
    return "exhibit" if why.startswith("exhibit ") else why


_DETAILS: tuple[tuple[type[Exception], Callable[[Any], dict[str, object]]], ...] = (
    (MessageTooLong, lambda error: {"length": error.length, "limit": error.limit}),
    (TooFast, lambda error: {"seconds": error.seconds}),
    (UnknownAction, lambda error: {"known": error_views.choices(error.known)}),
    (MoreNeeded, lambda error: {"known": error_views.choices(error.wanted)}),
    (UnknownMode, lambda error: {"known": error_views.choices(error.known)}),
    (UnknownScenario, lambda error: _nearest(error.suggestions)),
    (UnknownCommand, lambda error: _nearest([f"`/sim {one}`" for one in error.nearest])),
    (BadCommand, lambda error: {"usage": error.usage or "/sim help"}),
    (BadPreference, lambda error: {"why": error.why}),
    (NotAllowed, lambda error: {"why": error.why}),
    (NotAllowedNow, lambda error: {"why": _without_id(error.why)}),
    (NoSession, lambda error: {"why": "unknown" if error.session_id else ""}),
)
"""The first that fits counts."""


def error_message(error: Exception) -> Message:
    """The words for a failure."""
    return error_views.error(code_of(error), details_of(error))


def is_retryable(error: Exception) -> bool:
    """Whether the same request may succeed if sent again."""
    return bool(getattr(error, "retryable", False))
