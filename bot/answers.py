"""Answers to queries: completions as people type, and forms. Reads, writes nothing."""

from collections.abc import Iterable

import structlog

from adapters.port import (
    NOTHING,
    Answered,
    Completing,
    Completions,
    FormChecked,
    FormWanted,
    Query,
)
from bot import doors, people
from bot.commands import REGISTRY
from bot.commands.forms import FORMS
from bot.services import Services
from bot.store.database import StoreAway
from engine.actions import offered
from engine.casting import mode_names, mode_of
from engine.errors import SimulationError
from engine.store import Transaction, sessions

log = structlog.get_logger(__name__)

Pairs = list[tuple[str, str]]


class Answers:
    """Answers an adapter's queries."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, query: Query) -> Answered:
        """Completions, a form, or what is wrong with one; never an exception."""
        try:
            async with self._services.database.reading() as tx:
                if isinstance(query, FormWanted | FormChecked):
                    return await FORMS.answer(tx, self._services, query)
                if not isinstance(query, Completing):
                    return NOTHING
                pairs = await self._pairs(tx, query)
        except (StoreAway, SimulationError) as error:
            log.info("query_unanswered", code=error.code)
            return NOTHING
        return Completions(tuple(_fitting(pairs, query.typed)))

    async def _pairs(self, tx: Transaction, query: Completing) -> Pairs:
        command = REGISTRY.commands.get(query.command)
        option = command.options.get(query.option) if command else None
        if option is None:
            return []
        if option.choices:
            return list(option.choices)
        if option.completes == "scenarios":
            return [(one.id, one.title) for one in self._services.catalog.published()]
        if option.completes == "modes":
            return self._modes(dict(query.given).get("scenario", ""))
        if option.completes == "commands":
            return [(one.name, one.summary) for one in REGISTRY.commands.values()]
        if option.completes == "running":
            return await self._running(tx, query)
        if option.completes in {"orders", "submissions"}:
            verb = "order" if option.completes == "orders" else "submit"
            return await self._offered(tx, query, verb)
        return []

    def _modes(self, scenario_id: str) -> Pairs:
        known = {one.id: one for one in self._services.catalog.published()}
        scenario = known.get(scenario_id)
        if scenario is None:
            return []
        return [(name, mode_of(scenario, name).label) for name in mode_names(scenario)]

    async def _running(self, tx: Transaction, query: Completing) -> Pairs:
        user = query.user
        who = people.account_of(user)
        person = await people.known(tx, who)
        if person is None:
            return []
        found = await sessions.of_person(
            tx, person, statuses=("in_progress", "paused", "abandoned"), limit=25
        )
        return [(one.scenario_id, one.status) for one in found]

    async def _offered(self, tx: Transaction, query: Completing, verb: str) -> Pairs:
        door = await doors.of_thread(tx, query.thread)
        if door is None:
            return []
        _, scenario, _ = await self._services.simulation.read(tx, door.session_id)
        return [(label, label) for label in offered(scenario, verb)]


def _fitting(pairs: Iterable[tuple[str, str]], typed: str) -> Pairs:
    """Those that begin with what was typed, then those that hold it."""
    wanted = typed.lower()
    pairs = list(dict.fromkeys(pairs))
    first = [pair for pair in pairs if pair[0].lower().startswith(wanted)]
    rest = [pair for pair in pairs if pair not in first and wanted in " ".join(pair).lower()]
    return first + rest
