"""Slash commands, declared once. Importing this package declares all of them."""

from bot.commands import exports, health, help_, library, people, session
from bot.commands.registry import REGISTRY

__all__ = ["REGISTRY", "exports", "health", "help_", "library", "people", "session"]
