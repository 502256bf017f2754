"""Taking a person out of what was said about scores: disputes, ratings, releases, debriefs."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Select, Update, delete, select, union, update

from engine.store import Transaction
from engine.store.removal import REMOVED, Removal, renamed
from engine.store.tables import DebriefRow, DisputeRow, RatingRow, ScoreReleaseRow

_COLUMNS: Final = (
    (DisputeRow, DisputeRow.person_id),
    (DisputeRow, DisputeRow.resolver),
    (RatingRow, RatingRow.person_id),
    (ScoreReleaseRow, ScoreReleaseRow.person_id),
)
"""Where a person's id stands."""


def sessions_of(person: str) -> Select[tuple[str]]:
    """The sessions about whose score a person said something."""
    found = union(*(select(row.session_id).where(column == person) for row, column in _COLUMNS))
    return select(found.subquery().c.session_id)


async def clean(
    tx: Transaction,
    session_id: str,
    removal: Removal,
    own: Collection[int],
    phrases: Collection[str],
) -> None:
    """Remove a person's words about a session's score, and their words from others' and debriefs.

    How they rated themselves goes; what they decided or rated as an instructor stays, as nobody's.
    """
    person = removal.person
    mine = (RatingRow.session_id == session_id, RatingRow.person_id == person)
    await tx.execute(delete(RatingRow).where(*mine, RatingRow.source == "self"))
    await tx.execute(update(RatingRow).where(*mine, RatingRow.note != "").values(note=REMOVED))
    for row in await tx.execute(
        select(
            DisputeRow.id,
            DisputeRow.person_id,
            DisputeRow.resolver,
            DisputeRow.reason,
            DisputeRow.note,
        ).where(DisputeRow.session_id == session_id)
    ):
        texts = removal.evaluation({"reason": row.reason, "note": row.note}, own, phrases)
        if row.person_id == person:
            texts["reason"] = REMOVED
        if row.resolver == person and row.note:
            texts["note"] = REMOVED
        await tx.execute(update(DisputeRow).where(DisputeRow.id == row.id).values(**texts))
    for version, body in (await _debriefs(tx, session_id)).items():
        await tx.execute(
            _debrief(session_id, version).values(body=removal.evaluation(body, own, phrases))
        )
    await rename(tx, session_id, person, removal.stand_in)


async def rename(tx: Transaction, session_id: str, old: str, new: str) -> None:
    """Make what one person said about a session's score another's.

    Where both rated the same criterion, the other's rating stays.
    """
    both = select(RatingRow.source, RatingRow.criterion).where(
        RatingRow.session_id == session_id, RatingRow.person_id == new
    )
    for source, criterion in (await tx.execute(both)).all():
        await tx.execute(
            delete(RatingRow).where(
                RatingRow.session_id == session_id,
                RatingRow.person_id == old,
                RatingRow.source == source,
                RatingRow.criterion == criterion,
            )
        )
    for row, column in _COLUMNS:
        await tx.execute(
            update(row).where(row.session_id == session_id, column == old).values({column: new})
        )
    for version, body in (await _debriefs(tx, session_id)).items():
        await tx.execute(_debrief(session_id, version).values(body=renamed(body, old, new)))


async def _debriefs(tx: Transaction, session_id: str) -> dict[int, dict[str, object]]:
    rows = await tx.execute(
        select(DebriefRow.version, DebriefRow.body).where(DebriefRow.session_id == session_id)
    )
    return {row.version: row.body for row in rows}


def _debrief(session_id: str, version: int) -> Update:
    return update(DebriefRow).where(
        DebriefRow.session_id == session_id, DebriefRow.version == version
    )
