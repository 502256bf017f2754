"""Slash commands, declared once. Importing this package declares all of them."""

from bot.commands import (
    debrief,
    exports,
    feedback,
    figures,
    followups,
    health,
    help_,
    library,
    people,
    practice,
    seats,
    session,
    staging,
)
from bot.commands.registry import REGISTRY

__all__ = [
    "REGISTRY",
    "debrief",
    "exports",
    "feedback",
    "figures",
    "followups",
    "health",
    "help_",
    "library",
    "people",
    "practice",
    "seats",
    "session",
    "staging",
]
