"""How much is left of a budget, and which crossing lies behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.llm.budget import ALERT, STOP, WARN, Budgets

BUDGETS = Budgets(conversation=100, person=500, workspace=1000, warn_at=0.5, alert_at=0.8)


@pytest.mark.parametrize(
    ("spent", "level"),
    [(0, 0), (49, 0), (50, WARN), (79, WARN), (80, ALERT), (99, ALERT), (100, STOP), (900, STOP)],
)
def test_levels(spent: int, level: int) -> None:
    assert BUDGETS.level("conversation", spent) == level


def test_a_share_of_nothing_is_no_crossing() -> None:
    silent = Budgets(conversation=100, warn_at=0, alert_at=0, stop_at=0)
    assert silent.level("conversation", 10_000) == 0
    assert silent.left({"conversation": 10_000}) is None


def test_the_scarcest_budget_counts() -> None:
    assert BUDGETS.left({"conversation": 40, "person": 495, "workspace": 0}) == 5
    assert BUDGETS.left({"conversation": 40, "person": 495, "workspace": 1200}) == 0


def test_a_budget_of_nothing_allows_nothing() -> None:
    assert Budgets(conversation=0).left({}) == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_whoever_spends_more_has_crossed_no_less(one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert Budgets().level("workspace", less) <= Budgets().level("workspace", more)
