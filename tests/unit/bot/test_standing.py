"""For how long something may wait."""

from datetime import timedelta

import pytest

from bot.standing import stuck_after


@pytest.mark.parametrize(("turn", "most"), [(0.5, 60), (25, 60), (90, 120), (300, 330)])
def test_nothing_is_stuck_that_a_turn_may_last_for(turn: float, most: int) -> None:
    assert stuck_after(turn) == timedelta(seconds=most)
