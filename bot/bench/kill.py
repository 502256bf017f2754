"""Processes killed at every point of delivery, at a thousand messages a database."""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, get_args

from bot.bench import Figure, postgres
from bot.bench.killing.case import Kill
from bot.bench.killing.driver import Case
from bot.bench.killing.driver import run as run_case
from bot.bench.killing.verdict import judged
from bot.delivery.points import Point

PEOPLE: Final = int(os.environ.get("DRESSRUN_BENCH_SESSIONS", "100"))
LINES: Final = 10
POINTS: Final[tuple[Point, ...]] = get_args(Point)


def run() -> Iterator[Figure]:
    """On SQLite, and on PostgreSQL where there is one: there also with one of three killed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield from _both("sqlite", [f"sqlite:///{folder}/{n}.db" for n in range(2)], folder)
        at = stack.enter_context(postgres.server())
        if at is None:
            yield {"database": "postgresql", "skipped": "no server"}
            return
        urls = [stack.enter_context(postgres.database(at)) for _ in range(4)]
        yield from _both("postgresql", urls, folder)
        kills = [Kill(point="committed", nth=PEOPLE)]
        three = _case(urls[2], folder / "three", kills, workers=3)
        yield from _figures("postgresql", three, "one of three killed")
        # The second of them has a third of the people, and comes when they have begun.
        kills = [Kill(point="growing", nth=PEOPLE), Kill(point="thought", nth=PEOPLE // 10)]
        three = _case(urls[3], folder / "growing", kills, workers=3, grows=True)
        yield from _figures("postgresql", three, "two of three killed")


def _both(name: str, urls: Sequence[str], folder: Path) -> Iterator[Figure]:
    points = [one for one in POINTS if one != "growing"]
    # The first die while people begin, the others amid their turns.
    kills = [Kill(point=one, nth=PEOPLE + PEOPLE // 2) for one in points]
    yield from _figures(name, _case(urls[0], folder / name, kills), "each in turn")
    grows = [Kill(point="growing", nth=PEOPLE), Kill(point="growing", nth=2 * PEOPLE)]
    case = _case(urls[1], folder / f"{name}-grows", grows, grows=True)
    yield from _figures(name, case, "while replies grow")


def _case(
    url: str, folder: Path, kills: Sequence[Kill], *, workers: int = 1, grows: bool = False
) -> Case:
    return Case(
        url=url,
        folder=folder,
        kills=kills,
        people=PEOPLE,
        lines=LINES,
        workers=workers,
        grows=grows,
        deeds=True,
    )


def _figures(name: str, case: Case, what: str) -> Iterator[Figure]:
    verdict = asyncio.run(judged(case.url, run_case(case)))
    for kill, seconds in zip(case.kills, verdict.seconds, strict=True):
        if seconds is None:
            continue
        yield {
            "database": name,
            "what": what,
            "killed_at": kill.point,
            "recovered_s": round(seconds, 2),
            "aim_s": case.aim,
        }
    yield {
        "database": name,
        "what": what,
        "messages": verdict.messages,
        "turns": verdict.turns,
        "wrong": len(verdict.wrong),
        **{f"wrong_{n}": one for n, one in enumerate(verdict.wrong[:3])},
    }
