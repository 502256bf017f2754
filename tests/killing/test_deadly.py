"""One thing to show ends every process that shows it: the processes go on, and so do the others."""

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.bench.killing.case import Part
from bot.bench.killing.driver import Death, Ran
from bot.bench.killing.records import NAME, Records
from bot.bench.killing.verdict import judged
from bot.delivery.isolation import MOST_ALONE, MOST_TRIES
from bot.store.database import Database, normalised
from bot.store.migrate import head, move
from bot.store.queues import OutboxRow

PATIENCE = 60
LINES = ("When did it begin?", "Does it move?", "Did you eat?")
DEADLY = "m0.1#0"
"""What is shown first for the second line of the first person."""


async def ran(url: str, folder: Path) -> int:
    """Run one process until it is killed, or all is quiet; its exit code."""
    part = Part(files=str(folder), url=url, deadly=DEADLY)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.bench.killing.child", stdin=PIPE
    )
    assert child.stdin is not None
    child.stdin.write(part.model_dump_json().encode())
    child.stdin.write_eof()
    try:
        async with asyncio.timeout(PATIENCE):
            return await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def test_what_kills_each_time_is_given_up_and_told(
    empty_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    move(normalised(empty_url), head())
    records = Records(tmp_path / NAME)
    records.append("workers", ids=[0])
    for person in range(3):
        lines = [(f"m{person}.{number}", text, True) for number, text in enumerate(LINES)]
        records.append("person", person=person, lines=lines)
    deaths: list[Death] = []
    while (code := await ran(empty_url, tmp_path)) == -signal.SIGKILL:
        deaths.append(Death(time.time(), time.time()))
        # The first found it in its own hands, which counts as no try of the lane.
        assert len(deaths) <= 1 + MOST_TRIES + MOST_ALONE, "it kills for ever"
    assert code == 0
    told = f"{request.node.name}: given up after {len(deaths)} deaths"
    request.node.user_properties.append(("told", told))
    records.refresh()
    verdict = await judged(empty_url, Ran(records, deaths))
    assert verdict.wrong == ("person 0: replies do not stand once each, in order",)
    assert verdict.turns == 3 * len(LINES)
    room = records.rooms[0].thread
    shown = [one.text for one in records.shown.values() if one.thread == room]
    assert sum("could not be shown" in text for text in shown) == 1
    database = Database(empty_url)
    try:
        async with database.reading() as tx:
            dead = select(OutboxRow).where(OutboxRow.state.in_(("dead", "unknown")))
            [row] = list(await tx.scalars(dead))
    finally:
        await database.close()
    assert row.key.endswith(DEADLY)
    assert (row.state, row.code) == ("dead", "failed")
