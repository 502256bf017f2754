"""An event's way to its handler, and the only place that turns errors into words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from adapters.port import (
    CommandCalled,
    Event,
    FormSent,
    Message,
    MessagePosted,
    Pressed,
    Stopped,
    UserRef,
)
from bot import doors, people
from bot.access import NotAllowed
from bot.commands import REGISTRY
from bot.commands.registry import BadCommand, Call, UnknownCommand
from bot.dialogue import TRIES, Answered, Dialogue, Unheard, is_aside
from bot.doors import Door
from bot.effects import Result, Whisper
from bot.people import BadPreference, NoPerson, Person
from bot.services import Services
from bot.settling import settle
from bot.store.database import StoreAway, StoreRefused
from bot.views import errors as error_views
from bot.views import session as session_views
from bot.views.scene import effects_of
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
from engine.store import Transaction, sessions
from engine.store.events import AlreadyStored
from engine.turns import Said

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


class Router:
    """Hands events to handlers. One a process; holds no state of its own."""

    def __init__(self, services: Services, dialogue: Dialogue) -> None:
        self._services = services
        self._dialogue = dialogue

    async def handle(self, event: Event) -> Result:
        """What an event leads to. Expected failures come back as words for the person."""
        try:
            return await self._handle(event)
        except AlreadyStored:
            return Result()  # A second delivery: the first was answered.
        except Expected as error:
            log.info("refused", event_kind=event.kind, code=code_of(error))
            return Result((Whisper(message=error_message(error)),))

    async def _handle(self, event: Event) -> Result:
        if isinstance(event, MessagePosted):
            return await self._said(event)
        if isinstance(event, CommandCalled):
            return await self._command(event, event.name or "help", event.text, dict(event.options))
        if isinstance(event, Stopped):
            return await self._command(event, "pause", "", {})
        if isinstance(event, Pressed):
            return await self._pressed(event)
        if isinstance(event, FormSent):
            given = {name: value for name, value in event.values if isinstance(value, str)}
            return await self._command(event, event.form, "", given)
        return Result()

    async def person(self, tx: Transaction, user: UserRef) -> Person:
        """The person behind an account, made on first use."""
        who = people.Identity(platform=user.platform, workspace=user.workspace, user_id=user.id)
        return await people.person_of(
            tx, who, at=self._services.now(), admins=self._services.settings.admins
        )

    async def _said(self, event: MessagePosted) -> Result:
        if is_aside(event.text):
            return Result()
        async with self._services.database.reading() as tx:
            door = await doors.of_thread(tx, event.thread)
            moved = None if door else await doors.moved_to(tx, event.thread)
            person_id = await _speaking(tx, event.user, door) if door else ""
        if moved is not None:
            return Result((Whisper(message=session_views.moved(moved)),))
        if door is None:
            # Whoever only writes where the bot happens to be is not remembered.
            return await self._command(event, "help", "", {}) if event.addressed else Result()
        said = Said(person=person_id, messages=((event.text, event.event_id),))
        outcome = await self._dialogue.take(door.session_id, said)
        if isinstance(outcome, Answered):
            return Result()
        if isinstance(outcome, Unheard):
            return Result((Whisper(message=outcome.message),))
        shown = effects_of(outcome, self._services.picture)
        return Result(shown, session_id=door.session_id)

    async def _command(
        self,
        event: CommandCalled | MessagePosted | Pressed | FormSent | Stopped,
        name: str,
        text: str,
        given: Mapping[str, str],
    ) -> Result:
        door = await self._door(event)
        if door is None:
            result = await self._tried(event, None, name, text, given)
        else:
            # A command and a turn of one session do not overlap.
            async with self._dialogue.lane(door.session_id):
                result = await self._tried(event, door, name, text, given)
        changed = result.session_id or (door.session_id if door else None)
        if changed is not None:
            self._services.hub.changed(changed)
        return result

    async def _tried(
        self,
        event: CommandCalled | MessagePosted | Pressed | FormSent | Stopped,
        door: Door | None,
        name: str,
        text: str,
        given: Mapping[str, str],
    ) -> Result:
        """Run a command, once more where the clock or another worker was faster."""
        for _ in range(TRIES - 1):
            try:
                return await self._run(event, door, name, text, given)
            except SequenceTaken:
                continue
        return await self._run(event, door, name, text, given)

    async def _door(
        self, event: CommandCalled | MessagePosted | Pressed | FormSent | Stopped
    ) -> Door | None:
        async with self._services.database.reading() as tx:
            return await doors.of_thread(tx, event.thread)

    async def _run(
        self,
        event: CommandCalled | MessagePosted | Pressed | FormSent | Stopped,
        door: Door | None,
        name: str,
        text: str,
        given: Mapping[str, str],
    ) -> Result:
        async with self._services.database.transaction() as tx:
            call = Call(
                person=await self.person(tx, event.user),
                thread=event.thread,
                event_id=event.event_id,
                at=self._services.now(),
                services=self._services,
                session_id=door.session_id if door else None,
            )
            result = await REGISTRY.run(tx, call, name, text, given)
        if result.forgot:
            await settle(self._services.database)
        return result

    async def _pressed(self, event: Pressed) -> Result:
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
            return await self._said(said)
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
        return await self._command(event, word, "", given)


async def _speaking(tx: Transaction, user: UserRef, door: Door) -> str:
    """The id of the person who writes in a session's thread.

    Raises:
        NotSeated: they have no seat in it. They are not even remembered.
        NotAllowed: they were shut out, or have not agreed to the notice.
    """
    who = people.Identity(platform=user.platform, workspace=user.workspace, user_id=user.id)
    person_id = await people.known(tx, who)
    seated = await sessions.participants(tx, door.session_id)
    if person_id is None or all(one.person != person_id or one.left_at for one in seated):
        raise NotSeated("session")
    person = await people.get(tx, person_id, "")
    if not person.active:
        raise NotAllowed("deactivated")
    if not person.consented:
        raise NotAllowed("needs_consent")
    return person_id


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
