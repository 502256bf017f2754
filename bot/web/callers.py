"""Who acts: the API's callers say who they act for, so a user id here is a claim, not a login."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters.port import Platform, ThreadRef, UserRef
from bot import people
from bot.people import Identity, NoPerson, Person
from bot.store.tables import WorkspaceRow
from bot.web.words import WhoActs
from engine.errors import NoSession
from engine.session import State
from engine.store import Transaction
from engine.store.sessions import SessionRecord

PLATFORM: Final = Platform("api")
WORKSPACE: Final = "local"


def identity(user_id: str) -> Identity:
    """The account that a user id stands for."""
    return Identity(platform=PLATFORM, workspace=WORKSPACE, user_id=user_id)


def user(user_id: str) -> UserRef:
    """A caller, as events name them."""
    return UserRef(PLATFORM, WORKSPACE, user_id)


def thread(session_id: str) -> ThreadRef:
    """The place where a session of the API happens."""
    return ThreadRef(PLATFORM, WORKSPACE, session_id)


async def person(tx: Transaction, user_id: str, at: datetime) -> Person:
    """The person with a user id, made on first use; a trainee, for anybody can claim an id."""
    return _trainee(await people.person_of(tx, identity(user_id), name=user_id, at=at))


async def actor(
    tx: Transaction, record: SessionRecord, state: State, user_id: str | None = None
) -> Person:
    """Who acts in a session: the one named, else its only human; as seen in its workspace.

    Raises:
        NoPerson: nobody has this user id.
        WhoActs: nobody was named, and there is not exactly one human.
        NoSession: it is another platform's, and they do not take part in it through this one.
    """
    humans = {one for seat in state.people.values() for one in seat}
    ours = {one for one in humans if await _comes_in_here(tx, one)}
    if not ours and not await _is_ours(tx, record):
        raise NoSession
    if user_id is not None:
        known = await people.known(tx, identity(user_id))
        if known is None:
            raise NoPerson("unknown")
    elif len(humans) != 1 or not ours:
        raise WhoActs
    else:
        known = next(iter(ours))
    if known not in ours and not await _is_ours(tx, record):
        raise NoSession
    return _trainee(await people.get(tx, known, record.owner))


async def _comes_in_here(tx: Transaction, person_id: str) -> bool:
    return any(one.platform == PLATFORM for one in await people.identities(tx, person_id))


async def _is_ours(tx: Transaction, record: SessionRecord) -> bool:
    found = await tx.get(WorkspaceRow, record.owner)
    return found is not None and found.platform == PLATFORM


def _trainee(person: Person) -> Person:
    """Without the roles that they have: whoever calls claims to be them, and did not log in."""
    return replace(person, roles=frozenset({"trainee"}))
