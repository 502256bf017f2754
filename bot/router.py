"""An event's way to its handler, and the only place that turns errors into words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from adapters.port import (
    CommandCalled,
    FormSent,
    Message,
    MessagePosted,
    Pressed,
    Speaker,
    Stopped,
    UserRef,
)
from bot import doors, people
from bot.access import NotAllowed
from bot.commands import REGISTRY
from bot.commands.registry import BadCommand, Call, UnknownCommand
from bot.dialogue import TRIES, Answered, Dialogue, Unheard, is_aside
from bot.effects import Result, Whisper
from bot.errands import ERRANDS
from bot.incoming import Errand, Incoming
from bot.people import BadPreference, NoPerson, Person
from bot.services import Services
from bot.settling import settle
from bot.store.database import StoreAway, StoreRefused
from bot.views import errors as error_views
from bot.views import session as session_views
from bot.views.scene import effects_of, speaker
from engine.errors import (
    MessageTooLong,
    MoreNeeded,
    NoSession,
    NotAllowedNow,
    NotSeated,
    SequenceTaken,
    SimulationError,
    UnknownAction,
    UnknownMode,
    UnknownScenario,
)
from engine.speaking import Show
from engine.store import Transaction, sessions
from engine.store.events import AlreadyStored
from engine.turns import Outcome, Said, ThoughtTurn

log = structlog.get_logger(__name__)

Expected = (
    SimulationError,
    UnknownScenario,
    BadCommand,
    BadPreference,
    NotAllowed,
    NoPerson,
    StoreAway,
    StoreRefused,
)
"""Failures that have words. Anything else is a bug and goes up."""


UNHEARD = "unheard"
"""The code of words that no scene took, and of what was said to them instead."""

Commit = Callable[[Transaction, Result], Awaitable[None]]
"""Stores what an event led to, in the transaction of its handler."""


SpeakerBegins = Callable[[Speaker], Awaitable[Show]]
"""Called when somebody is about to answer; what it gives is shown the reply as it grows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event on its way to its handler.

    `more` are further messages of the same person, answered together with the first. `session_id`
    is the session it is about. `person` is set where somebody made sure already who writes.
    """

    event: Incoming
    commit: Commit
    more: tuple[MessagePosted, ...] = ()
    session_id: str | None = None
    person: str | None = None
    begins: SpeakerBegins | None = None


class Router:
    """Hands events to handlers. One a process; holds no state of its own."""

    def __init__(self, services: Services, dialogue: Dialogue) -> None:
        self._services = services
        self._dialogue = dialogue

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
            return await self._said(arrival, (event, *arrival.more))
        if isinstance(event, Errand):
            return await self._errand(arrival, event)
        if isinstance(event, CommandCalled):
            name = event.name or "help"
            return await self._command(arrival, name, event.text, dict(event.options))
        if isinstance(event, Stopped):
            return await self._command(arrival, "pause", "", {})
        if isinstance(event, Pressed):
            return await self._pressed(arrival, event)
        if isinstance(event, FormSent):
            given = {name: value for name, value in event.values if isinstance(value, str)}
            return await self._command(arrival, event.form, "", given)
        return await self._committed(arrival, Result())

    async def person(self, tx: Transaction, user: UserRef) -> Person:
        """The person behind an account, made on first use."""
        who = people.Identity(platform=user.platform, workspace=user.workspace, user_id=user.id)
        return await people.person_of(
            tx, who, at=self._services.now(), admins=self._services.settings.admins
        )

    async def _said(self, arrival: Arrival, events: Sequence[MessagePosted]) -> Result:
        heard = [one for one in events if not is_aside(one.text)]
        if not heard:
            return await self._committed(arrival, Result())
        if arrival.session_id is None:
            return await self._nowhere(arrival, heard[0])
        outcome = await self._taken(arrival, arrival.session_id, heard)
        if isinstance(outcome, Answered):
            return await self._committed(arrival, Result())
        if isinstance(outcome, Unheard):
            beside = Result((Whisper(message=outcome.message),), code=UNHEARD)
            return await self._committed(arrival, beside)
        return self._shown(outcome)

    async def _taken(
        self, arrival: Arrival, session_id: str, heard: Sequence[MessagePosted]
    ) -> Outcome | Answered | Unheard:
        person_id = arrival.person
        if person_id is None:
            async with self._services.database.reading() as tx:
                person_id = await _speaking(tx, heard[0].user, session_id)

        async def commit(tx: Transaction, outcome: Outcome) -> None:
            await arrival.commit(tx, self._shown(outcome))

        async def begins(thought: ThoughtTurn) -> Show | None:
            if arrival.begins is None or not thought.speaker:
                return None
            scenario, mode = thought.turn.scenario, thought.state.mode
            who = speaker(scenario, mode, thought.speaker, self._services.picture)
            return await arrival.begins(who)

        said = Said(person=person_id, messages=_messages(heard))
        return await self._dialogue.take(session_id, said, commit, begins)

    def _shown(self, outcome: Outcome) -> Result:
        shown = effects_of(outcome, self._services.picture)
        return Result(shown, session_id=outcome.session.id)

    async def _nowhere(self, arrival: Arrival, event: MessagePosted) -> Result:
        """Words in a thread that leads to no session now."""
        async with self._services.database.reading() as tx:
            moved = await doors.moved_to(tx, event.thread)
        if moved is not None:
            return await self._committed(
                arrival, Result((Whisper(message=session_views.moved(moved)),))
            )
        if event.addressed:
            return await self._command(arrival, "help", "", {})
        # Whoever only writes where the bot happens to be is not remembered.
        return await self._committed(arrival, Result())

    async def _command(
        self, arrival: Arrival, name: str, text: str, given: Mapping[str, str]
    ) -> Result:
        """Run a command, once more where the clock or another worker was faster."""
        for _ in range(TRIES - 1):
            try:
                return await self._run(arrival, name, text, given)
            except SequenceTaken:
                continue
        return await self._run(arrival, name, text, given)

    async def _run(
        self, arrival: Arrival, name: str, text: str, given: Mapping[str, str]
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
            )
            result = await REGISTRY.run(tx, call, name, text, given)
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
            return await self._said(arrival, (said,))
        if word == "agree":
            async with self._services.database.transaction() as tx:
                person = await self.person(tx, event.user)
                await people.consent(tx, person.id, at=event.at)
            word = "start"
        if word == "brief":
            word = "show"
        values = [value for value in rest.split(":") if value]
        command = REGISTRY.commands.get(word)
        given = dict(zip(command.options, values, strict=False)) if command else {}
        return await self._command(arrival, word, "", given)


def _messages(events: Sequence[MessagePosted]) -> tuple[tuple[str, str], ...]:
    """Their texts with their ids; what the platform cut is put together again."""
    found: list[tuple[str, str]] = []
    cut = False
    for event in events:
        if cut:
            text, event_id = found.pop()
            found.append((text + event.text, event_id))
        else:
            found.append((event.text, event.event_id))
        cut = event.maybe_cut
    return tuple(found)


async def _speaking(tx: Transaction, user: UserRef, session_id: str) -> str:
    """The id of the person who writes in a session's thread.

    Raises:
        NotSeated: they have no seat in it. They are not even remembered.
        NotAllowed: they were shut out, or have not agreed to the notice.
    """
    who = people.Identity(platform=user.platform, workspace=user.workspace, user_id=user.id)
    person = await people.standing(tx, who)
    seated = await sessions.participants(tx, session_id)
    if person is None or all(one.person != person.id or one.left_at for one in seated):
        raise NotSeated("session")
    if not person.active:
        raise NotAllowed("deactivated")
    if not person.consented:
        raise NotAllowed("needs_consent")
    return person.id


def code_of(error: Exception) -> str:
    """The code that views, logs and the API share."""
    return str(getattr(error, "code", "failed"))


def details_of(error: Exception) -> dict[str, object]:
    """What the words for a failure may mention: numbers and names of ours, nothing anybody said."""
    return next((told(error) for kind, told in _DETAILS if isinstance(error, kind)), {})


def _nearest(names: Sequence[str]) -> dict[str, object]:
    return {"nearest": f"Did you mean {error_views.either(names)}? "} if names else {}


def _without_id(why: str) -> str:
    return "exhibit" if why.startswith("exhibit ") else why


_DETAILS: tuple[tuple[type[Exception], Callable[[Any], dict[str, object]]], ...] = (
    (MessageTooLong, lambda error: {"length": error.length, "limit": error.limit}),
    (UnknownAction, lambda error: {"known": error_views.choices(error.known)}),
    (MoreNeeded, lambda error: {"known": error_views.choices(error.wanted)}),
    (UnknownMode, lambda error: {"known": error_views.choices(error.known)}),
    (UnknownScenario, lambda error: _nearest(error.suggestions)),
    (UnknownCommand, lambda error: _nearest([f"`/sim {one}`" for one in error.nearest])),
    (BadCommand, lambda error: {"usage": error.usage or "/sim help"}),
    (BadPreference, lambda error: {"why": error.why}),
    (NotAllowed, lambda error: {"why": error.why}),
    (NotAllowedNow, lambda error: {"why": _without_id(error.why)}),
    (NoSession, lambda error: {"why": "unknown" if error.session_id else ""}),
)
"""The first that fits counts."""


def error_message(error: Exception) -> Message:
    """The words for a failure."""
    return error_views.error(code_of(error), details_of(error))


def is_retryable(error: Exception) -> bool:
    """Whether the same request may succeed if sent again."""
    return bool(getattr(error, "retryable", False))
