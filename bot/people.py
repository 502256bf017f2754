"""People: who somebody is on all platforms together, and what they may be where."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Final, Literal, get_args
from uuid import uuid4

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, update

from adapters.port import UserRef
from bot.preferences import BadPreference as BadPreference
from bot.preferences import Preferences as Preferences
from bot.store import persons
from bot.store.tables import IdentityRow, MembershipRow, PersonRow, PreferenceRow, WorkspaceRow
from engine.store import Transaction
from engine.store.forget import Forgotten
from engine.store.often import often
from engine.store.tables import ParticipantRow
from engine.store.upsert import insert_new, put

Role = Literal["trainee", "observer", "instructor", "author", "admin"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)

_ACCOUNT: Final = ("platform", "workspace", "user_id")

CONSENT_VERSION: Final = 2
"""The text people agree to. Count up when it changes what they agreed to: all are asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, as seen in one workspace: `roles` are those they have there."""

    id: str
    name: str
    workspace: str
    roles: frozenset[Role]
    consented: bool
    preferences: Preferences = field(default_factory=Preferences)
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One account of a person. `workspace` is the platform's own id of it."""

    platform: str
    workspace: str
    user_id: str


def account_of(user: UserRef) -> Identity:
    """The account behind a platform's name for somebody."""
    return Identity(platform=user.platform, workspace=user.workspace, user_id=user.id)


class NoPerson(Exception):
    """There is no person with this id."""

    code: ClassVar[str] = "no_person"
    retryable: ClassVar[bool] = False

    def __init__(self, person_id: str) -> None:
        super().__init__(f"no person {person_id}")
        self.person_id = person_id


async def person_of(
    tx: Transaction,
    who: Identity,
    *,
    name: str = "",
    at: datetime,
    admins: Collection[str] = (),
) -> Person:
    """The person behind an account, made on first use; first seen in a workspace as a trainee.

    `name` is kept where none is known yet. `admins` name accounts as `platform:user`; those
    are admin wherever they are seen for as long as they are named, and that is not stored. Two
    first events at the same time make one person. For somebody known nothing is written, so a
    reading transaction will do.
    """
    workspace = await workspace_of(tx, who.platform, who.workspace, at=at)
    person_id = await known(tx, who) or await _made(tx, who, name, at)
    person = await get(tx, person_id, workspace)
    held = set(person.roles)
    if not held:
        await set_role(tx, person_id, workspace, "trainee")
        held.add("trainee")
    if f"{who.platform}:{who.user_id}" in admins:
        held.add("admin")
    if name and not person.name:
        await rename(tx, person_id, name, at=at)
        person = replace(person, name=name)
    return replace(person, roles=frozenset(held))


async def get(tx: Transaction, person_id: str, workspace: str) -> Person:
    """A person as seen in a workspace.

    Raises:
        NoPerson: there is none with this id.
    """
    found = (
        await tx.execute(
            select(PersonRow.name, PersonRow.active, PersonRow.consent_version).where(
                PersonRow.id == person_id
            )
        )
    ).one_or_none()
    if found is None:
        raise NoPerson(person_id)
    return Person(
        id=person_id,
        name=found.name,
        workspace=workspace,
        roles=await roles(tx, person_id, workspace),
        consented=found.consent_version >= CONSENT_VERSION,
        preferences=await preferences(tx, person_id),
        active=found.active,
    )


async def known(tx: Transaction, who: Identity) -> str | None:
    """The id of the person behind an account, or None for one never seen."""
    return await tx.scalar(select(IdentityRow.person_id).where(*_is(who)))


