"""Queries over disputes. Each is kept for good, with what was decided."""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Select, insert, select, update

from engine.store import Transaction
from engine.store.tables import DisputeRow, SessionRow

DisputeState = Literal["open", "upheld", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Somebody sees a criterion of an evaluation differently.

    `upheld`: the score stands. `changed`: it is `points` now. `by`, `resolver` are person ids;
    `reason` and `note` are their words, so they are not printed.
    """

    id: str
    session_id: str
    version: int
    criterion: str
    by: str
    reason: str = field(repr=False)
    state: DisputeState = "open"
    points: int | None = None
    resolver: str | None = None
    note: str = field(default="", repr=False)
    at: datetime
    resolved_at: datetime | None = None


_NAMES: Final = {"by": "person_id", "at": "created_at"}
_COLUMNS: Final = tuple(
    DisputeRow.__table__.c[_NAMES.get(one.name, one.name)].label(one.name)
    for one in fields(Dispute)
)


async def put(tx: Transaction, dispute: Dispute) -> None:
    """Store a new one."""
    values = {_NAMES.get(name, name): value for name, value in asdict(dispute).items()}
    await tx.execute(insert(DisputeRow).values(**values))


async def decide(tx: Transaction, decided: Dispute) -> bool:
    """Write the decision on an open dispute; False where somebody was first."""
    done = (
        update(DisputeRow)
        .where(DisputeRow.id == decided.id, DisputeRow.state == "open")
        .values(
            state=decided.state,
            points=decided.points,
            resolver=decided.resolver,
            note=decided.note,
            resolved_at=decided.resolved_at,
        )
        .returning(DisputeRow.id)
    )
    return await tx.scalar(done) is not None


async def get(tx: Transaction, dispute_id: str) -> Dispute | None:
    """The dispute with this id, or None."""
    found = await _found(tx, select(*_COLUMNS).where(DisputeRow.id == dispute_id))
    return found[0] if found else None


async def of_session(tx: Transaction, session_id: str) -> list[Dispute]:
    """All of a session, oldest first."""
    return await _found(tx, select(*_COLUMNS).where(DisputeRow.session_id == session_id))


async def open_of_owner(tx: Transaction, owner: str, *, limit: int = 50) -> list[Dispute]:
    """What waits for a decision in a workspace, oldest first."""
    of_owner = select(SessionRow.id).where(SessionRow.owner == owner)
    wanted = select(*_COLUMNS).where(
        DisputeRow.session_id.in_(of_owner), DisputeRow.state == "open"
    )
    return await _found(tx, wanted.limit(limit))


async def _found(tx: Transaction, wanted: Select[*tuple[Any, ...]]) -> list[Dispute]:
    ordered = wanted.order_by(DisputeRow.created_at, DisputeRow.id)
    return [Dispute(**row._mapping) for row in await tx.execute(ordered)]
