"""Turns of long ago, put into the tables as they would lie there, by the database itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text

from bot.store import patience
from bot.store.database import Database

BATCH: Final = 100_000

# Fifty turns a session, four events a turn. A backslash keeps a colon from naming a parameter.
_MADE: Final = text("CREATE TEMPORARY TABLE made (n INTEGER, session_id TEXT, name TEXT)")
_FILLED: Final = text(r"""
    INSERT INTO made
    WITH RECURSIVE numbers(n) AS (
        SELECT CAST(:first AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :last
    )
    SELECT n, CAST(:mark AS TEXT) || '/' || (n / 50), CAST(:mark AS TEXT) || '\:' || n
    FROM numbers
""")
_TABLES: Final = (
    text("""
        INSERT INTO sessions (id, scenario_id, scenario_hash, mode, language, seed, status, phase,
            seq, owner, started_at, completed_at, created_at, updated_at, due)
        SELECT new.session_id, scenario_id, scenario_hash, mode, language, seed, status, phase,
            seq, owner, started_at, completed_at, created_at, updated_at, NULL
        FROM sessions, (SELECT DISTINCT session_id FROM made) AS new
        WHERE sessions.id = :like
    """),
    text(r"""
        INSERT INTO events (session_id, seq, at, kind, v, body, person_id, external_id)
        SELECT session_id, (n % 50) * 4 + nth + 1, created_at, 'trainee_said', 1,
            '{"seat"\: "agent", "text"\: "What can you see on the screen just now?"}', NULL,
            CASE WHEN nth = 0 THEN CAST(n AS TEXT) END
        FROM made, sessions,
            (SELECT 0 AS nth UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS four
        WHERE sessions.id = :like
    """),
    text(r"""
        INSERT INTO inbox (tenant, event_id, channel, lane, order_key, due, body, session_id,
            agrees, author, message, state, code, received_at, done_at)
        SELECT name, 'e', made.session_id, 'session\:' || made.session_id, CAST(n AS TEXT),
            created_at, '', made.session_id, FALSE, 'somebody', '', 'done', '', created_at,
            created_at
        FROM made, sessions WHERE sessions.id = :like
    """),
    text(r"""
        INSERT INTO outbox ("key", lane, kind, "to", body, event, session_id, ref, state, code,
            attempts, due, attempted_at, created_at)
        SELECT name || '#0', 'post\:' || made.session_id, 'post', '', '', name, made.session_id,
            '{}', 'sent', '', 1, created_at, created_at, created_at
        FROM made, sessions WHERE sessions.id = :like
    """),
)
_DROPPED: Final = text("DROP TABLE made")


async def fill(database: Database, like: str, turns: int) -> None:
    """Store so many turns in sessions of their own; `like` is a session that is there already."""
    mark = datetime.now(UTC).isoformat()
    for first in range(0, turns, BATCH):
        numbers = {"first": first, "last": min(turns, first + BATCH), "mark": mark}
        with patience.waiting(patience.LONG_SECONDS):
            await _filled(database, like, numbers)


async def _filled(database: Database, like: str, numbers: Mapping[str, object]) -> None:
    async with database.transaction() as tx:
        await tx.execute(_MADE)
        await tx.execute(_FILLED, numbers)
        for one in _TABLES:
            await tx.execute(one, {"like": like} if "like" in one.compile().params else {})
        await tx.execute(_DROPPED)
