"""Accounts, links that log in once, and sessions of browsers. Secrets are stored as digests."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.local import store
from adapters.local.limits import BOT_ID
from adapters.local.rows import Person
from adapters.local.seed import DEMO
from adapters.local.tables import KEYS

LINK: Final = timedelta(hours=24)
SESSION: Final = timedelta(days=14)
TOKEN: Final = timedelta(days=365)
ROLES: Final = ("trainee", "instructor", "admin")

_PLAIN: Final = re.compile(r"[^a-z0-9]+")


async def add(tx: AsyncSession, name: str, role: str, at: datetime) -> str:
    """Add somebody, or take who has this name; the secret of a link that logs in once.

    Raises:
        ValueError: there is no such role, or the name cannot be one; the text says what to do.
    """
    return await _made(tx, "link", await _known(tx, name, role, at), at + LINK)


async def add_program(tx: AsyncSession, name: str, role: str, at: datetime) -> str:
    """Add somebody, as `add` does; the secret that a program of theirs shows with each request.

    Raises:
        ValueError: as `add`.
    """
    return await _made(tx, "token", await _known(tx, name, role, at), at + TOKEN)


async def remove(tx: AsyncSession, name: str) -> bool:
    """Let somebody in no more, by their name or id; False where nobody is called that."""
    id_ = _id_of(name)
    if await store.person(tx, id_) is None or id_ in {one.id for one in DEMO}:
        return False
    await tx.execute(delete(KEYS).where(KEYS.c.person == id_))
    await store.deactivate(tx, id_)
    return True


async def _known(tx: AsyncSession, name: str, role: str, at: datetime) -> str:
    if role not in ROLES:
        raise ValueError(f"no role {role!r}; choose {', '.join(ROLES)}")
    id_ = _id_of(name)
    if not id_ or id_ == BOT_ID or id_ in {one.id for one in DEMO}:
        raise ValueError(f"{name!r} cannot be a name here; take another")
    await store.begin_counting(tx)
    await store.add_person(tx, Person(id=id_, name=name.strip()[:80], role=role), at)
    await store.set_role(tx, id_, role)
    return id_


def _id_of(name: str) -> str:
    return _PLAIN.sub("-", name.lower()).strip("-")[:40]


async def first(tx: AsyncSession, at: datetime) -> str | None:
    """The secret of a link for the first administrator; None where there was one before."""
    demo = {one.id for one in DEMO}
    if any(one.id not in demo for one in await store.people(tx)):
        return None
    return await add(tx, "Administrator", "admin", at)


async def enter(tx: AsyncSession, link: str, at: datetime) -> str | None:
    """Use a link up; the secret of a new session, or None for a link that is none any more."""
    used = delete(KEYS).where(_is(link, "link", at)).returning(KEYS.c.person)
    person = await tx.scalar(used)
    await tx.execute(delete(KEYS).where(KEYS.c.expires_at <= at))
    return await _made(tx, "session", person, at + SESSION) if person else None


async def session(tx: AsyncSession, token: str, at: datetime) -> tuple[Person, str] | None:
    """Who a session belongs to, and the word that its page must send with what it does."""
    if not token:
        return None
    row = (await tx.execute(select(KEYS).where(_is(token, "session", at)))).first()
    person = await store.person(tx, row.person) if row else None
    return (person, row.csrf) if row and person else None


async def program(tx: AsyncSession, token: str, at: datetime) -> Person | None:
    """Whose program shows this secret, or None."""
    person_id = await tx.scalar(select(KEYS.c.person).where(_is(token, "token", at)))
    return await store.person(tx, person_id) if person_id else None


async def valid(tx: AsyncSession, keys: Collection[str], at: datetime) -> set[str]:
    """Those of some digests that still let somebody in."""
    mine = and_(KEYS.c.digest.in_(keys), KEYS.c.expires_at > at)
    return set(await tx.scalars(select(KEYS.c.digest).where(mine)))


async def leave(tx: AsyncSession, token: str) -> None:
    """End a session."""
    await tx.execute(delete(KEYS).where(KEYS.c.digest == digest(token)))


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), wanted.encode())


async def _made(tx: AsyncSession, kind: str, person: str, until: datetime) -> str:
    token = secrets.token_urlsafe(32)
    csrf = secrets.token_urlsafe(24)
    await tx.execute(
        KEYS.insert().values(
            digest=digest(token), kind=kind, person=person, csrf=csrf, expires_at=until
        )
    )
    return token


def _is(token: str, kind: str, at: datetime) -> ColumnElement[bool]:
    return and_(KEYS.c.digest == digest(token), KEYS.c.kind == kind, KEYS.c.expires_at > at)


def digest(token: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()
