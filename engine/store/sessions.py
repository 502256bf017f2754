"""Queries over sessions: their heads, not their logs."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, func, insert, select, update

from engine.errors import NoSession, SequenceTaken, SessionEnded, SessionPaused
from engine.session import OVER, Status
from engine.store import Transaction
from engine.store.often import often
from engine.store.tables import EventRow, ParticipantRow, SessionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """The head of a session. `seq` is where its log ends; `owner` is the workspace it belongs to.

    `due` is the next moment at which something happens by itself, if any. `rewritten` says how
    often something in the log was changed in place: what was read before then is out of date.
    `seal` is a running hash over the log, empty for one that has none.
    """

    id: str
    scenario_id: str
    scenario_hash: str
    mode: str
    language: str
    seed: int
    status: Status
    phase: str
    seq: int
    owner: str
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    due: datetime | None
    rewritten: int = 0
    seal: str = ""

    def require_active(self) -> None:
        """Check that the session takes turns.

        Raises:
            SessionEnded: it is over.
            SessionPaused: it rests.
        """
        if self.status in OVER:
            raise SessionEnded(self.id)
        if self.status == "paused":
            raise SessionPaused(self.id)

    def require_end(self, seq: int) -> None:
        """Check that the log, which was read apart, ends where this says.

        More events would be sealed onto what is not its end.

        Raises:
            SequenceTaken: it went on between the two.
        """
        if seq != self.seq:
            raise SequenceTaken(self.id, self.seq + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a log has led to, as far as lists and the clock need it."""

    status: Status
    phase: str
    started_at: datetime | None
    completed_at: datetime | None
    due: datetime | None


