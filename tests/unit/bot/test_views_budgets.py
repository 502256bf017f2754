"""What is said of money."""

import pytest

from bot.views import budgets as views
from engine.llm.budget import ALERT, STOP, WARN
from engine.store.spending import Crossing


@pytest.mark.parametrize(
    ("level", "spent", "title", "stopped"),
    [
        (WARN, 80, "A budget is nearly spent", False),
        (ALERT, 100, "A budget is spent", False),  # where nothing is ever stopped
        (STOP, 100, "A budget is spent", True),
    ],
)
def test_a_crossing_says_what_is_spent_and_what_follows(
    level: int, spent: int, title: str, *, stopped: bool
) -> None:
    one = Crossing(
        scope="workspace", key="w", day="", owner="w", level=level, micro_usd=spent, limit=100
    )
    told = views.crossing(one, "")
    assert told.title == title
    assert ("the embedded persona answers" in told.text) == stopped
    assert ("Nothing is stopped" in told.text) != stopped
