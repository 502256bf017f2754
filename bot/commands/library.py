"""Commands around the library: what can be played, what was played."""

import re

from bot import scorecards
from bot.commands.registry import REGISTRY, Call, Option
from bot.commands.session import here
from bot.effects import Result, Whisper
from bot.views import debrief as debrief_views
from bot.views import library as views
from bot.views import session as session_views
from engine.casting import mode_names
from engine.errors import NoSession, UnknownScenario
from engine.store import Transaction, sessions

SESSION_ID = re.compile(r"[0-9a-f]{4,32}")
"""A session's id, or its beginning."""


@REGISTRY.command("list", "See all scenarios.")
async def list_(tx: Transaction, call: Call) -> Result:
    """Every published scenario as a card, with Start or Continue."""
    open_ones = await sessions.of_person(
        tx, call.person.id, statuses=("in_progress", "paused"), limit=200
    )
    shown = views.listing(call.services.catalog.published(), {one.scenario_id for one in open_ones})
    return Result((Whisper(message=shown),))


@REGISTRY.command("history", "See what you have played.")
async def history(tx: Transaction, call: Call) -> Result:
    """The caller's sessions, newest first."""
    records = await sessions.of_person(tx, call.person.id, limit=20)
    titled = [(record, title_of(call, record.scenario_id)) for record in records]
    return Result((Whisper(message=session_views.history(titled)),))


def title_of(call: Call, scenario_id: str) -> str:
    """A scenario's title; its id where it is no longer in the library."""
    try:
        return call.services.catalog.get(scenario_id).title
    except UnknownScenario:
        return scenario_id


@REGISTRY.command(
    "show",
    "See a scenario's brief, or how a simulation went.",
    what=Option("A scenario or a simulation's ID.", completes="scenarios", optional=True),
)
async def show(tx: Transaction, call: Call, what: str | None) -> Result:
    """The brief of a scenario, else the score card of a session."""
    if what and any(one.id == what for one in call.services.catalog.published()):
        scenario = call.services.catalog.get(what)
        running = await sessions.open_of(tx, call.person.id, scenario.id)
        shown = views.brief(scenario, mode_names(scenario)[0], running=running is not None)
        return Result((Whisper(message=shown),))
    if what and not SESSION_ID.fullmatch(what):
        call.services.catalog.get(what)  # raises, with the nearest names
        raise UnknownScenario
    session_id = await session_named(tx, call, what)
    card = await scorecards.card_of(tx, call.services, session_id, call.person)
    if card.step == "shown" and card.mine:
        await scorecards.mark_seen(tx, session_id, call.person.id, call.at)
    found = debrief_views.debrief(card)
    return Result((Whisper(message=found.message, exhibit=found.picture),))


async def session_named(tx: Transaction, call: Call, what: str | None) -> str:
    """The session somebody means: by the beginning of its id, else the one here, else the latest.

    Raises:
        NoSession: there is none like that among the caller's.
    """
    mine = await sessions.of_person(tx, call.person.id, limit=200)
    if what:
        found = [one.id for one in mine if one.id.startswith(what)]
        if len(found) == 1:
            return found[0]
        if len(what) == 32 and SESSION_ID.fullmatch(
            what
        ):  # an instructor has the whole id from a list
            return what
        raise NoSession("unknown")  # and not what was typed: that can be anything
    if call.session_id is not None:
        return call.session_id
    if not mine:
        return await here(tx, call)
    return mine[0].id