HEAD: Final = tuple(field.name for field in fields(Head))


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A person in a seat; `left_at` is set once they left it."""

    seat: str
    person: str
    joined_at: datetime
    left_at: datetime | None


_TABLE: Final = SessionRow.__table__
_NAMES: Final = tuple(field.name for field in fields(SessionRecord))
_COLUMNS: Final = tuple(_TABLE.c[name] for name in _NAMES)
# Built once: putting a statement together costs more than running it.
_ONE: Final = often(select(*_COLUMNS).where(_TABLE.c.id == bindparam("of")))
_EVENTS: Final = EventRow.__table__
_WITH_KNOWN: Final = often(
    select(
        *_COLUMNS,
        select(_EVENTS.c.seq)
        .where(_EVENTS.c.session_id == bindparam("of"), _EVENTS.c.external_id == bindparam("known"))
        .scalar_subquery()
        .label("known_as"),
    ).where(_TABLE.c.id == bindparam("of"))
)
_SEATS: Final = ParticipantRow.__table__
_SEATED: Final = often(
    select(_SEATS.c.seat, _SEATS.c.person_id.label("person"), _SEATS.c.joined_at, _SEATS.c.left_at)
    .where(_SEATS.c.session_id == bindparam("of"))
    .order_by(_SEATS.c.joined_at, _SEATS.c.seat, _SEATS.c.person_id)
)


async def create(
    tx: Transaction,
    *,
    session_id: str,
    scenario_id: str,
    scenario_hash: str,
    mode: str,
    language: str,
    seed: int,
    owner: str,
    at: datetime,
) -> SessionRecord:
    """Store a new session with an empty log. `scenarios.put` must have kept its scenario."""
    record = SessionRecord(
        id=session_id,
        scenario_id=scenario_id,
        scenario_hash=scenario_hash,
        mode=mode,
        language=language,
        seed=seed,
        status="not_started",
        phase="",
        seq=0,
        owner=owner,
        started_at=None,
        completed_at=None,
        created_at=at,
        updated_at=at,
        due=None,
    )
    await tx.execute(insert(SessionRow).values(**asdict(record)))
    return record


async def get(tx: Transaction, session_id: str) -> SessionRecord:
    """The head of a session, as the database has it now.

    Raises:
        NoSession: there is none with this id.
    """
    row = (await tx.execute(_ONE, {"of": session_id})).one_or_none()
    if row is None:
        raise NoSession(session_id)
    return _record(row)


async def get_with_known(
    tx: Transaction, session_id: str, external_id: str
) -> tuple[SessionRecord, int | None]:
    """As `get`; and the seq of what a platform knows as `external_id`, or None.

    Raises:
        NoSession: there is none with this id.
    """
    given = {"of": session_id, "known": external_id}
    row = (await tx.execute(_WITH_KNOWN, given)).one_or_none()
    if row is None:
        raise NoSession(session_id)
    *head, seq = row
    return SessionRecord(**dict(zip(_NAMES, head, strict=True))), seq


async def seq_of(tx: Transaction, session_id: str) -> int:
    """Where the log of a session ends; 0 for one that is gone."""
    return await tx.scalar(select(SessionRow.seq).where(SessionRow.id == session_id)) or 0


async def hold(tx: Transaction, session_id: str) -> None:
    """Keep other writers off this session until the transaction ends.

    Raises:
        NoSession: there is none with this id.
    """
    # SQLite has one writer at a time and knows no FOR UPDATE; there it is left out.
    row = select(SessionRow.id).where(SessionRow.id == session_id).with_for_update()
    if await tx.scalar(row) is None:
        raise NoSession(session_id)


async def set_head(tx: Transaction, session_id: str, head: Head, *, at: datetime) -> SessionRecord:
    """Write what the log has led to; the record after it. `events.append` moves `seq`.

    Raises:
        NoSession: there is none with this id.
    """
    changed = (
        update(SessionRow)
        .where(SessionRow.id == session_id)
        .values(**asdict(head), updated_at=at)
        .returning(*_COLUMNS)
    )
    row = (await tx.execute(changed)).one_or_none()
    if row is None:
        raise NoSession(session_id)
    return _record(row)


async def count_rewriting(tx: Transaction, session_id: str, seal: str) -> None:
    """Say that something in a log was changed in place; its seal is this one now."""
    row = update(SessionRow).where(SessionRow.id == session_id)
    await tx.execute(row.values(rewritten=SessionRow.rewritten + 1, seal=seal))


async def set_due(tx: Transaction, session_id: str, due: datetime | None, *, at_seq: int) -> None:
    """Say when something next happens by itself; nothing where the log has grown past `at_seq`."""
    row = update(SessionRow).where(SessionRow.id == session_id, SessionRow.seq == at_seq)
    await tx.execute(row.values(due=due))


async def of_person(
    tx: Transaction,
    person: str,
    *,
    statuses: Collection[Status] = (),
    scenario_id: str | None = None,
    limit: int = 50,
) -> list[SessionRecord]:
    """Sessions in which a person sits or once sat, newest first; of any status by default."""
    seated = select(ParticipantRow.session_id).where(ParticipantRow.person_id == person)
    wanted = select(*_COLUMNS).where(SessionRow.id.in_(seated))
    return await _newest(tx, wanted, statuses, scenario_id, limit)


async def of_owner(
    tx: Transaction,
    owner: str,
    *,
    statuses: Collection[Status] = (),
    scenario_id: str | None = None,
    limit: int = 50,
) -> list[SessionRecord]:
    """Sessions of a workspace, newest first; of any status by default."""
    wanted = select(*_COLUMNS).where(SessionRow.owner == owner)
    return await _newest(tx, wanted, statuses, scenario_id, limit)


async def completed(
    tx: Transaction, *, scenario_id: str | None = None, limit: int = 2000
) -> list[SessionRecord]:
    """Sessions that came to their end, newest first."""
    over: tuple[Status, ...] = ("completed",)
    return await _newest(tx, select(*_COLUMNS), over, scenario_id, limit)


async def open_of(tx: Transaction, person: str, scenario_id: str) -> SessionRecord | None:
    """The newest session of this scenario that a person sits in and that is not over."""
    seated = select(ParticipantRow.session_id).where(
        ParticipantRow.person_id == person, ParticipantRow.left_at.is_(None)
    )
    wanted = select(*_COLUMNS).where(SessionRow.id.in_(seated), SessionRow.status.not_in(OVER))
    found = await _newest(tx, wanted, (), scenario_id, 1)
    return found[0] if found else None


async def beginning_with(tx: Transaction, id_: str, *, limit: int = 2) -> list[str]:
    """The ids of sessions that begin like this, for operators who type only a part."""
    plain = id_.replace("%", "").replace("_", "")
    wanted = select(SessionRow.id).where(SessionRow.id.startswith(plain))
    return list(await tx.scalars(wanted.limit(limit)))


async def due(tx: Transaction, now: datetime, *, limit: int = 50) -> list[SessionRecord]:
    """Sessions in which something should have happened by `now`, the longest overdue first.

    Claims nothing: who acts on one appends at its `seq`, and of two only one succeeds.
    """
    wanted = select(*_COLUMNS).where(SessionRow.due <= now)
    return await _records(tx, wanted.order_by(SessionRow.due, SessionRow.id).limit(limit))


async def in_use(tx: Transaction, *, limit: int) -> list[str]:
    """The scenario versions of sessions that are not over, the one that moved last first."""
    wanted = select(SessionRow.scenario_hash).where(SessionRow.status.not_in(OVER))
    latest = func.max(SessionRow.updated_at).desc()
    grouped = wanted.group_by(SessionRow.scenario_hash).order_by(latest, SessionRow.scenario_hash)
    return list(await tx.scalars(grouped.limit(limit)))


async def scenario_hashes(tx: Transaction) -> list[str]:
    """The scenario versions that any session began with."""
    return list(await tx.scalars(select(SessionRow.scenario_hash).distinct()))


async def unchanged_since(
    tx: Transaction, moment: datetime, scenario_hash: str, *, limit: int = 50
) -> list[str]:
    """Ids of sessions of a scenario version that nothing was written to since `moment`."""
    wanted = select(SessionRow.id).where(
        SessionRow.updated_at < moment, SessionRow.scenario_hash == scenario_hash
    )
    return list(await tx.scalars(wanted.order_by(SessionRow.updated_at).limit(limit)))


async def participants(tx: Transaction, session_id: str) -> tuple[Participant, ...]:
    """Who sits or once sat in a session, in the order they joined.

    `events.append` keeps this; there is no other way in.
    """
    rows = await tx.execute(_SEATED, {"of": session_id})
    return tuple(Participant(**row._mapping) for row in rows)


async def _newest(
    tx: Transaction,
    wanted: Select[*tuple[Any, ...]],
    statuses: Collection[Status],
    scenario_id: str | None,
    limit: int,
) -> list[SessionRecord]:
    if statuses:
        wanted = wanted.where(SessionRow.status.in_(statuses))
    if scenario_id is not None:
        wanted = wanted.where(SessionRow.scenario_id == scenario_id)
    newest = wanted.order_by(SessionRow.created_at.desc(), SessionRow.id.desc())
    return await _records(tx, newest.limit(limit))


async def _records(tx: Transaction, wanted: Select[*tuple[Any, ...]]) -> list[SessionRecord]:
    # Columns, not entities: an entity seen before would come back as it was then.
    return [_record(row) for row in await tx.execute(wanted)]


def _record(row: Row[*tuple[Any, ...]]) -> SessionRecord:
    return SessionRecord(**row._mapping)
