"""Figures: what is played here, what it costs, how long people wait."""

from datetime import timedelta

from bot.access import Thing, require
from bot.commands.registry import REGISTRY, BadCommand, Call, Option
from bot.effects import Result, Whisper
from bot.models import budgets_of
from bot.views import budgets as views
from engine.store import Transaction, breakers, figures, spending

USUAL_DAYS = 30
MOST_DAYS = 3650


@REGISTRY.command(
    "stats",
    "See what is played here, what it costs, how long people wait.",
    roles=("instructor", "admin"),
    days=Option("Of how many days; 30 if left out.", kind="number", optional=True),
)
async def stats(tx: Transaction, call: Call, days: str | None) -> Result:
    """Figures of the workspace, to the caller alone; nothing of what anybody said."""
    workspace = call.person.workspace
    require(call.person, "see_cost", Thing(kind="workspace", owner=workspace))
    wanted = _days(days)
    found = await figures.of_workspace(tx, workspace, call.at - timedelta(days=wanted))
    today = await spending.of_day(tx, workspace, call.at)
    shown = views.stats(
        found,
        wanted,
        today,
        budgets_of(call.services.settings).workspace,
        await breakers.resting(tx, call.services.models.keys, call.at),
    )
    return Result((Whisper(message=shown),))


def _days(given: str | None) -> int:
    """A number of days.

    Raises:
        BadCommand: it is none.
    """
    if not given:
        return USUAL_DAYS
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= MOST_DAYS:
        raise BadCommand("days", "/sim stats [DAYS]")
    return int(given)
