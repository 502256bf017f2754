"""Queries over ratings by people: the trainee's of themselves, and instructors'."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select

from engine.store import Transaction, upsert
from engine.store.tables import RatingRow

Source = Literal["self", "instructor", "calibration"]
"""Who rated: the trainee, an instructor whose word counts, or somebody who only calibrates."""
OVERALL = ""
"""The criterion of a rating that is about the whole session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a person gave a criterion, in its own points. `note` is their words: not printed."""

    session_id: str
    source: Source
    by: str
    criterion: str
    points: int
    note: str = field(default="", repr=False)
    at: datetime


async def put(tx: Transaction, ratings: Iterable[Rating]) -> None:
    """Store ratings; a person's later one of the same criterion takes the place of the earlier."""
    for one in ratings:
        await upsert.put(
            tx,
            RatingRow,
            {
                "session_id": one.session_id,
                "source": one.source,
                "person_id": one.by,
                "criterion": one.criterion,
                "points": one.points,
                "note": one.note,
                "created_at": one.at,
            },
            key=("session_id", "source", "person_id", "criterion"),
        )


async def of_session(tx: Transaction, session_id: str) -> list[Rating]:
    """All of a session, in the order they were given."""
    return await _found(tx, _COLUMNS.where(RatingRow.session_id == session_id))


_COLUMNS = select(
    RatingRow.session_id,
    RatingRow.source,
    RatingRow.person_id.label("by"),
    RatingRow.criterion,
    RatingRow.points,
    RatingRow.note,
    RatingRow.created_at.label("at"),
)


async def _found(tx: Transaction, wanted: Select[*tuple[Any, ...]]) -> list[Rating]:
    ordered = wanted.order_by(
        RatingRow.created_at, RatingRow.session_id, RatingRow.person_id, RatingRow.criterion
    )
    return [Rating(**row._mapping) for row in await tx.execute(ordered)]
