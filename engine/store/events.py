"""Queries over the log of a session."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import Insert, Table, bindparam, insert, select, update

from engine.errors import LogRewritten, NoSession, SequenceTaken, SimulationError
from engine.events import VERSION, Event, Seated, Unseated, from_body, to_body
from engine.store import Transaction
from engine.store.often import often
from engine.store.seals import UNSEALED, sealed
from engine.store.sessions import HEAD, Head, SessionRecord
from engine.store.tables import EventRow, ParticipantRow, SessionRow
from engine.store.upsert import put

# Built once: putting a statement together costs more than running it.
_EVENTS: Final = cast("Table", EventRow.__table__)
_SESSIONS: Final = cast("Table", SessionRow.__table__)
_LOG: Final = often(
    select(_EVENTS.c.kind, _EVENTS.c.v, _EVENTS.c.at, _EVENTS.c.body)
    .where(_EVENTS.c.session_id == bindparam("of"), _EVENTS.c.seq > bindparam("beyond"))
    .order_by(_EVENTS.c.seq)
)
_KNOWN: Final = select(_EVENTS.c.seq).where(_EVENTS.c.session_id == bindparam("of"))
_SEQ_OF: Final = often(_KNOWN.where(_EVENTS.c.external_id == bindparam("known")))
_AT: Final = (
    update(_SESSIONS)
    .where(_SESSIONS.c.id == bindparam("of"), _SESSIONS.c.seq == bindparam("since"))
    .where(_SESSIONS.c.rewritten == bindparam("as_read"))
    .returning(_SESSIONS.c.seq)
)
_MOVE: Final = often(_AT.where(~_KNOWN.where(_EVENTS.c.external_id == bindparam("known")).exists()))
_MOVE_BY_SEVERAL: Final = _AT.where(
    ~_KNOWN.where(_EVENTS.c.external_id.in_(bindparam("known", expanding=True))).exists()
)
_INSERT: Final = often(insert(_EVENTS))
_MOST_AT_ONCE: Final = 16
"""Events that one statement stores; a turn has fewer."""


class AlreadyStored(SimulationError):
    """What the platform delivered is in the log already, at `seq`."""

    code = "already_stored"

    def __init__(self, session_id: str, seq: int) -> None:
        super().__init__(f"session {session_id} holds this as seq {seq}")
        self.session_id = session_id
        self.seq = seq


async def of_session(tx: Transaction, session_id: str, after: int = 0) -> list[Event]:
    """The log of a session in order; the first one is at seq `after + 1`.

    Raises:
        engine.events.UnreadableEvent: a newer release wrote one of them.
    """
    rows = await tx.execute(_LOG, {"of": session_id, "beyond": after})
    return [from_body(row.kind, row.v, row.at, row.body) for row in rows]


async def append(tx: Transaction, record: SessionRecord, events: Sequence[Event]) -> SessionRecord:
    """Append to the log that `record` was read of; the record after it. All or nothing.

    A log that is not empty and has no seal gets none. Of two writers that read the same record, one
    succeeds and the other is refused: it waits for the first and then gets the error, with its
    transaction still usable. Seats follow the log.

    Raises:
        SequenceTaken: somebody else appended meanwhile; nothing was written.
        LogRewritten: something in the log was changed meanwhile; nothing was written.
        AlreadyStored: an event with this `event_id` is in the log; nothing was written.
        NoSession: there is none with this id.
    """
    if not events:
        return record
    return await _append(tx, record, events, {"updated_at": events[-1].at})


async def append_with_head(
    tx: Transaction,
    record: SessionRecord,
    *,
    events: Sequence[Event],
    head: Head,
    at: datetime,
) -> SessionRecord:
    """As `append`, together with what the log leads to.

    Raises:
        SequenceTaken, LogRewritten, AlreadyStored, NoSession: as `append`.
    """
    changed = {**{name: getattr(head, name) for name in HEAD}, "updated_at": at}
    return await _append(tx, record, events, changed)


async def _append(
    tx: Transaction,
    record: SessionRecord,
    events: Sequence[Event],
    changed: Mapping[str, Any],
) -> SessionRecord:
    session_id, after = record.id, record.seq
    rows = list(rows_of(session_id, after, events))
    seal = sealed(record.seal, rows) if record.seal or not after else UNSEALED
    known = [row["external_id"] for row in rows if row["external_id"] is not None]
    moved = {**changed, "seq": after + len(rows), "seal": seal}
    given = {**moved, "of": session_id, "since": after, "as_read": record.rewritten}
    one = known[0] if known else None
    move = (_MOVE, one) if len(known) < 2 else (_MOVE_BY_SEVERAL, known)
    # What another transaction appends moves `seq`, and what it changes there `rewritten`.
    if await tx.scalar(move[0], {**given, "known": move[1]}) is None:
        here = select(SessionRow.rewritten).where(SessionRow.id == session_id)
        if (times := await tx.scalar(here)) is None:
            raise NoSession(session_id)
        if times != record.rewritten:
            raise LogRewritten(session_id, after + 1)
        await _refuse_known(tx, session_id, known)
        raise SequenceTaken(session_id, after + 1)
    await _insert(tx, rows)
    for event in events:
        await _seat(tx, session_id, event)
    return replace(record, **moved)


async def _insert(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    if len(rows) > _MOST_AT_ONCE:
        await tx.execute(_INSERT, rows)
        return
    named = ((f"{name}_{n}", value) for n, row in enumerate(rows) for name, value in row.items())
    await tx.execute(_inserting(len(rows)), dict(named))


@cache
def _inserting(count: int) -> Insert:
    """Stores so many events, whose values are numbered from 0: a turn's in one statement."""
    columns = [one for one in _EVENTS.c if one.name != "id"]
    return often(
        insert(_EVENTS).values(
            [
                {one.name: bindparam(f"{one.name}_{n}", type_=one.type) for one in columns}
                for n in range(count)
            ]
        )
    )


