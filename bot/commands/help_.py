"""Help."""

from bot.commands.registry import REGISTRY, Call, Option
from bot.effects import Result, Whisper
from bot.views import help as views
from engine.store import Transaction


@REGISTRY.command(
    "help",
    "See all commands, or one.",
    topic=Option("A command.", completes="commands", optional=True),
)
async def help_(tx: Transaction, call: Call, topic: str | None) -> Result:
    """All commands the caller may use, or one with its options."""
    word = (topic or "").removeprefix("/sim").strip("/! ").lower()
    if command := REGISTRY.commands.get(word):
        return Result((Whisper(message=views.topic(command.spec)),))
    return Result((Whisper(message=views.overview(REGISTRY.specs, call.person.roles)),))
