"""The goals of a brief speak to the trainee, and are not what an examiner ticks."""

from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.scenario import Scenario

SHIPPED = Catalog(Path("scenarios")).published()


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: one.id)
def test_each_goal_has_words_of_its_own(shipped: Scenario) -> None:
    criteria = {one.id: one for one in shipped.rubric.criteria}
    goals = [criteria[one].goal for one in shipped.brief.goals]
    assert all(goals)
    assert len(set(goals)) == len(goals)
    # "Say who you are", not "Says who they are".
    assert not [one for one in goals if one.split()[0].endswith("s")]
    assert not [one for one in goals if "themselves" in one]
