"""A process dies while a provider answers: what that cost is not lost, and the reply comes."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bot.bench.killing.case import Part
from bot.bench.killing.records import NAME, Records, Shown
from bot.bench.vendors import Say, Trouble, Vendor, vendor
from bot.bench.vendors.script import Answer
from bot.bench.vendors.server import Kept
from bot.journal import StoredJournal
from bot.store.database import Database, normalised
from bot.store.migrate import head, move
from engine.calls import Call
from engine.events import CharacterSaid
from engine.store import events, ledger, spending
from engine.store.tables import SessionRow

PATIENCE = 60
REPLY = "It began on Monday."


async def started(url: str, folder: Path, server: Vendor) -> Process:
    part = Part(files=str(folder), url=url, vendor=server.url)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.bench.killing.child", stdin=PIPE
    )
    assert child.stdin is not None
    child.stdin.write(part.model_dump_json().encode())
    child.stdin.write_eof()
    return child


async def test_killed_while_a_provider_answers(empty_url: str, tmp_path: Path) -> None:
    move(normalised(empty_url), head())
    records = Records(tmp_path / NAME)
    records.append("workers", ids=[0])
    records.append("person", person=0, lines=[("m0.0", "When did it begin?", True)])
    asked = asyncio.Event()

    def answer(kept: Kept) -> Answer:
        asked.set()
        return Trouble(shape="silent") if kept.number == 1 else Say(text=REPLY)

    database = Database(empty_url)
    try:
        async with vendor("anthropic", answer) as server:
            first = await started(empty_url, tmp_path, server)
            try:
                async with asyncio.timeout(PATIENCE):
                    await asked.wait()
            finally:
                first.kill()
                await first.wait()
            session_id, [call] = await calls(database)
            assert (call.status, call.provider, call.kind) == ("started", "anthropic", "reply")
            assert call.usage.estimated
            assert call.usage.input > 100
            assert call.cost_micro_usd > 0
            assert await counted(database, session_id) == (0, 0)
            second = await started(empty_url, tmp_path, server)
            async with asyncio.timeout(PATIENCE):
                assert await second.wait() == 0
            assert len(server.requests) == 2
        await both_are_paid(database, session_id, call)
        async with database.reading() as tx:
            log = await events.of_session(tx, session_id)
    finally:
        await database.close()
    replies = [one.text for one in log if isinstance(one, CharacterSaid) and one.answers]
    assert replies == [REPLY]
    assert [one.text for one in records_of(records)].count(REPLY) == 1


async def both_are_paid(database: Database, session_id: str, lost: Call) -> None:
    _, [still, good] = await calls(database)
    assert (still.status, good.status) == ("started", "posted")
    assert await counted(database, session_id) == (1, good.cost_micro_usd)
    journal, later = StoredJournal(database), datetime.now(UTC) + timedelta(minutes=5)
    found = await asyncio.gather(*(journal.give_up(later) for _ in range(3)))
    assert sum(found) == 1
    assert await journal.give_up(later) == 0
    _, [gone, same] = await calls(database)
    assert (gone.status, gone.usage.estimated) == ("lost", True)
    assert (gone.usage, gone.cost_micro_usd) == (lost.usage, lost.cost_micro_usd)
    assert same == good
    whole = lost.cost_micro_usd + good.cost_micro_usd
    assert await counted(database, session_id) == (2, whole)


async def calls(database: Database) -> tuple[str, list[Call]]:
    async with database.reading() as tx:
        session_id = (await tx.scalars(select(SessionRow.id))).one()
        return session_id, [one.call for one in await ledger.of_session(tx, session_id)]


async def counted(database: Database, session_id: str) -> tuple[int, int]:
    """How many calls count, and what they cost; the running sum says the same."""
    async with database.reading() as tx:
        totals = await ledger.totals(tx, session_id)
        sums = await spending.spent(
            tx, session_id=session_id, person="", owner="", at=datetime.now(UTC)
        )
    assert sums["conversation"] == totals.cost_micro_usd
    return totals.calls, totals.cost_micro_usd


def records_of(records: Records) -> list[Shown]:
    records.refresh()
    return list(records.shown.values())
