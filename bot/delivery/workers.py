"""Which processes take work, and which of them are gone.

A process that was killed cannot say so. Others on the same machine see it at once, because its
process id is gone or is somebody else's; from elsewhere only its leases running out tells.
"""

import os
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, update

from bot.delivery.placing import POST_LANE
from bot.store import pruning
from bot.store.locking import hold_lanes, in_order
from bot.store.queues import LeaseRow, WorkerRow
from engine.store import Transaction
from engine.store.upsert import put

UNSEEN = timedelta(minutes=2)
"""A process elsewhere that was not seen for so long is taken for gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that takes work; `within` as in `LocalCarrier`."""

    id: str
    place: str
    pid: int
    born: str
    platforms: tuple[str, ...]
    started_at: datetime | None = None
    seen_at: datetime | None = None
    within: str = ""


def this_process(platforms: Iterable[str] = (), within: str = "") -> Worker:
    """The process we are, under a new id."""
    pid = os.getpid()
    return Worker(
        id=uuid4().hex,
        place=_place(),
        pid=pid,
        born=_born(pid),
        platforms=tuple(sorted(platforms)),
        within=within,
    )


async def enrol(tx: Transaction, worker: Worker, now: datetime) -> None:
    """Say that a process takes work."""
    values = {
        "id": worker.id,
        "place": worker.place,
        "pid": worker.pid,
        "born": worker.born,
        "platforms": ",".join(worker.platforms),
        "within": worker.within,
        "started_at": now,
        "seen_at": now,
    }
    await put(tx, WorkerRow, values, key=("id",))


async def seen(tx: Transaction, worker: Worker, now: datetime) -> None:
    """Say that a process lives, also when others took it for gone meanwhile."""
    mine = update(WorkerRow).where(WorkerRow.id == worker.id).values(seen_at=now)
    if await tx.scalar(mine.returning(WorkerRow.id)) is None:
        await enrol(tx, worker, now)


async def leave(tx: Transaction, worker: Worker, but: Collection[str] = ()) -> None:
    """Say that a process takes no more work, and let others have its lanes, `but` these."""
    await free(tx, [worker.id], but)
    await tx.execute(delete(WorkerRow).where(WorkerRow.id == worker.id))


async def free(tx: Transaction, workers: Iterable[str], but: Collection[str] = ()) -> None:
    """Let others have the lanes of processes that are gone, `but` these."""
    theirs = _of(workers)
    lanes = await tx.scalars(select(LeaseRow.lane).where(theirs))
    for lane in in_order(one for one in lanes if one not in but):
        mine = update(LeaseRow).where(LeaseRow.lane == lane, theirs)
        await tx.execute(mine.values(owner=None, until=None))


def _of(workers: Iterable[str]) -> ColumnElement[bool]:
    # Each owner's name begins with its worker's.
    names = [and_(LeaseRow.owner >= f"{one}:", LeaseRow.owner < f"{one};") for one in workers]
    return or_(false(), *names)


async def all_(tx: Transaction) -> list[Worker]:
    """Every process that said it takes work and did not say that it stopped."""
    rows = await tx.scalars(select(WorkerRow).order_by(WorkerRow.started_at))
    return [
        Worker(
            id=row.id,
            place=row.place,
            pid=row.pid,
            born=row.born,
            platforms=tuple(name for name in row.platforms.split(",") if name),
            started_at=row.started_at,
            seen_at=row.seen_at,
            within=row.within,
        )
        for row in rows
    ]


def gone(workers: Iterable[Worker], now: datetime, *, alone: bool = False) -> list[Worker]:
    """Those that are surely no longer there. `alone`: nobody else works over this database."""
    here = _place()
    return [
        one
        for one in workers
        if (one.place == here and not _lives(one))
        or (one.place != here and (alone or _is_unseen(one, now)))
    ]


def _is_unseen(worker: Worker, now: datetime) -> bool:
    return worker.seen_at is not None and now - worker.seen_at > UNSEEN


async def clear(tx: Transaction, workers: Iterable[Worker], *, alone: bool = False) -> None:
    """Let others have the lanes of processes that are gone from this machine; `alone` as in `gone`.

    Of those elsewhere only the row goes: clocks differ, so their leases have to run out. Where only
    one that is gone could have shown something, nothing waits for that any more.
    """
    dead = list(workers)
    within = [one.within for one in dead if one.within]
    ids = [one.id for one in dead if alone or one.place == _place()]
    for lanes in within:
        await pruning.shut_doors(tx, lanes.removeprefix(POST_LANE))
    ends = [LeaseRow.lane.startswith(lanes, autoescape=True) for lanes in within]
    await hold_lanes(tx, await tx.scalars(select(LeaseRow.lane).where(or_(_of(ids), *ends))))
    await free(tx, ids)
    for lanes in within:
        await pruning.never_shown(tx, lanes)
    await tx.execute(delete(WorkerRow).where(WorkerRow.id.in_([one.id for one in dead])))


def _lives(worker: Worker) -> bool:
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is there, and somebody else's
    return not worker.born or _born(worker.pid) == worker.born


@cache
def _place() -> str:
    """Where process ids mean what they mean here: the machine since its start, and container."""
    return "/".join((socket.gethostname(), _read("/proc/sys/kernel/random/boot_id"), _namespace()))


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _born(pid: int) -> str:
    """When a process began, in ticks since the machine did; empty where nothing tells."""
    # proc(5): the 22nd field, counted behind the name, which may hold spaces.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(fields) > 19 and fields[0] == "Z":
        return "ended"
    return fields[19] if len(fields) > 19 else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
