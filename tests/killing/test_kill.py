"""Processes die at the worst moments: nothing is lost, nothing happens twice, order is kept."""

from pathlib import Path

from bot.bench.killing.case import Kill
from bot.bench.killing.driver import Case, run
from bot.bench.killing.verdict import judged
from tests.databases import Server

PATIENCE = 60
PEOPLE = 6


async def test_killed_at_each_point_in_turn(empty_url: str, tmp_path: Path) -> None:
    kills = [
        Kill(point="accepted", nth=PEOPLE + 2),
        Kill(point="leased", nth=3),
        Kill(point="thought", nth=3),
        Kill(point="committed", nth=3),
        Kill(point="posted", nth=4),
    ]
    case = Case(
        url=empty_url, folder=tmp_path, kills=kills, people=PEOPLE, lines=6, patience=PATIENCE
    )
    verdict = await judged(empty_url, run(case))
    assert verdict.wrong == ()
    assert (len(verdict.seconds), verdict.messages) == (len(kills), PEOPLE * 6)


async def test_killed_while_a_reply_grows(empty_url: str, tmp_path: Path) -> None:
    kills = [Kill(point="growing", nth=8)]
    case = Case(
        url=empty_url,
        folder=tmp_path,
        kills=kills,
        people=PEOPLE,
        lines=4,
        grows=True,
        patience=PATIENCE,
    )
    verdict = await judged(empty_url, run(case))
    assert verdict.wrong == ()
    assert len(verdict.seconds) == len(kills)


async def test_one_of_three_dies_and_the_others_go_on(postgres: Server, tmp_path: Path) -> None:
    with postgres.database(migrated=True) as url:
        case = Case(
            url=url,
            folder=tmp_path,
            kills=[Kill(point="committed", nth=3)],
            people=PEOPLE,
            lines=2,
            workers=3,
            patience=PATIENCE,
        )
        verdict = await judged(url, run(case))
    assert verdict.wrong == ()
    assert len(verdict.seconds) == 1
