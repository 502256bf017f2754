"""Lets go of what somebody wrote and was shown in the workspace."""

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, or_, select

from adapters.local import store
from adapters.local.tables import EVENTS, KEYS, MEMBERS, MESSAGES, PLACES, READS, UPLOADS

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession


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


def _others_in(person: str) -> "ColumnElement[bool]":
    other = MEMBERS.alias()
    return exists(
        select(other.c.person).where(
            and_(other.c.place == MEMBERS.c.place, other.c.person != person)
        )
    )
