"""Queries over the workspace: places, people, messages. Functions over a transaction."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.local.limits import PAGE
from adapters.local.rows import Body, Person, Place, Posted, aware, posted_of
from adapters.local.tables import COUNTER, MEMBERS, MESSAGES, PEOPLE, PLACES, READS
from adapters.tables import put_new

_FEED = "feed"
MOST = 500
"""Changes that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to be stored. `author` None: the bot."""

    place: str
    text: str
    body: Mapping[str, Any]
    at: datetime
    author: str | None = None
    key: str | None = None
    only_for: str | None = None
    pinned: bool = False
    draft: bool = False
    event_id: str | None = None
    id: str = ""


# --- numbers ------------------------------------------------------------------------------------


async def next_seq(tx: AsyncSession) -> int:
    """The number of the next change. Nobody else gets one until this transaction has ended."""
    counted = (
        update(COUNTER)
        .where(COUNTER.c.name == _FEED)
        .values(value=COUNTER.c.value + 1)
        .returning(COUNTER.c.value)
    )
    return int((await tx.execute(counted)).scalar_one())


async def top(tx: AsyncSession) -> int:
    """The number of the last change that is committed."""
    found = await tx.scalar(select(COUNTER.c.value).where(COUNTER.c.name == _FEED))
    return int(found or 0)


async def begin_counting(tx: AsyncSession) -> None:
    """Make the counter, once."""
    await put_new(tx, COUNTER, name=_FEED, value=0)


# --- people -------------------------------------------------------------------------------------


async def add_person(tx: AsyncSession, person: Person, at: datetime) -> bool:
    """Add somebody; False where they are known."""
    return await put_new(
        tx,
        PEOPLE,
        id=person.id,
        name=person.name,
        role=person.role,
        active=person.active,
        created_at=at,
    )


async def person(tx: AsyncSession, id_: str) -> Person | None:
    """Somebody who is active here, or None."""
    row = (await tx.execute(select(PEOPLE).where(PEOPLE.c.id == id_, PEOPLE.c.active))).first()
    return _person(row) if row else None


async def people(tx: AsyncSession, role: str | None = None) -> list[Person]:
    """Everybody who is active, in the order in which they came."""
    wanted = select(PEOPLE).where(PEOPLE.c.active).order_by(PEOPLE.c.created_at, PEOPLE.c.id)
    if role is not None:
        wanted = wanted.where(PEOPLE.c.role == role)
    return [_person(row) for row in await tx.execute(wanted)]


def _person(row: Any) -> Person:
    return Person(id=row.id, name=row.name, role=row.role, active=row.active)


# --- places -------------------------------------------------------------------------------------


async def place(tx: AsyncSession, key: str) -> Place | None:
    """A place, or None."""
    found = await _places(tx, select(PLACES).where(PLACES.c.key == key))
    return found[0] if found else None


async def opened(tx: AsyncSession, open_key: str) -> Place | None:
    """The place that was opened with a key, or None."""
    found = await _places(tx, select(PLACES).where(PLACES.c.open_key == open_key))
    return found[0] if found else None


async def places_for(tx: AsyncSession, person_id: str) -> list[Place]:
    """Every place a person sees, oldest first."""
    found = await _places(tx, select(PLACES).where(_sees(person_id)).order_by(PLACES.c.born))
    return [one for one in found if one.seen_by(person_id)]


async def add_place(
    tx: AsyncSession,
    *,
    key: str,
    kind: str,
    title: str,
    at: datetime,
    parent: str | None = None,
    open_key: str | None = None,
    members: Collection[str] = (),
    private: bool = False,
) -> bool:
    """Add a place; False where it is known."""
    seq = await next_seq(tx)
    made = await put_new(
        tx,
        PLACES,
        key=key,
        kind=kind,
        title=title,
        parent=parent,
        state="active",
        private=private,
        open_key=open_key,
        born=seq,
        seq=seq,
        created_at=at,
    )
    for one in members if made else ():
        await put_new(tx, MEMBERS, place=key, person=one)
    return made


async def change_place(tx: AsyncSession, key: str, **values: str) -> None:
    """Change a place, where that makes a difference."""
    differs = or_(*(PLACES.c[name] != value for name, value in values.items()))
    there = await tx.scalar(select(PLACES.c.key).where(PLACES.c.key == key, differs))
    if there is not None:
        await _touched(tx, key, **values)


async def join(tx: AsyncSession, key: str, people_ids: Collection[str]) -> None:
    """Make people members of a place."""
    new = [one for one in people_ids if await put_new(tx, MEMBERS, place=key, person=one)]
    if new:
        await _touched(tx, key)


async def _touched(tx: AsyncSession, key: str, **values: Any) -> None:
    seq = await next_seq(tx)
    await tx.execute(update(PLACES).where(PLACES.c.key == key).values(seq=seq, **values))


async def changed_places(tx: AsyncSession, after: int, upto: int) -> list[Place]:
    """Places that changed after one number and up to another."""
    changed = and_(PLACES.c.seq > after, PLACES.c.seq <= upto)
    return await _places(tx, select(PLACES).where(changed).order_by(PLACES.c.seq))


async def places_named(tx: AsyncSession, keys: Collection[str]) -> list[Place]:
    """The places with these keys."""
    return await _places(tx, select(PLACES).where(PLACES.c.key.in_(keys))) if keys else []


async def _places(tx: AsyncSession, wanted: Select[Any]) -> list[Place]:
    rows = (await tx.execute(wanted)).all()
    members: dict[str, set[str]] = {row.key: set() for row in rows}
    if rows:
        those = select(MEMBERS).where(MEMBERS.c.place.in_(members))
        for row in await tx.execute(those):
            members[row.place].add(row.person)
    return [
        Place(
            key=row.key,
            kind=row.kind,
            title=row.title,
            parent=row.parent,
            state=row.state,
            private=row.private,
            born=row.born,
            seq=row.seq,
            created_at=aware(row.created_at),
            members=frozenset(members[row.key]),
        )
        for row in rows
    ]


def _sees(person_id: str) -> ColumnElement[bool]:
    mine = select(MEMBERS.c.place).where(MEMBERS.c.person == person_id)
    return or_(~PLACES.c.private, PLACES.c.key.in_(mine))


# --- messages -----------------------------------------------------------------------------------


async def add_message(tx: AsyncSession, new: Draft) -> Posted:
    """Store a message."""
    seq = await next_seq(tx)
    values = {
        "id": new.id or uuid4().hex,
        "place": new.place,
        "born": seq,
        "seq": seq,
        "author": new.author,
        "key": new.key,
        "only_for": new.only_for,
        "text": new.text,
        "body": json.dumps(new.body),
        "pinned": new.pinned,
        "edited": False,
        "deleted": False,
        "draft": new.draft,
        "event_id": new.event_id,
        "at": new.at,
    }
    row = (await tx.execute(MESSAGES.insert().values(**values).returning(*MESSAGES.c))).one()
    return posted_of(row)


async def change_message(tx: AsyncSession, id_: str, **values: Any) -> None:
    """Change a message."""
    seq = await next_seq(tx)
    if "body" in values:
        values["body"] = json.dumps(values["body"])
    await tx.execute(update(MESSAGES).where(MESSAGES.c.id == id_).values(seq=seq, **values))


async def change_draft(tx: AsyncSession, id_: str, **values: Any) -> None:
    """Change a message that still grows."""
    seq = await next_seq(tx)
    mine = (MESSAGES.c.id == id_, MESSAGES.c.draft)
    await tx.execute(update(MESSAGES).where(*mine).values(seq=seq, **values))


async def take_down(tx: AsyncSession, place_key: str, person_id: str, title: str) -> None:
    """Take down what only one person was shown in a place under a title."""
    rows = await tx.execute(
        select(MESSAGES)
        .where(MESSAGES.c.place == place_key, MESSAGES.c.only_for == person_id)
        .where(~MESSAGES.c.deleted)
    )
    for one in [posted_of(row) for row in rows]:
        if one.body.get("title") == title:
            left = {"speaker": one.body["speaker"]}
            await change_message(tx, one.id, text="", body=left, deleted=True)


async def message(tx: AsyncSession, id_: str) -> Posted | None:
    """A message, or None."""
    return await _one(tx, MESSAGES.c.id == id_)


async def keyed(tx: AsyncSession, place_key: str, key: str) -> Posted | None:
    """The message that was posted in a place with a key, or None."""
    return await _one(tx, MESSAGES.c.place == place_key, MESSAGES.c.key == key)


async def _one(tx: AsyncSession, *where: ColumnElement[bool]) -> Posted | None:
    row = (await tx.execute(select(MESSAGES).where(*where))).first()
    return posted_of(row) if row else None


async def history(
    tx: AsyncSession, place_key: str, person_id: str, before: int | None, limit: int = PAGE
) -> tuple[list[Posted], bool]:
    """The last messages of a place before one of them, oldest first, and whether there are more."""
    gone = and_(MESSAGES.c.deleted, MESSAGES.c.only_for.is_not(None))
    wanted = select(MESSAGES).where(MESSAGES.c.place == place_key, _for(person_id), ~gone)
    if before is not None:
        wanted = wanted.where(MESSAGES.c.born < before)
    rows = await tx.execute(wanted.order_by(MESSAGES.c.born.desc()).limit(limit + 1))
    found = [posted_of(row) for row in rows]
    return found[:limit][::-1], len(found) > limit


async def search(
    tx: AsyncSession, words: str, person_id: str, place_key: str | None, limit: int = PAGE
) -> list[Posted]:
    """Messages that hold these words, newest first, in places that a person sees."""
    like = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    wanted = (
        select(MESSAGES)
        .join(PLACES, PLACES.c.key == MESSAGES.c.place)
        .where(MESSAGES.c.text.ilike(f"%{like}%", escape="\\"), ~MESSAGES.c.deleted)
        .where(_for(person_id), _sees(person_id))
        .order_by(MESSAGES.c.born.desc())
        .limit(limit)
    )
    if place_key is not None:
        wanted = wanted.where(MESSAGES.c.place == place_key)
    return [posted_of(row) for row in await tx.execute(wanted)]


async def changed_messages(tx: AsyncSession, after: int, upto: int) -> list[Posted]:
    """The first messages that changed after one number and up to another, in that order."""
    changed = and_(MESSAGES.c.seq > after, MESSAGES.c.seq <= upto)
    rows = await tx.execute(select(MESSAGES).where(changed).order_by(MESSAGES.c.seq).limit(MOST))
    return [posted_of(row) for row in rows]


def _for(person_id: str) -> ColumnElement[bool]:
    return or_(MESSAGES.c.only_for.is_(None), MESSAGES.c.only_for == person_id)


# --- what was read ------------------------------------------------------------------------------


async def mark_read(tx: AsyncSession, place_key: str, person_id: str, seq: int) -> bool:
    """Remember how far a person has read, never back; whether it was their first look."""
    first = await put_new(tx, READS, place=place_key, person=person_id, seq=seq)
    if not first:
        mine = and_(READS.c.place == place_key, READS.c.person == person_id, READS.c.seq < seq)
        await tx.execute(update(READS).where(mine).values(seq=seq))
    return first


async def counts(tx: AsyncSession, person_id: str) -> Mapping[str, tuple[int, int]]:
    """For each place its last message's number, and how many a person has not read."""
    mine = and_(READS.c.place == MESSAGES.c.place, READS.c.person == person_id)
    new = and_(
        MESSAGES.c.born > func.coalesce(READS.c.seq, 0),
        ~MESSAGES.c.deleted,
        or_(MESSAGES.c.author.is_(None), MESSAGES.c.author != person_id),
    )
    rows = await tx.execute(
        select(
            MESSAGES.c.place,
            func.max(MESSAGES.c.born).label("last"),
            func.count().filter(new).label("unread"),
        )
        .outerjoin(READS, mine)
        .where(_for(person_id))
        .group_by(MESSAGES.c.place)
    )
    return {row.place: (row.last, row.unread) for row in rows}


