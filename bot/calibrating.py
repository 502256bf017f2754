"""The command `calibrate`: ratings out and in, and how far scores agree with them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

from bot.settings import Settings
from bot.wiring import App, running
from engine.assessment.agreement import Figure
from engine.assessment.calibration import (
    SOURCE,
    Calibrated,
    Rated,
    blank_table,
    calibrated,
    filled_table,
    machine_scores,
)
from engine.scenario import Scenario
from engine.store import Transaction, ratings, sessions

NOTHING = "There is nothing to compare yet. Hand out a table with: dressrun calibrate --export FILE"
_HEAD = ("scenario", "criterion", "kappa", "people", "icc", "flips", "sessions")


async def handed_out(settings: Settings, file: Path, scenario_id: str | None) -> str:
    """Write a table for raters; what was done, in a sentence."""
    async with running(settings) as app, app.services.database.reading() as tx:
        found = [one async for one in _completed(app, tx, scenario_id)]
    await asyncio.to_thread(file.write_text, blank_table(found), encoding="utf-8")
    then = f"dressrun calibrate --import {file}"
    return f"{len(found)} sessions are in {file}. Fill in `points`, then: {then}"


async def taken_in(settings: Settings, file: Path, rater: str) -> str:
    """Keep the ratings of a table; what was done, in a sentence.

    Raises:
        BadTable: a line cannot be used; nothing was kept.
        LookupError: the file cannot be read.
    """
    try:
        text = await asyncio.to_thread(file.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LookupError(f"{file} cannot be read: {type(error).__name__}") from None
    async with running(settings) as app, app.services.database.transaction() as tx:
        known = {id_: made async for id_, made in _completed(app, tx, None)}
        made = filled_table(text, known, rater=rater, at=app.services.now())
        await ratings.put(tx, made)
    return f"{len(made)} ratings are kept. See how they agree with: dressrun calibrate"


async def compared(settings: Settings, scenario_id: str | None) -> list[Calibrated]:
    """How far scores and people agree, by scenario and criterion."""
    by_scenario: dict[str, list[Rated]] = defaultdict(list)
    scenarios: dict[str, Scenario] = {}
    async with running(settings) as app, app.services.database.reading() as tx:
        async for id_, made in _completed(app, tx, scenario_id):
            scenarios[made.id] = made
            by_scenario[made.id].append(await _rated(app, tx, id_))
    return [
        one for id_ in sorted(by_scenario) for one in calibrated(scenarios[id_], by_scenario[id_])
    ]


async def _completed(
    app: App, tx: Transaction, scenario_id: str | None
) -> AsyncIterator[tuple[str, Scenario]]:
    for record in await sessions.completed(tx, scenario_id=scenario_id):
        _, scenario, _ = await app.services.simulation.read(tx, record.id)
        yield record.id, scenario


async def _rated(app: App, tx: Transaction, session_id: str) -> Rated:
    given: dict[str, dict[str, int]] = defaultdict(dict)
    for one in await ratings.of_session(tx, session_id):
        if one.source in (SOURCE, "instructor"):
            given[one.criterion][one.by] = one.points
    versions = await app.services.assessment.versions(tx, session_id)
    return Rated(
        session_id=session_id,
        scores=machine_scores(one.evaluation for one in versions),
        ratings=given,
    )


def as_table(found: Sequence[Calibrated]) -> Iterator[str]:
    """The comparison in lines of text, columns in line."""
    rows = [_HEAD, *(_row(one) for one in found)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def as_values(found: Sequence[Calibrated]) -> list[Mapping[str, object]]:
    """The comparison as JSON values."""
    return [
        {
            "scenario": one.scenario,
            "criterion": one.criterion,
            "label": one.label,
            **{
                name: {
                    "value": figure.value,
                    "low": figure.low,
                    "high": figure.high,
                    "cases": figure.cases,
                }
                for name, figure in _figures(one)
            },
        }
        for one in found
    ]


def _figures(one: Calibrated) -> tuple[tuple[str, Figure], ...]:
    return ("kappa", one.kappa), ("people", one.people), ("icc", one.icc), ("flips", one.flips)


def _row(one: Calibrated) -> tuple[str, ...]:
    cases = str(max(figure.cases for _, figure in _figures(one)))
    return (one.scenario, one.criterion, *(_shown(figure) for _, figure in _figures(one)), cases)


def _shown(figure: Figure) -> str:
    if figure.value is None:
        return "-"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
