"""Turns of long ago, put into the tables as they would lie there."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import insert, select

from bot.store.database import Database
from bot.store.queues import InboxRow, OutboxRow
from engine.store import Transaction
from engine.store.tables import EventRow, SessionRow

BATCH: Final = 5000
TURNS_A_SESSION: Final = 50
EVENTS_A_TURN: Final = 4


async def fill(database: Database, like: str, turns: int) -> None:
    """Store so many turns in sessions of their own; `like` is a session that is there already."""
    at = datetime.now(UTC)
    mark = at.isoformat()
    for first in range(0, turns, BATCH):
        async with database.transaction() as tx:
            numbers = range(first, min(turns, first + BATCH))
            await _sessions(tx, like, mark, numbers)
            await tx.execute(insert(EventRow), [one for n in numbers for one in _log(mark, n, at)])
            await tx.execute(insert(InboxRow), [_came_in(mark, n, at) for n in numbers])
            await tx.execute(insert(OutboxRow), [_went_out(mark, n, at) for n in numbers])


async def _sessions(tx: Transaction, like: str, mark: str, numbers: range) -> None:
    columns = SessionRow.__table__.columns
    row = (await tx.execute(select(*columns).where(SessionRow.id == like))).mappings().one()
    ids = sorted({_session(mark, number) for number in numbers})
    await tx.execute(insert(SessionRow), [{**row, "id": one, "due": None} for one in ids])


def _session(mark: str, number: int) -> str:
    return f"{mark}/{number // TURNS_A_SESSION}"


def _log(mark: str, number: int, at: datetime) -> list[dict[str, object]]:
    first = number % TURNS_A_SESSION * EVENTS_A_TURN
    return [
        {
            "session_id": _session(mark, number),
            "seq": first + nth + 1,
            "at": at,
            "kind": "trainee_said",
            "v": 1,
            "body": {"seat": "agent", "text": "What can you see on the screen just now?"},
            "person_id": None,
            "external_id": f"{number}" if nth == 0 else None,
        }
        for nth in range(EVENTS_A_TURN)
    ]


def _came_in(mark: str, number: int, at: datetime) -> dict[str, object]:
    session_id = _session(mark, number)
    return {
        "tenant": mark,
        "event_id": str(number),
        "channel": session_id,
        "lane": f"session:{session_id}",
        "order_key": str(number),
        "due": at,
        "body": "",
        "session_id": session_id,
        "person_id": None,
        "agrees": False,
        "author": mark,
        "state": "done",
        "code": "",
        "received_at": at,
        "done_at": at,
    }


def _went_out(mark: str, number: int, at: datetime) -> dict[str, object]:
    session_id = _session(mark, number)
    return {
        "key": f"{mark}:{number}#0",
        "lane": f"post:{session_id}",
        "kind": "post",
        "to": "",
        "opener": None,
        "card": None,
        "body": "",
        "event": f"{mark}:{number}",
        "session_id": session_id,
        "ref": "{}",
        "state": "sent",
        "code": "",
        "attempts": 1,
        "due": at,
        "attempted_at": at,
        "created_at": at,
    }