# Built once: every message asks for it.
_STANDING: Final = often(
    select(
        PersonRow.id,
        PersonRow.active,
        PersonRow.consent_version,
        exists()
        .where(ParticipantRow.session_id == bindparam("session"))
        .where(ParticipantRow.person_id == PersonRow.id, ParticipantRow.left_at.is_(None))
        .label("seated"),
    )
    .join(IdentityRow, IdentityRow.person_id == PersonRow.id)
    .where(*(getattr(IdentityRow, name) == bindparam(name) for name in _ACCOUNT))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether the person behind an account may write; and whether they sit in the session."""

    id: str
    active: bool
    consented: bool
    seated: bool


async def standing(tx: Transaction, who: Identity, session_id: str) -> Standing | None:
    """What has to be known of somebody who writes in a session; None for one never seen."""
    given = {name: getattr(who, name) for name in _ACCOUNT}
    row = (await tx.execute(_STANDING, {**given, "session": session_id})).one_or_none()
    if row is None:
        return None
    agreed = row.consent_version >= CONSENT_VERSION
    return Standing(id=row.id, active=row.active, consented=agreed, seated=bool(row.seated))


async def identities(tx: Transaction, person_id: str) -> tuple[Identity, ...]:
    """Every account of a person."""
    rows = await tx.execute(
        select(IdentityRow.platform, IdentityRow.workspace, IdentityRow.user_id)
        .where(IdentityRow.person_id == person_id)
        .order_by(IdentityRow.platform, IdentityRow.workspace, IdentityRow.user_id)
    )
    return tuple(Identity(**row._mapping) for row in rows)


async def workspace_of(
    tx: Transaction, platform: str, external_id: str, *, name: str = "", at: datetime
) -> str:
    """The id of a workspace, made on first use. It is the `owner` of sessions."""
    mine = (WorkspaceRow.platform == platform, WorkspaceRow.external_id == external_id)
    found = await tx.scalar(select(WorkspaceRow.id).where(*mine))
    if found is not None:
        return found
    made = {
        "id": uuid4().hex,
        "platform": platform,
        "external_id": external_id,
        "name": name,
        "created_at": at,
    }
    if await insert_new(tx, WorkspaceRow, made, key=("platform", "external_id")):
        return str(made["id"])
    return (await tx.execute(select(WorkspaceRow.id).where(*mine))).scalar_one()


async def link(tx: Transaction, person_id: str, who: Identity, *, at: datetime) -> None:
    """Make an account one more of this person. Whoever calls has checked that both are theirs.

    A person made for that account before becomes this one: sessions, roles, accounts and authored
    scenarios move over; name, consent and preferences stay this person's. Repeating is safe.

    Raises:
        NoPerson: there is none with this id.
    """
    await _name_of(tx, person_id)
    other = await known(tx, who)
    if other == person_id:
        return
    if other is not None:
        await persons.absorb(tx, other, person_id)
        return
    await workspace_of(tx, who.platform, who.workspace, at=at)
    await put(tx, IdentityRow, {**asdict(who), "person_id": person_id}, key=_ACCOUNT)


async def roles(tx: Transaction, person_id: str, workspace: str) -> frozenset[Role]:
    """The roles of a person in a workspace."""
    rows = await tx.scalars(
        select(MembershipRow.role).where(
            MembershipRow.person_id == person_id, MembershipRow.workspace_id == workspace
        )
    )
    stored = set(rows)
    return frozenset(role for role in ROLES if role in stored)


async def set_role(
    tx: Transaction, person_id: str, workspace: str, role: Role, *, held: bool = True
) -> None:
    """Give a role, or take it with `held=False`. Repeating changes nothing.

    Whoever has no role left is a trainee again when next seen; to keep somebody out, use
    `set_active`.
    """
    row = {"workspace_id": workspace, "person_id": person_id, "role": role}
    if held:
        await insert_new(tx, MembershipRow, row, key=tuple(row))
    else:
        await tx.execute(delete(MembershipRow).filter_by(**row))


async def preferences(tx: Transaction, person_id: str) -> Preferences:
    """A person's preferences; defaults for what was never set, or is no longer valid."""
    row = (
        await tx.execute(
            select(
                PreferenceRow.time_zone,
                PreferenceRow.quiet_from,
                PreferenceRow.quiet_to,
                PreferenceRow.language,
            ).where(PreferenceRow.person_id == person_id)
        )
    ).one_or_none()
    if row is None:
        return Preferences()
    try:
        return Preferences(**row._mapping)
    except BadPreference as error:
        # Zones are renamed and dropped; the rest still stands.
        rest = {**row._mapping, **dict.fromkeys(error.fields)}
        return Preferences(**rest)


async def set_preferences(tx: Transaction, person_id: str, wanted: Preferences) -> None:
    """Store all of a person's preferences; `replace(person.preferences, …)` changes one.

    Raises:
        NoPerson: there is none with this id.
    """
    await _name_of(tx, person_id)
    row = {
        "person_id": person_id,
        "time_zone": wanted.time_zone,
        "quiet_from": wanted.quiet_from,
        "quiet_to": wanted.quiet_to,
        "language": wanted.language,
    }
    await put(tx, PreferenceRow, row, key=("person_id",))


async def consent(
    tx: Transaction, person_id: str, *, at: datetime, version: int = CONSENT_VERSION
) -> None:
    """Record that a person agreed to a version of the text; version 0 takes it back.

    Raises:
        NoPerson: there is none with this id.
    """
    await _change(tx, person_id, at, consented_at=at if version else None, consent_version=version)


async def rename(tx: Transaction, person_id: str, name: str, *, at: datetime) -> None:
    """Change what a person is called.

    Raises:
        NoPerson: there is none with this id.
    """
    await _change(tx, person_id, at, name=name)


async def set_active(tx: Transaction, person_id: str, *, active: bool, at: datetime) -> None:
    """Keep somebody out everywhere, or let them in again.

    Raises:
        NoPerson: there is none with this id.
    """
    await _change(tx, person_id, at, active=active)


async def forget(tx: Transaction, person_id: str, *, and_then: Iterable[str] = ()) -> Forgotten:
    """Remove a person from every table of people and sessions; see `forget_person`.

    Scenarios they shared stay, without an owner; private ones leave the library. What waits to be
    handled or shown goes too. `and_then`: lanes on which the same transaction says something about
    it.

    Raises:
        NoPerson: there is none with this id.
    """
    return await persons.remove(tx, person_id, await _name_of(tx, person_id), and_then)


def _is(who: Identity) -> tuple[ColumnElement[bool], ...]:
    return (
        IdentityRow.platform == who.platform,
        IdentityRow.workspace == who.workspace,
        IdentityRow.user_id == who.user_id,
    )


async def _made(tx: Transaction, who: Identity, name: str, at: datetime) -> str:
    person_id = uuid4().hex
    await put(
        tx,
        PersonRow,
        {
            "id": person_id,
            "name": name,
            "created_at": at,
            "updated_at": at,
            "active": True,
            "consented_at": None,
            "consent_version": 0,
        },
        key=("id",),
    )
    if await insert_new(tx, IdentityRow, {**asdict(who), "person_id": person_id}, key=_ACCOUNT):
        return person_id
    # Another event of the same newcomer was faster, and its transaction has ended by now.
    await tx.execute(delete(PersonRow).where(PersonRow.id == person_id))
    return (await tx.execute(select(IdentityRow.person_id).where(*_is(who)))).scalar_one()


async def _name_of(tx: Transaction, person_id: str) -> str:
    name = await tx.scalar(select(PersonRow.name).where(PersonRow.id == person_id))
    if name is None:
        raise NoPerson(person_id)
    return name


async def _change(tx: Transaction, person_id: str, at: datetime, **values: Any) -> None:
    changed = update(PersonRow).where(PersonRow.id == person_id)
    row = changed.values(**values, updated_at=at).returning(PersonRow.id)
    if await tx.scalar(row) is None:
        raise NoPerson(person_id)
