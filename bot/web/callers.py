"""Who acts: the API's callers say who they act for, so a user id here is a claim, not a login."""

from datetime import datetime
from typing import Final

from adapters.port import Platform, ThreadRef
from bot import people
from bot.people import Identity, NoPerson, Person
from bot.web.words import WhoActs
from engine.session import State
from engine.store import Transaction
from engine.store.sessions import SessionRecord

PLATFORM: Final = Platform("api")
WORKSPACE: Final = "local"


def identity(user_id: str) -> Identity:
    """The account that a user id stands for."""
    return Identity(platform=PLATFORM, workspace=WORKSPACE, user_id=user_id)


def thread(session_id: str) -> ThreadRef:
    """The place where a session of the API happens."""
    return ThreadRef(PLATFORM, WORKSPACE, session_id)


async def person(tx: Transaction, user_id: str, at: datetime) -> Person:
    """The person with a user id, made on first use; never an admin, for anybody can claim an id."""
    return await people.person_of(tx, identity(user_id), name=user_id, at=at)


async def actor(
    tx: Transaction, record: SessionRecord, state: State, user_id: str | None = None
) -> Person:
    """Who acts in a session: the one named, else its only human; as seen in its workspace.

    Raises:
        NoPerson: nobody has this user id.
        WhoActs: nobody was named, and there is not exactly one human.
    """
    if user_id is not None:
        known = await people.known(tx, identity(user_id))
        if known is None:
            raise NoPerson("unknown")
        return await people.get(tx, known, record.owner)
    humans = {one for seat in state.people.values() for one in seat}
    if len(humans) != 1:
        raise WhoActs
    return await people.get(tx, humans.pop(), record.owner)
