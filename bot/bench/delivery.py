"""What delivery costs: how long a turn waits, how many fit into a second, what idleness takes."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import insert

from adapters.clock import SystemClock
from bot.bench import Figure, postgres
from bot.bench.beside import two_to_one, warmed
from bot.bench.crowd import Seat, gathered
from bot.bench.load import Loaded, loaded, replies
from bot.bench.stored import fill
from bot.garbage import collect_seldom
from bot.observability import configure
from bot.serving import fastest_loop
from bot.store.database import Database
from bot.store.queues import InboxRow

SESSIONS: Final = int(os.environ.get("DRESSRUN_BENCH_SESSIONS", "200"))
LINES: Final = int(os.environ.get("DRESSRUN_BENCH_LINES", "10"))
STORED: Final = int(os.environ.get("DRESSRUN_BENCH_STORED", "1000000"))
ALONE: Final = 200
SLOW: Final = 50
SLOW_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 5.0
RAW_SECONDS: Final = 2.0


def run() -> Iterator[Figure]:
    """On SQLite, and on PostgreSQL where there is one."""
    configure("error")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield from _figures("sqlite", [f"sqlite:///{folder}/{n}.db" for n in range(3)], folder)
        at = stack.enter_context(postgres.server())
        if at is None:
            yield {"database": "postgresql", "skipped": "no server"}
            return
        urls = [stack.enter_context(postgres.database(at)) for _ in range(6)]
        yield from _figures("postgresql", urls, folder)
        for figure in two_to_one(urls[3:], folder, 2 * SESSIONS):
            yield {"database": "postgresql", **figure}


def _figures(name: str, urls: Sequence[str], folder: Path) -> Iterator[Figure]:
    async def listed(figures: AsyncIterator[Figure]) -> list[Figure]:
        return [one async for one in figures]

    for measured, url in zip((_load, _slow, _much_stored), urls, strict=False):
        collect_seldom()  # as `dressrun up` does, and its loop
        with asyncio.Runner(loop_factory=fastest_loop()) as runner:
            figures = runner.run(listed(measured(url, folder)))
        for figure in figures:
            yield {"database": name, **figure}


async def _load(url: str, folder: Path) -> AsyncIterator[Figure]:
    async with loaded(url, folder) as one:
        raw = await _raw(one.app.services.database)
        yield {"what": "insert and commit alone", "per_s": round(raw)}
        seats = await gathered(one.app, SESSIONS)
        await warmed(one.app, seats[0].session_id)
        cpu = time.process_time()
        times = [await one.one(seat, 0) for seat in seats[:ALONE]]
        cpu = (time.process_time() - cpu) / len(times)
        figures = {**percentiles(times), "cpu_ms_a_turn": round(1000 * cpu, 2)}
        yield {"what": "accepted to posted, one at a time", **figures}
        begun = time.process_time()
        await asyncio.sleep(IDLE_SECONDS)
        idle = (time.process_time() - begun) / IDLE_SECONDS
        yield {"what": "idle, percent of a core", "value": round(100 * idle, 2)}
        yield await _at_once(one, seats, raw)
        yield await _in_waves(one, seats, raw)


async def _at_once(one: Loaded, seats: Sequence[Seat], raw: float) -> Figure:
    """Everything accepted as fast as possible: a turn answers what came together."""
    database, before, cpu = one.app.services.database, 0, time.process_time()
    before = await replies(database)
    times, seconds = await one.all(seats, range(1, 1 + LINES))
    turns = await replies(database) - before
    cpu = time.process_time() - cpu
    return {
        "what": f"{len(times)} messages at once",
        "messages_per_s": round(len(times) / seconds, 1),
        "turns_per_s": round(turns / seconds, 1),
        "messages_a_turn": round(len(times) / turns, 1),
        "cpu_ms_a_message": round(1000 * cpu / len(times), 2),
        "to_raw": round(len(times) / seconds / raw, 3),
        **{f"accept_{key}": value for key, value in percentiles(times).items()},
    }


async def _in_waves(one: Loaded, seats: Sequence[Seat], raw: float) -> Figure:
    """Every session says one thing, all are answered, and again: a turn for each message."""
    database, cpu = one.app.services.database, time.process_time()
    before, begun = await replies(database), time.perf_counter()
    for nth in range(100, 100 + LINES):
        await asyncio.gather(*(one.one(seat, nth) for seat in seats))
    seconds = time.perf_counter() - begun
    await one.quiet()
    turns = await replies(database) - before
    return {
        "what": f"{len(seats)} at a time",
        "turns_per_s": round(turns / seconds, 1),
        "cpu_ms_a_turn": round(1000 * (time.process_time() - cpu) / turns, 2),
        "to_raw": round(turns / seconds / raw, 3),
    }


async def _slow(url: str, folder: Path) -> AsyncIterator[Figure]:
    """Accepting while slow turns run."""
    async with loaded(url, folder, seconds=SLOW_SECONDS) as one:
        seats = await gathered(one.app, 2 * SLOW)
        await warmed(one.app, seats[0].session_id)
        turns = [asyncio.create_task(one.one(seat, 0)) for seat in seats[:SLOW]]
        times: list[float] = []
        while not all(turn.done() for turn in turns):
            seat = seats[SLOW + len(times) % SLOW]
            begun = time.perf_counter()
            await one.app.delivery.accept(seat.says(len(times)))
            times.append(time.perf_counter() - begun)
            await asyncio.sleep(0.01)
        yield {"what": f"accept while {SLOW} turns of {SLOW_SECONDS:g} s run", **percentiles(times)}


async def _much_stored(url: str, folder: Path) -> AsyncIterator[Figure]:
    """A turn's time where much is stored, to its time where little is."""
    async with loaded(url, folder) as one:
        seats = await gathered(one.app, 100)
        await warmed(one.app, seats[0].session_id)
        await fill(one.app.services.database, seats[0].session_id, 1000)
        little, little_cpu = await _alone(one, seats[:50])
        await fill(one.app.services.database, seats[0].session_id, STORED)
        much, much_cpu = await _alone(one, seats[50:])
        yield {
            "what": f"turn with {STORED:,} stored turns to with 1,000",
            "ratio": round(much / little, 2),
            "cpu_ratio": round(much_cpu / little_cpu, 2),
        }


async def _alone(one: Loaded, seats: Sequence[Seat]) -> tuple[float, float]:
    """A turn's time in the median and its share of the process's, one at a time."""
    cpu = time.process_time()
    times = [await one.one(seat, 0) for seat in seats]
    return percentiles(times)["p50_ms"], (time.process_time() - cpu) / len(times)


async def _raw(database: Database) -> float:
    """Rows a second, each in a transaction of its own, as bare as they come."""
    now, count, begun = SystemClock().now(), 0, time.perf_counter()
    while time.perf_counter() - begun < RAW_SECONDS:
        values = {
            "tenant": "raw", "event_id": str(count), "channel": "", "lane": "", "order_key": "",
            "due": now, "body": "", "agrees": False, "author": "", "state": "done", "code": "",
            "received_at": now,
        }  # fmt: skip
        async with database.transaction() as tx:
            await tx.execute(insert(InboxRow), values)
        count += 1
    return count / (time.perf_counter() - begun)


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """p50 and p99 in milliseconds."""
    ordered = sorted(times)
    return {
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 2),
        "p99_ms": round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
    }
