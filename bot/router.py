"""An event's way to its handler, and the only place that turns errors into words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from adapters.port import (
    CommandCalled,
    FormSent,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Pressed,
    ReachableChanged,
    Stopped,
    UserRef,
)
from bot import people
from bot.arrival import Arrival as Arrival
from bot.commands import REGISTRY
from bot.commands.forms import filled_in, given_by
from bot.commands.registry import Call
from bot.dialogue import Dialogue, wants_out
from bot.effects import EditCard, Effect, Result, Whisper
from bot.errands import ERRANDS
from bot.failures import Expected, code_of, error_message
from bot.hearing import Hearing
from bot.incoming import Errand, Incoming
from bot.leaving import AT_ONCE, may_cut
from bot.pace import TooFast
from bot.people import Person
from bot.retrying import again
from bot.services import Services
from bot.settling import settle
from bot.store import following
from bot.store.database import StoreAway
from bot.views import people as people_views
from bot.views import seats as seat_views
from engine.errors import SequenceTaken
from engine.store import Transaction, sessions
from engine.store.events import AlreadyStored

log = structlog.get_logger(__name__)

AGREEING: Mapping[str, str] = {"agree": "start", "agree-join": "join"}
"""Choices that agree to the notice, and the command each goes on with."""


class Router:
    """Hands events to handlers. One a process; holds no state of its own."""

    def __init__(self, services: Services, dialogue: Dialogue) -> None:
        self._services = services
        self._dialogue = dialogue
        self._hearing = Hearing(services, dialogue)

    async def handle(self, arrival: Arrival) -> Result:
        """Handle an event; what it led to is stored once, by its `commit`.

        Expected failures become words for the person.

        Raises:
            StoreAway, SequenceTaken: nothing was stored; the same may work later.
        """
        try:
            return await self._handle(arrival)
        except AlreadyStored:
            return await self._committed(arrival, Result())  # The log has it.
        except (StoreAway, SequenceTaken):
            raise
        except Expected as error:
            log.info("refused", event_kind=arrival.event.kind, code=code_of(error))
            sorry = Result((Whisper(message=error_message(error)),), code=code_of(error))
            return await self._committed(arrival, sorry)

    async def _committed(self, arrival: Arrival, result: Result) -> Result:
        async with self._services.database.transaction() as tx:
            await arrival.commit(tx, result)
        return result

    async def _handle(self, arrival: Arrival) -> Result:
        event = arrival.event
        if isinstance(event, MessagePosted):
            return await self._said(arrival, event)
        if isinstance(event, MessageEdited | MessageDeleted):
            return await self._hearing.changed(arrival, event)
        if isinstance(event, Errand):
            return await self._errand(arrival, event)
        if isinstance(event, CommandCalled):
            name = event.name or "help"
            aloud = event.seen and arrival.session_id is not None and REGISTRY.is_for_staff(name)
            hint = (Whisper(message=seat_views.said_aloud(name)),) if aloud else ()
            return await self._command(arrival, name, event.text, dict(event.options), hint)
        if isinstance(event, Stopped):
            return await self._command(arrival, "pause", "", {})
        if isinstance(event, Pressed):
            return await self._pressed(arrival, event)
        if isinstance(event, FormSent):
            word, *named = event.form.split(":")
            given = {**given_by(word, named), **filled_in(event.values)}
            return await self._command(arrival, word, "", given)
        return await self._beside(arrival, event)

    async def _beside(self, arrival: Arrival, event: Incoming) -> Result:
        """What nobody is answered: that somebody can be reached by now, or not any more."""
        now = self._services.now()
        async with self._services.database.transaction() as tx:
            if isinstance(event, ReachableChanged):
                known = await people.known(tx, people.account_of(event.user))
                if known is not None:
                    await following.reachable(tx, known, now, reachable=event.reachable)
            await arrival.commit(tx, Result())
        return Result()

    async def wants_out(self, tx: Transaction, session_id: str, words: str) -> bool:
        """Whether words in a session are its stop word, or a sign that somebody is not well."""
        record = await sessions.get(tx, session_id)
        scenario = await self._services.simulation.scenario(tx, record.scenario_hash)
        return wants_out(scenario, words)

    async def may_cut(self, tx: Transaction, session_id: str, user: UserRef, command: str) -> bool:
        """Whether the turn of a session ends by a command of somebody's, or by their words."""
        return await may_cut(tx, self._services, session_id, user, command)

    async def person(self, tx: Transaction, user: UserRef) -> Person:
        """The person behind an account, made on first use."""
        services = self._services
        return await people.person_of(
            tx, people.account_of(user), at=services.now(), admins=services.settings.admins
        )

    async def _said(self, arrival: Arrival, event: MessagePosted) -> Result:
        if arrival.session_id is not None:
            messages = (event, *arrival.more)
            await self._keep_pace(messages, arrival.session_id)
            return await self._hearing.said(arrival, arrival.session_id, messages)
        heard = await self._hearing.nowhere(arrival, event)
        return await self._command(arrival, "help", "", {}) if heard is None else heard

    async def _keep_pace(self, messages: Sequence[MessagePosted], session_id: str) -> None:
        """Count messages; whoever steps out of the role-play is heard, however fast they write.

        Raises:
            TooFast: one of them is too many, and none of them asks to be let out.
        """
        late: TooFast | None = None
        for one in messages:
            try:
                await self._services.pace.take(one, session_id)
            except TooFast as error:
                late = error
        if late is None:
            return
        async with self._services.database.reading() as tx:
            for one in messages:
                if await self.wants_out(tx, session_id, one.text):
                    return
        raise late

    async def _command(
        self,
        arrival: Arrival,
        name: str,
        text: str,
        given: Mapping[str, str],
        then: tuple[Effect, ...] = (),
    ) -> Result:
        """Run a command, once more where the clock or another worker was faster.

        `then` is shown after what it leads to.
        """
        if name in AT_ONCE and arrival.session_id is not None:
            async with self._services.database.transaction() as tx:
                entitled = await self.may_cut(tx, arrival.session_id, arrival.event.user, name)
            if entitled:
                await self._dialogue.cut(arrival.session_id)
        return await again(lambda: self._run(arrival, name, text, given, then))

    async def _run(
        self,
        arrival: Arrival,
        name: str,
        text: str,
        given: Mapping[str, str],
        then: tuple[Effect, ...],
    ) -> Result:
        event = arrival.event
        here = getattr(event, "thread", None)
        if here is None:
            return await self._committed(arrival, Result())
        async with self._services.database.transaction() as tx:
            call = Call(
                person=await self.person(tx, event.user),
                thread=here,
                event_id=event.event_id,
                at=self._services.now(),
                services=self._services,
                session_id=arrival.session_id,
                direct=isinstance(event, CommandCalled | Pressed) and event.direct,
            )
            result = await REGISTRY.run(tx, call, name, text, given)
            result = replace(result, effects=(*result.effects, *then))
            await arrival.commit(tx, result)
        if result.forgot:
            await settle(self._services.database)
        return result

    async def _errand(self, arrival: Arrival, errand: Errand) -> Result:
        async with self._services.database.transaction() as tx:
            result = await ERRANDS[errand.name](tx, errand, self._services)
            await arrival.commit(tx, result)
        return result

    async def _pressed(self, arrival: Arrival, event: Pressed) -> Result:
        """A choice is a command written with colons: `start:chest-pain:exam`, `say:yes`."""
        word, _, rest = event.choice.partition(":")
        if word == "say":
            said = MessagePosted(
                event_id=event.event_id,
                order=event.order,
                user=event.user,
                at=event.at,
                thread=event.thread,
                text=rest,
                addressed=True,
            )
            return await self._said(arrival, said)
        then: tuple[Effect, ...] = ()
        if word in AGREEING:
            async with self._services.database.transaction() as tx:
                person = await self.person(tx, event.user)
                await people.consent(tx, person.id, at=event.at)
            word = AGREEING[word]
            if event.ref is not None:
                then = (EditCard(ref=event.ref, message=people_views.agreed()),)
        if word == "brief":
            word = "show"
        values = [value for value in rest.split(":") if value]
        return await self._command(arrival, word, "", given_by(word, values), then)
