"""How the server does, for those who look after it."""

from bot.access import Thing, require
from bot.commands.registry import REGISTRY, Call
from bot.effects import Result, Whisper
from bot.views import health as views
from engine.store import Transaction


@REGISTRY.command("health", "See whether messages get through.", roles=("instructor", "admin"))
async def health(tx: Transaction, call: Call) -> Result:
    """How delivery stands, in figures; nothing of what anybody said."""
    require(call.person, "see_health", Thing(kind="workspace", owner=call.person.workspace))
    services = call.services
    found = await services.standing(tx, services.now())
    shown = views.standing(found, services.settings.carried_by)
    return Result((Whisper(message=shown),))
