"""Lets go of what somebody wrote and was shown in the workspace, and of what is old."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, exists, or_, select

from adapters.local import store
from adapters.local.tables import EVENTS, KEYS, MEMBERS, MESSAGES, PLACES, READS, UPLOADS

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

KEPT: Final = timedelta(days=7)
"""So long it is known what people did, once the application has it."""


async def forget(tx: "AsyncSession", person: str) -> None:
    """Empty what a person wrote, what only they saw, and all of the threads that were theirs alone.

    The empty messages stay, marked as taken back, so that open pages take them down too. The
    person stays: who may come in is the operator's to say.
    """
    alone = (
        select(MEMBERS.c.place)
        .join(PLACES, PLACES.c.key == MEMBERS.c.place)
        .where(MEMBERS.c.person == person, PLACES.c.kind != "channel")
        .where(~_others_in(person))
    )
    theirs = or_(
        MESSAGES.c.author == person, MESSAGES.c.only_for == person, MESSAGES.c.place.in_(alone)
    )
    found = await tx.execute(
        select(MESSAGES.c.id).where(theirs, MESSAGES.c.deleted.is_(False)).order_by(MESSAGES.c.born)
    )
    for row in found.all():
        await tx.execute(delete(UPLOADS).where(UPLOADS.c.message == row.id))
        left = {"speaker": {"name": "", "picture": None, "role": "person", "person": None}}
        await store.change_message(tx, row.id, text="", body=left, deleted=True)
    await tx.execute(delete(UPLOADS).where(UPLOADS.c.owner == person))
    await tx.execute(
        delete(EVENTS).where(EVENTS.c.body.contains(f'"id":"{person}"', autoescape=True))
    )
    await tx.execute(delete(READS).where(READS.c.person == person))
    await tx.execute(delete(KEYS).where(KEYS.c.person == person, KEYS.c.kind == "session"))


async def let_go(tx: "AsyncSession", threads: Collection[str]) -> None:
    """Delete everything in these places, and those of them that are threads.

    Whoever looks at one just then keeps it on the screen until they load the page again.
    """
    ids = select(MESSAGES.c.id).where(MESSAGES.c.place.in_(threads))
    await tx.execute(delete(UPLOADS).where(UPLOADS.c.message.in_(ids)))
    for table in (MESSAGES, EVENTS, READS):
        await tx.execute(delete(table).where(table.c.place.in_(threads)))
    wanted = select(PLACES.c.key).where(PLACES.c.key.in_(threads), PLACES.c.kind == "thread")
    gone = list(await tx.scalars(wanted))
    await tx.execute(delete(MEMBERS).where(MEMBERS.c.place.in_(gone)))
    await tx.execute(delete(PLACES).where(PLACES.c.key.in_(gone)))


async def tidy(tx: "AsyncSession", now: datetime) -> None:
    """Delete what was handed over long ago, files never sent, and logins that are over."""
    await tx.execute(delete(EVENTS).where(EVENTS.c.done, EVENTS.c.at < now - KEPT))
    unsent = UPLOADS.c.message.is_(None), UPLOADS.c.at < now - KEPT
    await tx.execute(delete(UPLOADS).where(*unsent))
    await tx.execute(delete(KEYS).where(KEYS.c.expires_at <= now))


def _others_in(person: str) -> "ColumnElement[bool]":
    other = MEMBERS.alias()
    return exists(
        select(other.c.person).where(
            and_(other.c.place == MEMBERS.c.place, other.c.person != person)
        )
    )
