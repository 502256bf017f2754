"""The tick that turns due follow-ups into direct messages, each once.

A row is claimed and what it leads to is put into the outbox in one transaction: a process that dies
before has sent nothing, one that dies after has sent it. How that went is read from the outbox.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

import structlog

from adapters.errors import AdapterError, Unreachable
from adapters.port import ChatAdapter, Platform, UserRef
from bot import people
from bot.accounts import account_in
from bot.afterwards import planning
from bot.afterwards.composing import Nothing, composed
from bot.afterwards.holding import SCORING_SECONDS, Hold, HoldLost, held
from bot.afterwards.scoring import scored
from bot.afterwards.timing import RULES, Missed, Moved, verdict
from bot.delivery.pipeline import Delivery
from bot.effects import OpenDM
from bot.observability import correlated, report
from bot.people import NoPerson, Person
from bot.preferences import BadPreference
from bot.schedule import Schedule
from bot.services import Services
from bot.store import following as rows
from bot.store.database import StoreAway
from bot.store.following import FollowUp
from engine.errors import NoSession
from engine.llm.port import Deadline
from engine.store import Transaction, sessions

log = structlog.get_logger(__name__)

Found = TypeVar("Found")

EVERY_SECONDS: Final = 2
SWEEP_SECONDS: Final = 20
BATCH: Final = 20
"""So many are looked at in a tick: a server that comes back does not send to everybody at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterwards:
    """Writes to people after their sessions. One a process that has adapters."""

    services: Services
    delivery: Delivery
    adapters: Mapping[Platform, ChatAdapter]

    def schedule(self, schedule: Schedule) -> None:
        """Add the ticks to a schedule; the caller runs it."""
        schedule.every(EVERY_SECONDS, self.plan)
        schedule.every(EVERY_SECONDS, self.tick)
        schedule.every(SWEEP_SECONDS, self.sweep)

    async def plan(self) -> int:
        """Score sessions that just ended, and plan what their people get; how many.

        Apart from sending, because a judge may take long. A store that is away waits a tick.
        """
        try:
            return await self._each(await self._read(self._ended), self._plan)
        except StoreAway as error:
            log.warning("followups_skipped", code=error.code)
            return 0

    async def tick(self) -> int:
        """Send what is due, and note how sending went; how many were sent.

        A store that is away waits a tick.
        """
        try:
            await self._concluded()
            return await self._each(await self._read(self._due), self._send)
        except StoreAway as error:
            log.warning("followups_skipped", code=error.code)
            return 0

    async def sweep(self) -> None:
        """Plan reminders and digests."""
        try:
            await self._each(await self._read(self._unfinished), self._remind)
            async with self.services.database.transaction() as tx:
                await planning.digests(tx, self.services.now(), self.adapters)
        except StoreAway as error:
            log.warning("followups_skipped", code=error.code)

    # --- planning ------------------------------------------------------------------------------

    async def _ended(self, tx: Transaction) -> list[str]:
        return await planning.ended(tx, self.services.now(), self.adapters, BATCH)

    async def _unfinished(self, tx: Transaction) -> list[str]:
        return await planning.unfinished(tx, self.services.now(), self.adapters, BATCH)

    async def _due(self, tx: Transaction) -> list[int]:
        return await rows.due(tx, self.services.now(), BATCH)

    async def _plan(self, session_id: str) -> bool:
        """Score a session and plan what follows, if nobody else is at it: a judge is paid once."""
        hold = await held(self.services, session_id)
        if hold is None:
            return False
        try:
            await self._score(hold)
        except (StoreAway, NoSession):
            raise
        except HoldLost:
            log.warning("scoring_lost")
            async with self.services.database.reading() as tx:
                if await planning.is_others(tx, session_id):
                    return False
            # Nobody else does the rest: who it was for wants no messages any more.
        except Exception as error:  # noqa: BLE001  # what people get does not wait for a judge
            with correlated(session_id=session_id):
                report(error)
        await self._look_up_people(session_id)
        async with self.services.database.transaction() as tx:
            await planning.after(tx, session_id, self.services.now())
        return True

    async def _remind(self, session_id: str) -> bool:
        async with self.services.database.transaction() as tx:
            await planning.remind(tx, session_id, self.services.now())
        return True

    async def _score(self, hold: Hold) -> None:
        """Let the judge and the coach look at each who played; that of the whole by code alone.

        Raises:
            HoldLost: another does all this, or nobody waits for it any more.
        """
        assessment, session_id = self.services.assessment, hold.session_id
        async with self.services.database.transaction() as tx:
            played = await assessment.players(tx, session_id)
            if "" not in played:
                await assessment.evaluate(tx, session_id)
        for person in played:
            await self._score_one(session_id, person)
            await hold.longer()

    async def _score_one(self, session_id: str, person: str) -> None:
        """Let the judge and the coach look, if there are any; no transaction is open meanwhile."""
        assessment, database = self.services.assessment, self.services.database
        version, _ = await scored(self.services, session_id, person, self._deadline())
        async with database.transaction() as tx:
            # With the score that the coach reads.
            opened = await assessment.open(tx, session_id, person)
            debrief = await assessment.debrief(tx, session_id, version)
        coached = await assessment.coach(opened, debrief, self._deadline())
        async with database.transaction() as tx:
            await assessment.keep_debrief(tx, coached)

    def _deadline(self) -> Deadline:
        return Deadline(at=asyncio.get_running_loop().time() + SCORING_SECONDS)

    async def _look_up_people(self, session_id: str) -> None:
        """Take from the platform the time zone of whoever set none, and names not known yet."""
        async with self.services.database.reading() as tx:
            record = await sessions.get(tx, session_id)
            known = await planning.seated(tx, record)
            known += await planning.nameless_staff(tx, record.owner, BATCH)
            unknown = [one for one in known if one.preferences.time_zone is None or not one.name]
            accounts = [(one, await account_in(tx, one.id, record.owner)) for one in unknown]
        for person, user in accounts:
            if user is not None and user.platform in self.adapters:
                await self._keep_profile(person, user)

    async def _keep_profile(self, person: Person, user: UserRef) -> None:
        try:
            profile = await self.adapters[user.platform].profile(user)
            zone = person.preferences.time_zone or profile.time_zone
            wanted = replace(person.preferences, time_zone=zone)
        except (AdapterError, BadPreference) as error:
            log.info("zone_unknown", code=error.code)
            return
        async with self.services.database.transaction() as tx:
            if wanted != person.preferences:
                await people.set_preferences(tx, person.id, wanted)
            if profile.name and not person.name:
                with suppress(NoPerson):  # forgotten meanwhile
                    await people.rename(tx, person.id, profile.name, at=self.services.now())

    # --- sending -------------------------------------------------------------------------------

    async def _send(self, id_: int) -> bool:
        """Send one, once; whether it was sent by us. One that cannot be written is left out."""
        try:
            return await self._sent(id_)
        except StoreAway:
            raise
        except Exception as error:  # noqa: BLE001  # it would fail again at every tick
            with correlated(followup=str(id_)):
                report(error)
            async with self.services.database.transaction() as tx:
                await rows.settle(tx, id_, "skipped", self.services.now(), "failed")
            return False

    async def _sent(self, id_: int) -> bool:
        now = self.services.now()
        lanes: list[str] = []
        async with self.services.database.transaction() as tx:
            row = await rows.hold(tx, id_, now)
            if row is None:
                return False
            decided = await self._decided(tx, row, now)
            if isinstance(decided, Moved):
                await rows.move(tx, row.id, decided.to)
            elif isinstance(decided, Missed):
                stopped = decided.code == "stopped"
                await rows.settle(
                    tx, row.id, "stopped" if stopped else "skipped", now, decided.code
                )
            elif await rows.settle(tx, row.id, "queued", now):
                lanes = await self.delivery.write(tx, decided, row.key, row.session_id)
        for lane in lanes:
            self.delivery.bell.work(lane)
        log.info("followup", followup_kind=row.kind, sent=bool(lanes))
        return bool(lanes)

    async def _decided(
        self, tx: Transaction, row: FollowUp, now: datetime
    ) -> OpenDM | Moved | Missed:
        """What to send, or when, or why not."""
        try:
            person = await people.get(tx, row.person, row.workspace)
        except NoPerson:
            return Missed(code="no_person")
        chosen = await rows.following(tx, row.person)
        if not person.active or chosen.stopped:
            return Missed(code="stopped")
        if chosen.unreachable and row.kind != "feedback":
            return Missed(code="unreachable")
        user = await account_in(tx, person.id, row.workspace)
        if user is None or user.platform not in self.adapters:
            return Missed(code="no_account")
        last = await rows.last_sent(tx, row.person)
        found = verdict(row.kind, row.due, now, person.preferences, last)
        if found is not None:
            return found
        try:
            shown = await composed(tx, self.services, row, person)
        except NoSession:
            return Missed(code="no_session")
        if isinstance(shown, Nothing):
            return Missed(code=shown.code)
        until = now + RULES[row.kind].patience
        return OpenDM(user=user, message=shown.message, exhibit=shown.picture, until=until)

    async def _concluded(self) -> None:
        """Note how sending went. Nobody is tried again who cannot be reached."""
        async with self.services.database.reading() as tx:
            found = await rows.unsettled(tx, BATCH * 5)
        over = [one for one in found if one[1] not in ("queued", "sending")]
        if not over:
            return
        now = self.services.now()
        async with self.services.database.transaction() as tx:
            for row, state, code in over:
                if state is None or state == "sent":
                    await rows.conclude(tx, row.id, "sent")
                    await rows.follow(tx, row.person, unreachable_since=None)
                    continue
                await rows.conclude(tx, row.id, "undelivered", code)
                if code == Unreachable.code:
                    await rows.reachable(tx, row.person, now, reachable=False)

    # --- each by itself ------------------------------------------------------------------------

    async def _read(self, look: Callable[[Transaction], Awaitable[list[Found]]]) -> list[Found]:
        async with self.services.database.reading() as tx:
            return await look(tx)

    async def _each(self, found: list[Found], act: Callable[[Found], Awaitable[bool]]) -> int:
        """Act on each; what goes wrong with one must not keep the others."""
        done = 0
        for one in found:
            try:
                done += await act(one)
            except StoreAway:
                raise
            except NoSession:
                continue  # deleted meanwhile
            except Exception as error:  # noqa: BLE001  # the other people's messages go on
                with correlated(followup=str(one)):
                    report(error)
        return done
