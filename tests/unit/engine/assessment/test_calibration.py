"""Ratings as tables, and scores beside them."""

import csv
import io

import pytest

from engine.assessment.calibration import (
    BadTable,
    Rated,
    blank_table,
    calibrated,
    filled_table,
    machine_scores,
)
from engine.assessment.evaluation import Evaluation, Score
from tests.unit.engine.assessment_scene import NOON, rule, scenario_of

MADE = scenario_of(
    rule(asked_any=["arm"]) | {"id": "arm"},
    {"id": "kind", "kind": "judged", "anchors": {1: "no", 3: "so", 5: "yes"}},
    {"id": "calm", "kind": "human"},
)


def score(criterion: str, points: int | None, by: str = "code", *votes: int) -> Score:
    return Score(
        id=criterion,
        label=criterion,
        kind="judged",
        status="scored" if points is not None else "unscored",
        points=points,
        max=4,
        weight=10,
        by=by,  # type: ignore[arg-type]
        votes=votes,
    )


def evaluation(*scores: Score) -> Evaluation:
    return Evaluation(
        overall=1, coverage=1, passed=True, criteria=scores, rubric_hash="", scenario_hash=""
    )


def test_a_table_goes_out_without_scores_and_comes_back_with_points() -> None:
    rows = list(csv.DictReader(io.StringIO(blank_table([("s1", MADE), ("s2", MADE)]))))
    assert [(row["session_id"], row["criterion"], row["max"]) for row in rows[:3]] == [
        ("s1", "arm", "1"),
        ("s1", "kind", "4"),
        ("s1", "calm", "5"),
    ]
    assert {row["points"] for row in rows} == {""}
    rows[1] |= {"points": "3", "rater": "ana", "note": "warm"}
    rows[2] |= {"points": "5"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    made = filled_table("\ufeff" + out.getvalue(), {"s1": MADE}, rater="ben", at=NOON)
    assert [(one.criterion, one.points, one.by, one.source) for one in made] == [
        ("kind", 3, "ana", "calibration"),
        ("calm", 5, "ben", "calibration"),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("s9,kind,3,ana", "line 2: there is no such session"),
        ("s1,other,3,ana", "line 2: small has no such criterion"),
        ("s1,kind,5,ana", "line 2: points are whole, 0 to 4"),
        ("s1,kind,-1,ana", "line 2: points are whole"),
        ("s1,kind,2.5,ana", "line 2: points are whole"),
        ("s1,kind,2,", "line 2: nobody is named"),
    ],
)
def test_a_line_that_cannot_be_used_is_told(line: str, says: str) -> None:
    text = f"session_id,criterion,points,rater\n{line}\n"
    with pytest.raises(BadTable, match=says):
        filled_table(text, {"s1": MADE}, rater="", at=NOON)


def test_a_table_without_its_columns_is_told() -> None:
    with pytest.raises(BadTable, match="no column criterion, points"):
        filled_table("session_id\ns1\n", {"s1": MADE}, rater="a", at=NOON)


def test_what_an_instructor_decided_is_no_machine_score() -> None:
    versions = [
        evaluation(score("kind", 2, "judge", 2, 2, 2), score("arm", 1)),
        evaluation(score("kind", 4, "instructor"), score("arm", None)),
    ]
    found = machine_scores(versions)
    assert (found["kind"].points, found["kind"].votes, found["arm"].points) == (2, (2, 2, 2), 1)


def test_scores_are_set_against_every_rater() -> None:
    sessions = [
        Rated(
            session_id=f"s{at}",
            scores={"kind": score("kind", at % 5, "judge", at % 5, at % 5, (at + at % 2) % 5)},
            ratings={"kind": {"ana": at % 5, "ben": min(4, at % 5 + 1)}},
        )
        for at in range(20)
    ]
    [found] = list(calibrated(MADE, sessions))
    assert (found.criterion, found.kappa.cases, found.people.cases) == ("kind", 40, 20)
    assert found.kappa.value is not None
    assert 0.8 < found.kappa.value < 1
    assert found.icc.value is not None
    assert found.icc.cases == 20
    assert found.flips.value == pytest.approx(1 / 3)


def test_without_ratings_only_flips_are_told() -> None:
    sessions = [
        Rated(session_id="s1", scores={"kind": score("kind", 2, "judge", 2, 3)}, ratings={})
    ]
    [found] = list(calibrated(MADE, sessions))
    assert (found.kappa.value, found.icc.value, found.flips.value) == (None, None, 1.0)
