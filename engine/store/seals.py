"""The seal of a log: a running hash over its events, so that a changed or swapped one is noticed.

It tells of mistakes and of meddling with rows. Whoever may write to the database can set the seal
anew as well, so it proves nothing against them.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, select

from engine.store import Transaction
from engine.store.sessions import count_rewriting
from engine.store.tables import EventRow, SessionRow

UNSEALED: Final = ""
"""The seal of a log that was begun before logs were sealed; it stays as it is."""

_EVENTS: Final = cast("Table", EventRow.__table__)
_ROWS: Final = (
    select(*_EVENTS.c).where(_EVENTS.c.session_id == bindparam("of")).order_by(_EVENTS.c.seq)
)

Row = Mapping[str, Any]
"""A row of `events`, by the names of its columns."""


def sealed(before: str, rows: Iterable[Row]) -> str:
    """The seal of a log after more rows, given that of the log before them; hex. Pure."""
    seal = before
    for row in rows:
        told = [row["session_id"], row["seq"], row["at"].astimezone(UTC).isoformat()]
        whole = [seal, *told, row["kind"], row["v"], row["body"]]
        # Written in one way only, whichever database it was read from.
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
        seal = hashlib.sha256(text.encode()).hexdigest()
    return seal


async def rows_of(tx: Transaction, session_id: str) -> list[Row]:
    """The log of a session as it is stored, in order."""
    return [dict(row._mapping) for row in await tx.execute(_ROWS, {"of": session_id})]


@asynccontextmanager
async def rewriting(tx: Transaction, session_id: str) -> AsyncGenerator[None]:
    """What is changed in a log inside is meant to be: its seal is set anew.

    A seal that was broken before stays so, and a log without one gets none.
    """
    wanted = select(SessionRow.seal).where(SessionRow.id == session_id)
    seal = await tx.scalar(wanted) or UNSEALED
    held = seal != UNSEALED and seal == sealed(UNSEALED, await rows_of(tx, session_id))
    yield
    if held:
        seal = sealed(UNSEALED, await rows_of(tx, session_id))
    await count_rewriting(tx, session_id, seal)
