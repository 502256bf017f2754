"""What people did, kept until the application has it; and the files they sent. Queries."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.local.rows import Upload
from adapters.local.tables import EVENTS, UPLOADS
from adapters.port import Event, File
from adapters.stored import dump_event, load_event
from adapters.tables import put_new


async def is_known(tx: AsyncSession, event_id: str) -> bool:
    """Whether an event came before."""
    return await tx.scalar(select(EVENTS.c.seq).where(EVENTS.c.event_id == event_id)) is not None


async def add(tx: AsyncSession, event: Event, place: str, seq: int) -> None:
    """Keep an event."""
    await tx.execute(
        EVENTS.insert().values(
            seq=seq,
            event_id=event.event_id,
            place=place,
            body=dump_event(event),
            done=False,
            at=event.at,
        )
    )


async def waiting(tx: AsyncSession, place: str, limit: int = 50) -> list[tuple[int, Event]]:
    """The first events of a place that the application does not have yet, with their numbers."""
    rows = await tx.execute(
        select(EVENTS.c.seq, EVENTS.c.body)
        .where(EVENTS.c.place == place, ~EVENTS.c.done)
        .order_by(EVENTS.c.seq)
        .limit(limit)
    )
    return [(row.seq, load_event(row.body)) for row in rows]


async def places_waiting(tx: AsyncSession, before: datetime | None = None) -> list[str]:
    """Where events wait; with `before`, only those that have waited since then."""
    wanted = select(EVENTS.c.place).where(~EVENTS.c.done).distinct()
    if before is not None:
        wanted = wanted.where(EVENTS.c.at < before)
    return list(await tx.scalars(wanted))


async def done(tx: AsyncSession, seq: int) -> None:
    """The application has it."""
    await tx.execute(update(EVENTS).where(EVENTS.c.seq == seq).values(done=True))


async def since(tx: AsyncSession, place: str, after: int) -> list[Event]:
    """Every event of a place after a number, first to last."""
    rows = await tx.scalars(
        select(EVENTS.c.body)
        .where(EVENTS.c.place == place, EVENTS.c.seq > after)
        .order_by(EVENTS.c.seq)
    )
    return [load_event(body) for body in rows]


async def add_upload(
    tx: AsyncSession, file: Upload, content: bytes, thumb: bytes | None, at: datetime
) -> None:
    """Keep a file; one with the same id is the same file."""
    await put_new(
        tx,
        UPLOADS,
        id=file.id,
        owner=file.owner,
        message=file.message,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        content=content,
        thumb=thumb,
        at=at,
    )


async def add_files(tx: AsyncSession, files: Iterable[tuple[Upload, File]], at: datetime) -> None:
    """Keep what the bot sends along."""
    for upload, file in files:
        await add_upload(tx, upload, file.content, None, at)


async def uploads(tx: AsyncSession, ids: Collection[str]) -> list[Upload]:
    """Files by their ids, in that order, without what is in them."""
    wanted = select(
        UPLOADS.c.id,
        UPLOADS.c.owner,
        UPLOADS.c.message,
        UPLOADS.c.name,
        UPLOADS.c.media_type,
        UPLOADS.c.size,
        UPLOADS.c.thumb.is_not(None).label("has_thumb"),
    ).where(UPLOADS.c.id.in_(ids))
    found = {row.id: Upload(**row._mapping) for row in await tx.execute(wanted)}
    return [found[one] for one in ids if one in found]


async def content(tx: AsyncSession, id_: str, *, small: bool = False) -> bytes | None:
    """What is in a file, or None where there is none."""
    column = UPLOADS.c.thumb if small else UPLOADS.c.content
    found: bytes | None = await tx.scalar(select(column).where(UPLOADS.c.id == id_))
    return found


async def size(tx: AsyncSession, id_: str) -> int | None:
    """How many bytes a file really has, or None where there is none."""
    counted = select(func.length(UPLOADS.c.content)).where(UPLOADS.c.id == id_)
    found: int | None = await tx.scalar(counted)
    return found


async def attach(tx: AsyncSession, ids: Collection[str], message: str) -> None:
    """Say which message files belong to."""
    if ids:
        await tx.execute(update(UPLOADS).where(UPLOADS.c.id.in_(ids)).values(message=message))
