"""How far raters agree: Cohen's kappa, an intraclass correlation, how often a judge flips. Pure.

Intervals are percentile bootstraps over sessions (Efron and Tibshirani 1993, chapter 13), since
what differs from case to case is the session, with a fixed seed so that they come out the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

Weights = Literal["none", "linear", "quadratic"]
Matrix = npt.NDArray[np.float64]

SAMPLES = 1000
SEED = 20_260
LEAST = 5
"""With fewer sessions an interval says nothing, and none is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its 95 % interval. None where there is too little, or nothing varies."""

    value: float | None
    low: float | None = None
    high: float | None = None
    cases: int = 0


def kappa_of(table: Matrix, weights: Matrix | None = None) -> float | None:
    """Kappa of a square table of two raters, counts or shares; None where it is not defined.

    `weights` is the credit for each pair of ratings, 1 on the diagonal. Without it only the same
    rating counts (Cohen 1960, A coefficient of agreement for nominal scales, Educational and
    Psychological Measurement 20, 37-46); with it the weighted kappa (Cohen 1968, Psychological
    Bulletin 70, 213-220).
    """
    total = table.sum()
    if not total:
        return None
    shares = table / total
    credit = np.eye(len(table)) if weights is None else weights
    expected = float((np.outer(shares.sum(axis=1), shares.sum(axis=0)) * credit).sum())
    if np.isclose(expected, 1.0):
        return None
    return (float((shares * credit).sum()) - expected) / (1 - expected)


def credits(levels: int, weights: Weights) -> Matrix:
    """The credit for each pair of `levels` ordered ratings; 0 for the ends of the scale."""
    if weights == "none" or levels < 2:
        return np.eye(levels)
    apart = np.abs(np.subtract.outer(np.arange(levels), np.arange(levels))) / (levels - 1)
    gap = apart if weights == "linear" else apart**2
    return np.asarray(1.0 - gap, dtype=np.float64)


def table_of(pairs: Sequence[tuple[int, int]], levels: int) -> Matrix:
    """Pairs of ratings from 0 as a table of counts."""
    table = np.zeros((levels, levels))
    for one, other in pairs:
        table[one, other] += 1
    return table


def kappa(pairs: Sequence[tuple[int, int]], levels: int, weights: Weights = "quadratic") -> Figure:
    """Kappa of paired ratings from 0 to `levels` - 1, with its interval."""
    credit = credits(levels, weights)

    def value(of: Sequence[tuple[int, int]]) -> float | None:
        return kappa_of(table_of(of, levels), credit)

    return _with_interval(pairs, value)


def icc_of(ratings: Matrix) -> float | None:
    """ICC(2,1) of a table of cases by raters: raters are a sample, agreement is absolute.

    Shrout and Fleiss (1979), Intraclass correlations: uses in assessing rater reliability,
    Psychological Bulletin 86, 420-428. None for fewer than two cases or raters, or where nothing
    varies.
    """
    cases, raters = ratings.shape
    if cases < 2 or raters < 2:
        return None
    whole = ratings.mean()
    between = raters * ((ratings.mean(axis=1) - whole) ** 2).sum() / (cases - 1)
    judges = cases * ((ratings.mean(axis=0) - whole) ** 2).sum() / (raters - 1)
    rest = ((ratings - whole) ** 2).sum() - between * (cases - 1) - judges * (raters - 1)
    error = rest / ((cases - 1) * (raters - 1))
    spread = between + (raters - 1) * error + raters * (judges - error) / cases
    if np.isclose(spread, 0.0):
        return None
    return float((between - error) / spread)


def icc(ratings: Sequence[Sequence[float]]) -> Figure:
    """ICC(2,1) of cases, each with the ratings of the same raters in order, with its interval."""

    def value(of: Sequence[Sequence[float]]) -> float | None:
        return icc_of(np.array(of, dtype=np.float64)) if of else None

    return _with_interval(ratings, value)


def flips(votes: Sequence[Sequence[int | None]]) -> Figure:
    """How often a judge that is asked again says something else, over cases of several votes.

    The share of pairs of votes that differ, averaged over cases; to abstain is an answer too.
    """

    def rate(of: Sequence[Sequence[int | None]]) -> float | None:
        shares = list(_shares(of))
        return float(np.mean(shares)) if shares else None

    return _with_interval([one for one in votes if len(one) > 1], rate)


def _shares(votes: Sequence[Sequence[int | None]]) -> Iterator[float]:
    for one in votes:
        pairs = list(combinations(one, 2))
        yield sum(left != right for left, right in pairs) / len(pairs)


def _with_interval(cases: Sequence[object], value: Callable[..., float | None]) -> Figure:
    found = value(list(cases))
    if found is None or len(cases) < LEAST:
        return Figure(value=found, cases=len(cases))
    random = np.random.default_rng(SEED)
    drawn = (
        value([cases[at] for at in random.integers(0, len(cases), len(cases))])
        for _ in range(SAMPLES)
    )
    kept = [one for one in drawn if one is not None]
    if len(kept) < SAMPLES // 2:
        return Figure(value=found, cases=len(cases))
    low, high = np.percentile(kept, [2.5, 97.5])
    return Figure(value=found, low=float(low), high=float(high), cases=len(cases))
