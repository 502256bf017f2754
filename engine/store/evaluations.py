"""Queries over evaluations: every version is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select

from engine.store import Transaction
from engine.store.sessions import hold
from engine.store.tables import DebriefRow, EvaluationRow
from engine.store.upsert import put


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvaluation:
    """An evaluation as it was stored. `body` holds quotes, so it is not printed.

    `participant`: whose it is, where several played; else empty.
    """

    session_id: str
    version: int
    participant: str = ""
    rubric_hash: str
    scenario_hash: str
    body: Mapping[str, Any] = field(repr=False)
    at: datetime


async def append(
    tx: Transaction,
    session_id: str,
    *,
    rubric_hash: str,
    scenario_hash: str,
    body: Mapping[str, Any],
    at: datetime,
    participant: str = "",
) -> int:
    """Store the next version of a session's evaluation; its number, from 1.

    Two that evaluate at the same time get two versions.

    Raises:
        engine.errors.NoSession: there is no such session.
    """
    await hold(tx, session_id)
    last = await tx.scalar(
        select(func.max(EvaluationRow.version)).where(EvaluationRow.session_id == session_id)
    )
    version = (last or 0) + 1
    await tx.execute(
        insert(EvaluationRow).values(
            session_id=session_id,
            version=version,
            participant=participant,
            rubric_hash=rubric_hash,
            scenario_hash=scenario_hash,
            body=dict(body),
            created_at=at,
        )
    )
    return version


async def latest(
    tx: Transaction, session_id: str, participant: str = ""
) -> StoredEvaluation | None:
    """The last version about a participant, or None where there is none.

    Without one, that of the session as a whole.
    """
    mine = _of(session_id).where(EvaluationRow.participant == participant)
    found = await _found(tx, mine.order_by(EvaluationRow.version.desc()).limit(1))
    return found[0] if found else None


async def get(tx: Transaction, session_id: str, version: int) -> StoredEvaluation | None:
    """One version, or None."""
    found = await _found(tx, _of(session_id).where(EvaluationRow.version == version))
    return found[0] if found else None


async def of_session(
    tx: Transaction, session_id: str, participant: str | None = ""
) -> list[StoredEvaluation]:
    """Every version about a participant, or of the session as a whole, first to last.

    With None those about everybody.
    """
    mine = _of(session_id)
    if participant is not None:
        mine = mine.where(EvaluationRow.participant == participant)
    return await _found(tx, mine.order_by(EvaluationRow.version))


async def participants(tx: Transaction, session_id: str) -> Mapping[int, str]:
    """Whose each version is, by its number; empty for that of the session as a whole."""
    wanted = select(EvaluationRow.version, EvaluationRow.participant)
    rows = await tx.execute(wanted.where(EvaluationRow.session_id == session_id))
    return {row.version: row.participant for row in rows}


async def put_debrief(
    tx: Transaction, session_id: str, version: int, body: Mapping[str, Any], *, at: datetime
) -> None:
    """Keep what a coach wrote about a version; the latest takes the place of an earlier one."""
    values = {"session_id": session_id, "version": version, "body": dict(body), "created_at": at}
    await put(tx, DebriefRow, values, key=("session_id", "version"))


async def debrief(tx: Transaction, session_id: str, version: int) -> Mapping[str, Any] | None:
    """What a coach wrote about a version, or None."""
    return await tx.scalar(
        select(DebriefRow.body).where(
            DebriefRow.session_id == session_id, DebriefRow.version == version
        )
    )


def _of(session_id: str) -> Select[*tuple[Any, ...]]:
    return select(*EvaluationRow.__table__.c).where(EvaluationRow.session_id == session_id)


async def _found(tx: Transaction, wanted: Select[*tuple[Any, ...]]) -> list[StoredEvaluation]:
    return [
        StoredEvaluation(
            session_id=row.session_id,
            version=row.version,
            participant=row.participant,
            rubric_hash=row.rubric_hash,
            scenario_hash=row.scenario_hash,
            body=row.body,
            at=row.created_at,
        )
        for row in await tx.execute(wanted)
    ]
