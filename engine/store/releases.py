"""Queries over score releases: which scores an instructor let the trainee see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.store import Transaction
from engine.store.tables import ScoreReleaseRow
from engine.store.upsert import insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Who released a session's score, and when."""

    session_id: str
    by: str
    at: datetime


async def put(tx: Transaction, release: Released) -> bool:
    """Store a release; False where the score was released before."""
    values = {"session_id": release.session_id, "person_id": release.by, "created_at": release.at}
    return await insert_new(tx, ScoreReleaseRow, values, key=("session_id",))


async def get(tx: Transaction, session_id: str) -> Released | None:
    """The release of a session's score, or None."""
    found = await tx.execute(
        select(
            ScoreReleaseRow.session_id,
            ScoreReleaseRow.person_id.label("by"),
            ScoreReleaseRow.created_at.label("at"),
        ).where(ScoreReleaseRow.session_id == session_id)
    )
    row = found.one_or_none()
    return Released(**row._mapping) if row else None
