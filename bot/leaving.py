"""Who may cut a reply short by getting out of it, or by taking its place."""

from collections.abc import Mapping
from typing import Final

from adapters.port import CommandCalled, Pressed, Stopped, UserRef
from bot import people
from bot.access import Verb, may
from bot.incoming import Incoming
from bot.people import Person
from bot.services import Services
from bot.things import session_thing
from engine.store import Transaction, sessions

AT_ONCE: Final[Mapping[str, Verb]] = {
    "stop": "end",
    "end": "end",
    "pause": "pause",
    "take-over": "take_over",
}
"""Commands that do not wait for a turn under way, and what each takes: they cut it short."""


def command_of(event: Incoming) -> str:
    """The command that an event calls; empty for one that calls none."""
    if isinstance(event, CommandCalled):
        return event.name
    if isinstance(event, Pressed):
        return event.choice.partition(":")[0]
    return "pause" if isinstance(event, Stopped) else ""


async def sits(tx: Transaction, person_id: str, session_id: str) -> bool:
    """Whether somebody has a seat in a session."""
    seated = await sessions.participants(tx, session_id)
    return any(one.person == person_id and not one.left_at for one in seated)


async def may_cut(
    tx: Transaction, services: Services, session_id: str, user: UserRef, command: str
) -> bool:
    """Whether the turn of a session ends by a command of somebody's, or by their words.

    Words end it only where they hold a seat. Makes nobody known who was not.
    """
    who = people.account_of(user)
    known = await people.known(tx, who)
    if known is None:
        return False
    if command not in AT_ONCE:
        return await sits(tx, known, session_id)
    person = await people.person_of(tx, who, at=services.now(), admins=services.settings.admins)
    return await allowed(tx, services, session_id, person, command)


async def allowed(
    tx: Transaction, services: Services, session_id: str, person: Person, command: str
) -> bool:
    """Whether a person may end the turn of a session by a command."""
    record, _, state = await services.simulation.read(tx, session_id)
    return may(person, AT_ONCE[command], session_thing(record, state)).allowed
