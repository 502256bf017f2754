"""Answers to queries: completions as people type, and forms. Reads, writes nothing."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import structlog

from adapters.port import (
    NOTHING,
    Answered,
    Completing,
    Completions,
    FormChecked,
    FormWanted,
    HomeShown,
    Query,
    Shown,
)
from bot import doors, people
from bot.access import Thing, may
from bot.commands import REGISTRY
from bot.commands.forms import FORMS
from bot.home import page
from bot.services import Services
from bot.store.database import StoreAway
from bot.things import session_thing
from engine.actions import offered
from engine.casting import ai_seats, free_seats, mode_names, mode_of, speaker_name
from engine.errors import SimulationError
from engine.store import Transaction, sessions

log = structlog.get_logger(__name__)

Pairs = list[tuple[str, str]]

VERBS: Final = {"orders": "order", "submissions": "submit"}
"""What an option completes, and the command that does it."""


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
                if isinstance(query, HomeShown):
                    return Shown(await page(tx, self._services, query))
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
        return await self._of_scene(tx, query, option.completes)

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

    async def _of_scene(self, tx: Transaction, query: Completing, what: str) -> Pairs:
        """What the session of the thread has; only seats for those who do not steer it."""
        door = await doors.of_thread(tx, query.thread)
        if door is None:
            return []
        record, scenario, state = await self._services.simulation.read(tx, door.session_id)
        if what in VERBS:
            return [(label, label) for label in offered(scenario, VERBS[what])]
        if what == "seats":
            free = free_seats(scenario, state.mode, state.people)
            return [(seat, speaker_name(scenario, state.mode, seat)) for seat in free]
        if not await self._steers(tx, query, session_thing(record, state)):
            return []
        if what == "cues":
            return [(one.id, one.id) for one in scenario.cues if one.id not in state.cues]
        if what == "exhibits":
            return [(one.id, one.title) for one in scenario.exhibits]
        if what == "characters":
            here = [seat for seat in ai_seats(scenario, state.mode) if seat in state.present]
            return [(seat, speaker_name(scenario, state.mode, seat)) for seat in here]
        return []

    async def _steers(self, tx: Transaction, query: Completing, thing: Thing) -> bool:
        who = people.account_of(query.user)
        known = await people.known(tx, who)
        if known is None:
            return False
        person = await people.get(tx, known, thing.owner)
        if f"{who.platform}:{who.user_id}" in self._services.settings.admins:
            person = replace(person, roles=person.roles | {"admin"})
        return may(person, "inject", thing).allowed


def _fitting(pairs: Iterable[tuple[str, str]], typed: str) -> Pairs:
    """Those that begin with what was typed, then those that hold it."""
    wanted = typed.lower()
    pairs = list(dict.fromkeys(pairs))
    first = [pair for pair in pairs if pair[0].lower().startswith(wanted)]
    rest = [pair for pair in pairs if pair not in first and wanted in " ".join(pair).lower()]
    return first + rest
