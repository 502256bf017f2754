"""The command `calibrate`: a table out, points in, and figures."""

import csv
import io
from pathlib import Path

import pytest

from bot import calibrating
from bot.settings import Settings
from bot.wiring import running
from engine.assessment.calibration import BadTable
from engine.inputs import Step
from tests.integration.bot.stage import settings_for


async def played(settings: Settings, times: int) -> list[str]:
    """Sessions that came to their end, each evaluated."""
    made: list[str] = []
    async with running(settings) as app:
        services = app.services
        scenario = services.catalog.get("chest-pain")
        for at in range(times):
            async with services.database.transaction() as tx:
                started = await services.simulation.start(tx, scenario, people={"": f"p{at}"})
                made.append(started.session.id)
                await services.simulation.apply(
                    tx, made[-1], lambda _state, at: Step(at=at, verb="end")
                )
                await services.assessment.evaluate(tx, made[-1])
    return made


async def test_ratings_go_out_come_in_and_are_compared(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    session_ids = await played(settings, 2)
    table = tmp_path / "ratings.csv"
    told = await calibrating.handed_out(settings, table, "chest-pain")
    assert told.startswith("2 sessions are in ")
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert {row["session_id"] for row in rows} == set(session_ids)
    assert await calibrating.compared(settings, None) == []

    for row in rows:
        row["points"] = "1" if row["criterion"] in ("empathy", "introduces") else ""
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert (await calibrating.taken_in(settings, table, "ana")).startswith("4 ratings are kept.")
    assert (await calibrating.taken_in(settings, table, "ben")).startswith("4 ratings are kept.")
    found = await calibrating.compared(settings, None)
    assert [(one.criterion, one.people.cases) for one in found] == [
        ("introduces", 2),
        ("empathy", 2),
    ]
    lines = list(calibrating.as_table(found))
    assert lines[0].split()[:3] == ["scenario", "criterion", "kappa"]
    assert lines[1].split()[:2] == ["chest-pain", "introduces"]
    assert [one["criterion"] for one in calibrating.as_values(found)] == ["introduces", "empathy"]
    assert await calibrating.compared(settings, "first-visit") == []


async def test_a_rating_to_calibrate_changes_no_score(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    [session_id] = await played(settings, 1)
    table = tmp_path / "ratings.csv"
    table.write_text(
        f"session_id,criterion,points,rater\n{session_id},empathy,4,ana\n", encoding="utf-8"
    )
    await calibrating.taken_in(settings, table, "")
    async with running(settings) as app, app.services.database.transaction() as tx:
        version, found = await app.services.assessment.evaluate(tx, session_id)
    assert (version, found.overall) == (1, None)


async def test_a_table_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    with pytest.raises(LookupError, match="cannot be read"):
        await calibrating.taken_in(settings, tmp_path / "none.csv", "ana")
    table = tmp_path / "ratings.csv"
    table.write_text("session_id,criterion,points\nother,empathy,1\n", encoding="utf-8")
    with pytest.raises(BadTable, match="line 2"):
        await calibrating.taken_in(settings, table, "ana")
