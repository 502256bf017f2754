"""Who acts: whoever is logged in. Where nobody has to be, a user id is a claim, taken as told.

`visitor` is who is logged in, None for somebody who may name anybody: a program on this machine,
or an administrator's.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select

from adapters.port import Platform, ThreadRef, UserRef
from bot import people
from bot.access import Thing, may, require
from bot.people import Identity, NoPerson, Person
from bot.platforms import Visitor
from bot.services import Services
from bot.store.tables import WorkspaceRow
from bot.things import session_thing
from bot.web.words import NotYou, WhoActs
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


async def person(
    tx: Transaction, user_id: str, at: datetime, visitor: Visitor | None = None
) -> Person:
    """The person with a user id, made on first use; a trainee, for anybody can claim an id.

    Raises:
        NotYou: somebody else is logged in.
    """
    if visitor is None:
        return _trainee(await people.person_of(tx, identity(user_id), name=user_id, at=at))
    if user_id != visitor.account.user_id:
        raise NotYou
    made = await people.person_of(tx, visitor.account, name=visitor.name, at=at)
    return _with_roles(made, visitor)


async def logged_in(tx: Transaction, visitor: Visitor) -> Person:
    """The person who is logged in, as seen where their account is; without an id if never seen."""
    person_id = await people.known(tx, visitor.account)
    here = await tx.scalar(
        select(WorkspaceRow.id).where(
            WorkspaceRow.platform == visitor.account.platform,
            WorkspaceRow.external_id == visitor.account.workspace,
        )
    )
    if person_id is not None:
        return _with_roles(await people.get(tx, person_id, here or ""), visitor)
    new = Person(id="", name=visitor.name, workspace=here or "", roles=frozenset(), consented=False)
    return _with_roles(new, visitor)


async def require_seen(
    tx: Transaction, record: SessionRecord, state: State, visitor: Visitor | None
) -> None:
    """Go on only where who is logged in may read a session.

    Raises:
        NoSession: they may not, and need not know that there is one.
    """
    if visitor is not None:
        reader = await logged_in(tx, visitor)
        if not may(reader, "see_transcript", session_thing(record, state)).allowed:
            raise NoSession


async def may_see_score(
    tx: Transaction, services: Services, session_id: str, visitor: Visitor | None
) -> bool:
    """Whether who reads a session may see its score; the API's own key may.

    Raises:
        NoSession: there is no such session.
    """
    if visitor is None:
        return True
    record, _, state = await services.simulation.read(tx, session_id)
    reader = await logged_in(tx, visitor)
    return may(reader, "see_score", session_thing(record, state)).allowed


async def named(tx: Transaction, user_id: str, visitor: Visitor | None) -> str | None:
    """The id of the person with a user id, if whoever asks may look at them; None for nobody.

    Raises:
        NotAllowed: they are somebody else, and it takes an instructor to look.
    """
    if visitor is None:
        return await people.known(tx, identity(user_id))
    if user_id == visitor.account.user_id:
        return await people.known(tx, visitor.account)
    reader = await logged_in(tx, visitor)
    found = await people.known(tx, replace(visitor.account, user_id=user_id))
    whose = Thing(kind="person", owner=reader.workspace, person=found or "nobody")
    require(reader, "see_person", whose)
    return found


async def actor(
    tx: Transaction,
    record: SessionRecord,
    state: State,
    user_id: str | None = None,
    visitor: Visitor | None = None,
) -> Person:
    """Who acts in a session: who is logged in, the one named, else its only human.

    Raises:
        NotYou: somebody else is logged in.
        NoPerson: nobody has this user id.
        WhoActs: nobody was named, and there is not exactly one human.
        NoSession: it is another platform's, and they do not take part in it through this one.
    """
    if visitor is not None:
        return await _visiting(tx, record, state, user_id, visitor)
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


async def _visiting(
    tx: Transaction, record: SessionRecord, state: State, user_id: str | None, visitor: Visitor
) -> Person:
    if user_id not in (None, visitor.account.user_id):
        raise NotYou
    await require_seen(tx, record, state, visitor)
    return await logged_in(tx, visitor)


async def _comes_in_here(tx: Transaction, person_id: str) -> bool:
    return any(one.platform == PLATFORM for one in await people.identities(tx, person_id))


async def _is_ours(tx: Transaction, record: SessionRecord) -> bool:
    found = await tx.get(WorkspaceRow, record.owner)
    return found is not None and found.platform == PLATFORM


def _trainee(person: Person) -> Person:
    """Without the roles that they have: whoever calls claims to be them, and did not log in."""
    return replace(person, roles=frozenset({"trainee"}))


def _with_roles(person: Person, visitor: Visitor) -> Person:
    """With what their platform says now, in place of what it said when they came last."""
    return replace(person, roles=person.roles - visitor.governed | visitor.roles | {"trainee"})
