"""The ticks that look after spending: budgets that are crossed, calls that were never told of.

Instructors are told, once, that a budget's warning, alert or end was reached.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.port import Platform
from bot import people
from bot.accounts import account_in, staff_of
from bot.delivery.pipeline import Delivery
from bot.delivery.placing import lane_of, own_thread
from bot.effects import OpenDM
from bot.journal import LOOK_SECONDS, StoredJournal
from bot.models import budgets_of
from bot.observability import METRICS
from bot.people import NoPerson
from bot.schedule import Schedule
from bot.services import Services
from bot.store.database import StoreAway
from bot.store.locking import rank
from bot.views import budgets as views
from engine.errors import NoSession
from engine.store import Transaction, sessions, spending
from engine.store.spending import Crossing

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2
NAMES: Final = {1: "warn", 2: "alert", 3: "stop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossings:
    """Tells of crossings. Any number of processes may: a row makes each of them come once.

    `platforms` are those on which somebody can be written to.
    """

    services: Services
    delivery: Delivery
    platforms: Collection[Platform]

    def schedule(self, schedule: Schedule) -> None:
        """Add the ticks to a schedule; the caller runs it."""
        schedule.every(EVERY_SECONDS, self.tick)
        schedule.every(LOOK_SECONDS, self.give_up, first=self.services.now())

    async def give_up(self) -> int:
        """Count what calls may have cost whose process died; how many calls."""
        return await StoredJournal(self.services.database).give_up(self.services.now())

    async def tick(self) -> int:
        """Tell of what was crossed since the last time; how many crossings.

        A store that is away waits a tick.
        """
        database = self.services.database
        try:
            async with database.reading() as tx:
                if not await spending.has_fresh(tx):
                    return 0
            async with database.transaction() as tx:
                found = await spending.crossed(tx, budgets_of(self.services.settings))
                letters = [letter for one in found for letter in await self._letters(tx, one)]
                lanes = await self._write(tx, letters)
        except StoreAway as error:
            log.warning("crossings_skipped", code=error.code)
            return 0
        for lane in lanes:
            self.delivery.bell.work(lane)
        return len(found)

    async def _write(self, tx: Transaction, letters: Sequence[tuple[str, OpenDM]]) -> list[str]:
        """Send letters, each under its key; the lanes that got work."""
        # Of several processes that do so, none waits for another that waits for it.
        in_turn = sorted(letters, key=lambda one: rank(lane_of(own_thread(one[1].user))))
        return [
            lane
            for key, letter in in_turn
            for lane in await self.delivery.write(tx, letter, key, None)
        ]

    async def _letters(self, tx: Transaction, one: Crossing) -> list[tuple[str, OpenDM]]:
        level = NAMES[one.level]
        METRICS.budget_crossings.labels(one.scope, level).inc()
        log.warning("budget_crossed", scope=one.scope, key=one.key, level=level)
        message = views.crossing(one, await self._whose(tx, one))
        key = f"budget:{one.scope}:{one.key}:{one.day}:{level}"
        letters: list[tuple[str, OpenDM]] = []
        for person in await staff_of(tx, one.owner, self.services.settings.admins):
            user = await account_in(tx, person, one.owner)
            if user is not None and user.platform in self.platforms:
                letters.append((f"{key}:{person}", OpenDM(user=user, message=message)))
        if not letters:
            advice = "name a lead in DRESSRUN_ADMINS, or give somebody the role of an instructor"
            log.warning("budget_crossing_unheard", scope=one.scope, key=one.key, advice=advice)
        return letters

    async def _whose(self, tx: Transaction, one: Crossing) -> str:
        """What a budget is for, as people call it."""
        if one.scope == "person":
            return await _name(tx, one.key, one.owner)
        if one.scope == "workspace":
            return ""
        try:
            _, scenario, _ = await self.services.simulation.read(tx, one.key)
        except NoSession:
            return ""
        seated = await sessions.participants(tx, one.key)
        names = [await _name(tx, who.person, one.owner) for who in seated]
        return ", ".join((scenario.title, *(name for name in names if name)))


async def _name(tx: Transaction, person: str, workspace: str) -> str:
    try:
        return (await people.get(tx, person, workspace)).name
    except NoPerson:  # they were forgotten meanwhile
        return ""
