"""Queries over origins: which session another one grew from."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import insert, select

from engine.store import Transaction
from engine.store.tables import OriginRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a session comes from.

    `branch`: its log begins with that of `origin` up to `origin_seq`, word for word. `drill`: it
    practises `criterion` of the session `origin`; a branch may have been made for one.
    `origin` is None once that one was deleted.
    """

    session_id: str
    kind: Literal["branch", "drill"]
    origin: str | None
    origin_seq: int = 0
    criterion: str = ""
    at: datetime


_NAMES: Final = {"at": "created_at"}
_COLUMNS: Final = tuple(
    OriginRow.__table__.c[_NAMES.get(one.name, one.name)].label(one.name) for one in fields(Origin)
)


async def put(tx: Transaction, origin: Origin) -> None:
    """Store where a new session comes from."""
    values = {_NAMES.get(name, name): value for name, value in asdict(origin).items()}
    await tx.execute(insert(OriginRow).values(**values))


async def get(tx: Transaction, session_id: str) -> Origin | None:
    """Where a session comes from, or None for one that began by itself."""
    found = await tx.execute(select(*_COLUMNS).where(OriginRow.session_id == session_id))
    row = found.one_or_none()
    return Origin(**row._mapping) if row else None


async def grown_from(tx: Transaction, session_id: str) -> list[Origin]:
    """The branches and drills of a session, oldest first."""
    wanted = select(*_COLUMNS).where(OriginRow.origin == session_id)
    rows = await tx.execute(wanted.order_by(OriginRow.created_at, OriginRow.session_id))
    return [Origin(**row._mapping) for row in rows]
