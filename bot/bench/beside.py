"""Workers on a queue that was filled before: one process, and two.

Where the database runs on the same cores, it and one worker may fill two of them. So one worker is
also measured with the database on a single core: two on two cores have twice as much.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from bot.bench import Figure, postgres
from bot.bench.crowd import gathered
from bot.bench.load import loaded
from bot.settings import PREFIX
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.queues import InboxRow
from bot.wiring import App
from engine.store import sessions
from engine.turns import Said

LOOK_SECONDS: Final = 0.02
BEGUN: Final = 0.2
ENDING: Final = 0.9
"""The time between these shares of the queue counts, so that starting and waiting do not."""


def two_to_one(urls: Sequence[str], folder: Path, count: int) -> Iterator[Figure]:
    """What two workers do in a second, to what one does, on `urls` in turn: three."""
    two = _rate(urls[0], folder, count, workers=2)
    one = _rate(urls[1], folder, count, workers=1)
    yield _ratio("two workers to one", one, two)
    with squeezed(urls[2]) as is_so:
        if is_so:
            one = _rate(urls[2], folder, count, workers=1)
            yield _ratio("two workers to one with its database on one core", one, two)


def _ratio(what: str, one: float, two: float) -> Figure:
    rates = {"one_turns_per_s": round(one, 1), "two_turns_per_s": round(two, 1)}
    return {"what": what, **rates, "ratio": round(two / one, 2)}


def _rate(url: str, folder: Path, count: int, *, workers: int) -> float:
    """Turns a second."""
    asyncio.run(_filled(url, folder, count))
    started = [_worker(url, folder) for _ in range(workers)]
    try:
        return asyncio.run(_drained(url, count))
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


@contextmanager
def squeezed(url: str) -> Generator[bool]:
    """Have a database's server, and what is started meanwhile, on one core; whether that is so."""
    server = postgres.process(url)
    if server is None or not hasattr(os, "sched_setaffinity"):
        yield False
        return
    all_ = os.sched_getaffinity(0)
    _keep((0, *server), {min(all_)})
    try:
        yield True
    finally:
        _keep((0, *server), all_)


async def _filled(url: str, folder: Path, count: int) -> None:
    async with loaded(url, folder, works=False) as one:
        seats = await gathered(one.app, count)
        await warmed(one.app, seats[0].session_id)  # so that what was learned lies in the folder
        for seat in seats:
            await one.app.delivery.accept(seat.says(0))
    await upgrade(url, queue=True)


def _keep(processes: Iterable[int], cores: set[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # a connection was closed meanwhile
            os.sched_setaffinity(process, cores)


def _worker(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    given = {"DATABASE_URL": url, "DATA_DIR": str(folder), "LOG_LEVEL": "error"}
    environment = {**os.environ, **{f"{PREFIX}{name}": value for name, value in given.items()}}
    return subprocess.Popen(
        [sys.executable, "-m", "bot.bench.hand"], env=environment, stdout=subprocess.DEVNULL
    )


async def _drained(url: str, count: int) -> float:
    """Turns a second."""
    database = Database(url)
    try:
        await _until(database, round(BEGUN * count))
        begun, before = time.perf_counter(), await _done(database)
        await _until(database, round(ENDING * count))
        return (await _done(database) - before) / (time.perf_counter() - begun)
    finally:
        await database.close()


async def _until(database: Database, count: int) -> None:
    """Look now and then, as a stranger to all processes, until so many turns are done."""
    while await _done(database) < count:  # noqa: ASYNC110 - other processes do it
        await asyncio.sleep(LOOK_SECONDS)


async def _done(database: Database) -> int:
    async with database.reading() as tx:
        done = select(func.count()).where(InboxRow.state == "done")
        return await tx.scalar(done) or 0


async def warmed(app: App, session_id: str) -> None:
    """Think a turn and store nothing, so that the scenario's reader has learned."""
    simulation = app.services.simulation
    async with app.services.database.reading() as tx:
        [person] = await sessions.participants(tx, session_id)
        said = Said(person=person.person, messages=(("Good morning.", None),))
        turn = await simulation.open_turn(tx, session_id, said)
    await simulation.think(turn)
