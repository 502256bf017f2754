"""Agreement, against examples from the papers that define it."""

import numpy as np
import pytest

from engine.assessment.agreement import credits, flips, icc, icc_of, kappa, kappa_of, table_of

# Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72, 323-327: shares of two raters who
# sort patients into three diagnoses, and the credit they give for near misses.
DIAGNOSES = np.array([[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]])
NEAR = np.array([[1, 0, 0.4444], [0, 1, 0.6667], [0.4444, 0.6667, 1]])

# Shrout and Fleiss (1979), table 2: six people, each rated by the same four judges.
JUDGED = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def test_kappa_is_that_of_the_paper() -> None:
    assert kappa_of(DIAGNOSES) == pytest.approx(0.429, abs=0.001)
    assert kappa_of(DIAGNOSES, NEAR) == pytest.approx(0.507, abs=0.001)
    assert kappa_of(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4)


def test_the_intraclass_correlation_is_that_of_the_paper() -> None:
    assert icc_of(np.array(JUDGED, dtype=float)) == pytest.approx(0.29, abs=0.005)


def test_credits_fall_with_the_distance() -> None:
    assert credits(3, "none").tolist() == np.eye(3).tolist()
    assert credits(3, "linear")[0].tolist() == [1.0, 0.5, 0.0]
    assert credits(3, "quadratic")[0].tolist() == [1.0, 0.75, 0.0]
    assert credits(2, "quadratic").tolist() == np.eye(2).tolist()


def test_perfect_agreement_and_none() -> None:
    same = [(at % 5, at % 5) for at in range(20)]
    turned = [(at % 5, 4 - at % 5) for at in range(20)]
    assert kappa(same, 5).value == pytest.approx(1.0)
    assert kappa(turned, 5).value == pytest.approx(-1.0)
    assert icc([[one, one] for one, _ in same]).value == pytest.approx(1.0)
    assert table_of(same, 5).sum() == 20


def test_where_nothing_varies_there_is_no_figure() -> None:
    assert kappa([(1, 1)] * 9, 2).value is None
    assert icc([[3.0, 3.0]] * 9).value is None
    assert kappa([], 3).value is None
    assert icc([[1.0]]).value is None


def test_intervals_hold_the_figure_and_narrow_with_cases() -> None:
    pairs = [(at % 3, (at + (at % 4 == 0)) % 3) for at in range(20)]
    few, many = kappa(pairs, 3), kappa(pairs * 10, 3)
    for one in (few, many):
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.value <= one.high
    assert many.high - many.low < few.high - few.low  # type: ignore[operator]
    assert kappa(pairs, 3) == few
    assert kappa(pairs[:4], 3).low is None


def test_flips_are_pairs_of_votes_that_differ() -> None:
    assert flips([(4, 4, 4)]).value == 0
    assert flips([(4, 4, 3), (1, 1, 1)]).value == pytest.approx(1 / 3)
    assert flips([(4, None, 4)]).value == pytest.approx(2 / 3)
    assert flips([(), (4,)]).value is None
