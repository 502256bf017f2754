"""Processes die at the worst moments: nothing is lost, nothing happens twice, order is kept."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.bench.killing.case import Kill
from bot.bench.killing.driver import Case, run
from bot.bench.killing.verdict import judged
from tests.databases import Server

PATIENCE = 60
PEOPLE = 6

Note = pytest.FixtureRequest


async def nothing_is_wrong(case: Case, request: Note) -> int:
    """Let a case run; how many messages there were. How long recovering took is told at the end."""
    verdict = await judged(case.url, run(case))
    took = " ".join(
        f"{kill.point} {'-' if seconds is None else f'{seconds:.1f}'}"
        for kill, seconds in zip(case.kills, verdict.seconds, strict=True)
    )
    told = f"{request.node.name}: recovered in s: {took}; the aim: {case.aim:.0f}"
    request.node.user_properties.append(("told", told))
    assert verdict.wrong == ()
    return verdict.messages


async def test_killed_at_each_point_in_turn(empty_url: str, tmp_path: Path, request: Note) -> None:
    kills = [
        Kill(point="accepted", nth=PEOPLE + 2),
        Kill(point="leased", nth=3),
        Kill(point="thought", nth=3),
        Kill(point="committed", nth=3),
        Kill(point="posted", nth=4),
    ]
    case = Case(
        url=empty_url,
        folder=tmp_path,
        kills=kills,
        people=PEOPLE,
        lines=6,
        deeds=True,
        patience=PATIENCE,
    )
    assert await nothing_is_wrong(case, request) == PEOPLE * 9


async def test_killed_while_a_reply_grows(empty_url: str, tmp_path: Path, request: Note) -> None:
    case = Case(
        url=empty_url,
        folder=tmp_path,
        kills=[Kill(point="growing", nth=8)],
        people=PEOPLE,
        lines=4,
        grows=True,
        deeds=True,
        patience=PATIENCE,
    )
    await nothing_is_wrong(case, request)


@pytest.mark.parametrize(
    ("kills", "grows"),
    [
        ([Kill(point="committed", nth=3), Kill(point="leased", nth=2)], False),
        ([Kill(point="growing", nth=4), Kill(point="thought", nth=2)], True),
    ],
    ids=["committed and leased", "growing and thought"],
)
async def test_some_of_three_die_and_the_last_goes_on(
    postgres: Server, tmp_path: Path, request: Note, kills: Sequence[Kill], *, grows: bool
) -> None:
    with postgres.database(migrated=True) as url:
        case = Case(
            url=url,
            folder=tmp_path,
            kills=kills,
            people=PEOPLE,
            lines=3,
            workers=3,
            grows=grows,
            deeds=True,
            patience=PATIENCE,
        )
        await nothing_is_wrong(case, request)


@pytest.mark.parametrize(
    ("kills", "workers"),
    [
        ([Kill(point=one, nth=PEOPLE) for one in ("leased", "posted")], 1),
        ([Kill(point="committed", nth=3)], 3),
    ],
    ids=["alone", "one of three"],
)
async def test_killed_while_procrastinate_carries(
    postgres: Server, tmp_path: Path, request: Note, kills: Sequence[Kill], workers: int
) -> None:
    with postgres.database(migrated=True) as url:
        case = Case(
            url=url,
            folder=tmp_path,
            kills=kills,
            people=PEOPLE,
            lines=3,
            workers=workers,
            deeds=True,
            carrier="procrastinate",
            patience=PATIENCE,
        )
        await nothing_is_wrong(case, request)