async def last_in(tx: AsyncSession, keys: Collection[str]) -> Mapping[str, int]:
    """The number of the last message of each of these places that has one."""
    if not keys:
        return {}
    last = func.max(MESSAGES.c.born).label("last")
    mine = MESSAGES.c.place.in_(keys)
    rows = await tx.execute(select(MESSAGES.c.place, last).where(mine).group_by(MESSAGES.c.place))
    return {row.place: row.last for row in rows}


async def leave(tx: AsyncSession, key: str, person_id: str) -> None:
    """Take somebody out of a place."""
    mine = and_(MEMBERS.c.place == key, MEMBERS.c.person == person_id)
    await tx.execute(delete(MEMBERS).where(mine))
    await _touched(tx, key)


async def shown_places(tx: AsyncSession, person_id: str) -> Sequence[Body]:
    """Every place a person sees, as browsers see it."""
    counted = await counts(tx, person_id)
    return [
        one.shown(*counted.get(one.key, (one.born, 0))) for one in await places_for(tx, person_id)
    ]


async def set_role(tx: AsyncSession, id_: str, role: str) -> None:
    """Give somebody another role, and let them in again."""
    changed = update(PEOPLE).where(PEOPLE.c.id == id_).values(role=role, active=True)
    await tx.execute(changed)


async def deactivate(tx: AsyncSession, id_: str) -> None:
    """Let somebody in no more. What they wrote stays."""
    await tx.execute(update(PEOPLE).where(PEOPLE.c.id == id_).values(active=False))
