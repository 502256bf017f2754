"""Scoring a session with a judge: one at a time for each session, whoever asks for it.

The tick that follows the end and the API go the same way. Whoever comes second waits, and then
finds what the first one's judge said, so that nothing is paid twice. No transaction is open
meanwhile.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, update

from bot.services import Services
from bot.store.followups import ScoringRow
from engine.assessment import Evaluation
from engine.llm.port import Deadline
from engine.store import Transaction
from engine.store.upsert import insert_new

AT_MOST: Final = timedelta(minutes=3)
"""Whoever has not finished by then died at it."""
LOOKS_SECONDS: Final = 0.2


@asynccontextmanager
async def alone(services: Services, session_id: str, deadline: Deadline) -> AsyncGenerator[bool]:
    """Be the only one who scores a session; False where somebody else still was at the deadline.

    Raises:
        NoSession: there is no such session.
    """
    taken = await _taken(services, session_id)
    while taken is None and asyncio.get_running_loop().time() < deadline.at:
        await asyncio.sleep(LOOKS_SECONDS)
        taken = await _taken(services, session_id)
    try:
        yield taken is not None
    finally:
        if taken is not None:
            async with services.database.transaction() as tx:
                await tx.execute(delete(ScoringRow).where(*_mine(session_id, taken)))


async def scored(
    services: Services, session_id: str, person: str, deadline: Deadline
) -> tuple[int, Evaluation]:
    """Score one person's part with the judge, if there is one; the version and the evaluation.

    `person` as in `Assessment.open`. While somebody else is at it past the deadline, it is what is
    known so far.

    Raises:
        NoSession: there is no such session.
    """
    assessment, database = services.assessment, services.database
    async with alone(services, session_id, deadline) as mine:
        if not mine:
            async with database.transaction() as tx:
                return await assessment.evaluate(tx, session_id, person)
        async with database.reading() as tx:
            opened = await assessment.open(tx, session_id, person)
        judged = await assessment.judge(opened, deadline)
        async with database.transaction() as tx:
            return await assessment.close(tx, opened, judged)


async def _taken(services: Services, session_id: str) -> datetime | None:
    """When what was taken now runs out; None where somebody else is at it."""
    now = services.now()
    until = now + AT_MOST
    async with services.database.transaction() as tx:
        await services.simulation.read(tx, session_id)  # raises for none
        return until if await _take(tx, session_id, now, until) else None


async def _take(tx: Transaction, session_id: str, now: datetime, until: datetime) -> bool:
    values = {"session_id": session_id, "until": until}
    if await insert_new(tx, ScoringRow, values, key=("session_id",)):
        return True
    left = (
        update(ScoringRow)
        .where(ScoringRow.session_id == session_id, ScoringRow.until <= now)
        .values(until=until)
        .returning(ScoringRow.session_id)
    )
    return await tx.scalar(left) is not None


def _mine(session_id: str, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return ScoringRow.session_id == session_id, ScoringRow.until == until
