"""Starts processes, restarts those that died, until all is quiet."""

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from bot.bench.crowd import LINES
from bot.bench.killing.case import Kill, Part
from bot.bench.killing.records import CHANGES, COMMANDS, NAME, Records
from bot.store.database import normalised
from bot.store.migrate import head, move

LOOK_SECONDS: Final = 0.02

ORDER: Final = "order unlock account"
CHANGED: Final = "What can you see there just now?"

ALONE_SECONDS: Final = 5.0
AMONG_SECONDS: Final = 10.0
_KILLED: Final = -9


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A crowd, and where its processes die.

    Each of `kills` is for one run of a process; after the last, one runs to its end. With several
    `workers` those die that have one, the first ones, and the others go on. Every third line does
    not wait for the reply to the one before it. `grows`: replies grow, and half of the people write
    on as one begins to. `deeds`: people also change a line, order something
    and end the session.
    """

    url: str
    folder: Path
    kills: Sequence[Kill]
    people: int
    lines: int
    workers: int = 1
    grows: bool = False
    deeds: bool = False
    carrier: Literal["local", "procrastinate"] = "local"
    patience: float = 300.0

    @property
    def aim(self) -> float:
        """In so many seconds all that was open at a death is to be answered."""
        return ALONE_SECONDS if self.workers == 1 else AMONG_SECONDS


@dataclass(frozen=True, slots=True)
class Death:
    """When a process was killed, and when somebody went on: what came after, or those left."""

    at: float
    again: float


@dataclass(slots=True)
class Ran:
    """What a case led to."""

    records: Records
    deaths: list[Death] = field(default_factory=list)


def run(case: Case) -> Ran:
    """Let a case run to its end.

    Raises:
        RuntimeError: a process ended as it should not have.
    """
    case.folder.mkdir(parents=True, exist_ok=True)
    move(normalised(case.url), head(), queue=case.carrier == "procrastinate")
    records = Records(case.folder / NAME)
    records.append("workers", ids=list(range(case.workers)))
    for person in range(case.people):
        records.append("person", person=person, lines=_script(person, case))
    ran = Ran(records)
    if case.workers > 1:
        _side_by_side(case, ran)
    else:
        _one_after_another(case, ran)
    records.refresh()
    return ran


def _script(person: int, case: Case) -> list[tuple[str, str, bool]]:
    start = random.Random(person).randrange(len(LINES))  # noqa: S311 - nothing secret
    said = [(LINES[(start + n) % len(LINES)], n % 3 != 2) for n in range(case.lines)]
    if case.deeds:
        # Nothing is shown for a change, so nobody waits for that.
        said[2:3] = [(f"{CHANGES}{CHANGED}", True), (said[2][0], False)] if case.lines > 2 else []
        said += [(f"{COMMANDS}{ORDER}", True), (f"{COMMANDS}end", True)]
    return [(f"m{person}.{number}", text, waits) for number, (text, waits) in enumerate(said)]


def _one_after_another(case: Case, ran: Ran) -> None:
    died: float | None = None
    for kill in (*case.kills, None):
        begun = time.time()
        process = _started(case, 0, kill)
        if died is not None:
            ran.deaths.append(Death(died, begun))
        try:
            _awaited(process, kill, case)
        finally:
            _ended(process)
        died = time.time()


def _side_by_side(case: Case, ran: Ran) -> None:
    kills = (*case.kills, *[None] * case.workers)
    processes = [_started(case, 0, kills[0])]
    try:
        # It is to have work of its own in hand before the others take what there is.
        _until_stored(processes[0], ran)
        processes += [_started(case, n, kills[n]) for n in range(1, case.workers)]
        _buried(dict(enumerate(processes)), kills, case, ran)
    finally:
        for process in processes:
            _ended(process)


def _buried(
    running: "dict[int, subprocess.Popen[str]]", kills: Sequence[Kill | None], case: Case, ran: Ran
) -> None:
    """Wait for all of them; as one dies, those left are to hear what its people write."""
    until = time.monotonic() + case.patience
    while running:
        ended = [worker for worker, process in running.items() if process.poll() is not None]
        for worker in ended:
            _awaited(running.pop(worker), kills[worker], case)
            if kills[worker] is not None:
                died = time.time()
                ran.records.append("workers", ids=list(running))
                ran.deaths.append(Death(died, died))
        if time.monotonic() > until:
            raise RuntimeError("a process never had nothing left to do")
        time.sleep(LOOK_SECONDS)


def _until_stored(process: "subprocess.Popen[str]", ran: Ran) -> None:
    while process.poll() is None:
        ran.records.refresh()
        if any(room.stored for room in ran.records.rooms.values()):
            return
        time.sleep(LOOK_SECONDS)


def _awaited(process: "subprocess.Popen[str]", kill: Kill | None, case: Case) -> None:
    try:
        code = process.wait(case.patience)
    except subprocess.TimeoutExpired:
        raise RuntimeError("a process never had nothing left to do") from None
    if code != (_KILLED if kill else 0):
        raise RuntimeError(f"a process ended with {code}; it was to be killed: {kill}")


def _ended(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()


def _started(case: Case, worker: int, kill: Kill | None) -> "subprocess.Popen[str]":
    part = Part(
        files=str(case.folder),
        url=case.url,
        worker=worker,
        grows=case.grows,
        carrier=case.carrier,
        kill=kill,
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.bench.killing.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    process.stdin.write(part.model_dump_json())
    process.stdin.close()
    return process
