"""Everything about one person, as they may have it: their own rows of every table of people."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import DeclarativeBase

from bot.store.followups import FollowingRow, FollowUpRow, OpinionRow, SeenScoreRow
from bot.store.tables import IdentityRow, MembershipRow, PersonRow, PreferenceRow
from engine.store import Transaction
from engine.store.tables import DisputeRow, ParticipantRow, RatingRow, SessionRow

Rows = list[dict[str, Any]]

_OF_PERSON: tuple[tuple[str, type[DeclarativeBase], str], ...] = (
    ("accounts", IdentityRow, "person_id"),
    ("roles", MembershipRow, "person_id"),
    ("settings", PreferenceRow, "person_id"),
    ("seats", ParticipantRow, "person_id"),
    ("ratings", RatingRow, "person_id"),
    ("disputes", DisputeRow, "person_id"),
    ("followups", FollowUpRow, "person_id"),
    ("following", FollowingRow, "person_id"),
    ("opinions", OpinionRow, "person_id"),
    ("seen_scores", SeenScoreRow, "person_id"),
)


async def about(tx: Transaction, person: str) -> dict[str, Rows]:
    """Every row about a person, by what it is; times in ISO 8601. Transcripts are apart."""
    found = {"person": await _rows(tx, select(PersonRow.__table__).filter_by(id=person))}
    for name, table, column in _OF_PERSON:
        found[name] = await _rows(tx, select(table.__table__).filter_by(**{column: person}))
    seated = select(ParticipantRow.session_id).where(ParticipantRow.person_id == person)
    sessions = select(
        SessionRow.id, SessionRow.scenario_id, SessionRow.status, SessionRow.created_at
    ).where(SessionRow.id.in_(seated))
    found["simulations"] = await _rows(tx, sessions.order_by(SessionRow.created_at))
    return found


async def _rows(tx: Transaction, wanted: Select[*tuple[Any, ...]]) -> Rows:
    return [
        {name: _plain(value) for name, value in row._mapping.items()}
        for row in await tx.execute(wanted)
    ]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