async def by_external(tx: Transaction, session_id: str, external_id: str) -> int | None:
    """The seq of what a platform knows as `external_id`, or None."""
    seq: int | None = await tx.scalar(_SEQ_OF, {"of": session_id, "known": external_id})
    return seq


def rows_of(session_id: str, after: int, events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """The rows of events that are appended to a log whose last seq is `after`."""
    known: set[str] = set()
    for seq, event in enumerate(events, after + 1):
        external_id: str | None = getattr(event, "event_id", None)
        if external_id in known:
            # One message may be an utterance and an action; the first of them stands for it.
            external_id = None
        elif external_id is not None:
            known.add(external_id)
        yield {
            "session_id": session_id,
            "seq": seq,
            "at": event.at,
            "kind": event.kind,
            "v": VERSION,
            "body": to_body(event),
            "person_id": getattr(event, "person", None),
            "external_id": external_id,
        }


async def _refuse_known(tx: Transaction, session_id: str, external_ids: Sequence[str]) -> None:
    seq = await tx.scalar(
        select(EventRow.seq)
        .where(EventRow.session_id == session_id, EventRow.external_id.in_(external_ids))
        .limit(1)
    )
    if seq is not None:
        raise AlreadyStored(session_id, seq)


async def _seat(tx: Transaction, session_id: str, event: Event) -> None:
    if isinstance(event, Seated):
        await put(
            tx,
            ParticipantRow,
            {**_place(session_id, event), "joined_at": event.at, "left_at": None},
            key=("session_id", "seat", "person_id"),
        )
    elif isinstance(event, Unseated):
        await tx.execute(
            update(ParticipantRow)
            .where(ParticipantRow.session_id == session_id)
            .where(ParticipantRow.seat == event.seat, ParticipantRow.person_id == event.person)
            .values(left_at=event.at)
        )


def _place(session_id: str, event: Seated) -> dict[str, str | datetime]:
    return {"session_id": session_id, "seat": event.seat, "person_id": event.person}
