"""Calibration: what people rate beside what code and judges score, by criterion. Pure.

Ratings leave and come back as a table in CSV. What is handed out holds no score, so that nobody
rates what they have already seen.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.assessment.agreement import Figure, flips, icc, kappa
from engine.assessment.evaluation import Evaluation, Score
from engine.assessment.scoring import highest
from engine.scenario import Scenario
from engine.store.ratings import Rating

COLUMNS = ("session_id", "scenario_id", "criterion", "label", "max", "rater", "points", "note")
SOURCE: Final = "calibration"


class BadTable(ValueError):
    """A table of ratings that cannot be read; the text says which line, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One session: what was scored by no person, and what people rated, by criterion."""

    session_id: str
    scores: Mapping[str, Score]
    ratings: Mapping[str, Mapping[str, int]]
    """By criterion, the points that each rater gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """One criterion over all rated sessions.

    `kappa`: scores against people, weighted by the square of the distance (plain where there are
    only two levels). `people`: the same between people. `icc`: of scores and people together, as
    far as each case has all raters. `flips`: how often a judge that is asked again says something
    else.
    """

    scenario: str
    criterion: str
    label: str
    kappa: Figure
    people: Figure
    icc: Figure
    flips: Figure


def machine_scores(versions: Iterable[Evaluation]) -> dict[str, Score]:
    """The latest score of each criterion that no person decided."""
    return {
        score.id: score
        for evaluation in versions
        for score in evaluation.criteria
        if score.by != "instructor" and score.points is not None
    }


def calibrated(scenario: Scenario, sessions: Sequence[Rated]) -> Iterator[Calibrated]:
    """Every criterion that anybody rated, or a judge was asked about more than once."""
    for criterion in scenario.rubric.criteria:
        id_, levels = criterion.id, highest(criterion) + 1
        pairs = [
            (score.points, given)
            for one in sessions
            if (score := one.scores.get(id_)) is not None and score.points is not None
            for given in one.ratings.get(id_, {}).values()
        ]
        between = [pair for one in sessions for pair in _between(one.ratings.get(id_, {}))]
        votes = [one.scores[id_].votes for one in sessions if id_ in one.scores]
        made = Calibrated(
            scenario=scenario.id,
            criterion=id_,
            label=criterion.label,
            kappa=kappa(_within(pairs, levels), levels),
            people=kappa(_within(between, levels), levels),
            icc=icc(list(_complete(id_, sessions))),
            flips=flips(votes),
        )
        if pairs or between or made.flips.cases:
            yield made


def _within(pairs: Iterable[tuple[int, int]], levels: int) -> list[tuple[int, int]]:
    return [pair for pair in pairs if all(0 <= one < levels for one in pair)]


def _between(ratings: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """The first two raters of a session, in the order of their names."""
    names = sorted(ratings)
    if len(names) > 1:
        yield ratings[names[0]], ratings[names[1]]


def _complete(criterion: str, sessions: Sequence[Rated]) -> Iterator[list[float]]:
    """The score and the ratings of those who rated most; cases that lack one are left out."""
    counts: dict[str, int] = defaultdict(int)
    for one in sessions:
        for rater in one.ratings.get(criterion, {}):
            counts[rater] += 1
    most = max(counts.values(), default=0)
    raters = sorted(name for name, count in counts.items() if 2 * count >= most)
    for one in sessions:
        given, score = one.ratings.get(criterion, {}), one.scores.get(criterion)
        if raters and score and score.points is not None and all(name in given for name in raters):
            yield [float(score.points), *(float(given[name]) for name in raters)]


def blank_table(sessions: Iterable[tuple[str, Scenario]]) -> str:
    """A table for raters to fill in: a line for each session and criterion, points left empty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for session_id, scenario in sessions:
        for one in scenario.rubric.criteria:
            writer.writerow([session_id, scenario.id, one.id, one.label, highest(one), "", "", ""])
    return out.getvalue()


def filled_table(
    text: str, scenarios: Mapping[str, Scenario], *, rater: str, at: datetime
) -> list[Rating]:
    """The ratings in a table; lines without points are left out. `scenarios` are by session id.

    `rater` is who rated where a line does not say.

    Raises:
        BadTable: a line names no session or criterion that there is, or points that there are not.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    missing = {"session_id", "criterion", "points"} - set(reader.fieldnames or ())
    if missing:
        raise BadTable(f"line 1: no column {', '.join(sorted(missing))}")
    return [
        _rating(number, row, scenarios, rater, at)
        for number, row in enumerate(reader, 2)
        if (row["points"] or "").strip()
    ]


def _rating(
    number: int, row: Mapping[str, str], scenarios: Mapping[str, Scenario], rater: str, at: datetime
) -> Rating:
    session_id, criterion = row["session_id"].strip(), row["criterion"].strip()
    scenario = scenarios.get(session_id)
    if scenario is None:
        raise BadTable(f"line {number}: there is no such session")
    found = next((one for one in scenario.rubric.criteria if one.id == criterion), None)
    if found is None:
        raise BadTable(f"line {number}: {scenario.id} has no such criterion")
    given = row["points"].strip()
    if not given.isascii() or not given.isdigit() or int(given) > highest(found):
        raise BadTable(f"line {number}: points are whole, 0 to {highest(found)}")
    by = (row.get("rater") or "").strip() or rater
    if not by:
        raise BadTable(f"line {number}: nobody is named as the rater; name one with --rater")
    return Rating(
        session_id=session_id,
        source=SOURCE,
        by=by,
        criterion=criterion,
        points=int(given),
        note=(row.get("note") or "").strip(),
        at=at,
    )
