"""The goals that a trainee reads before the start."""

from pathlib import Path

from bot.views.library import brief, goals
from engine.catalog import Catalog

SHIPPED = {one.id: one for one in Catalog(Path("scenarios")).published()}


def test_goals_are_told_in_their_own_words_and_give_no_test_away() -> None:
    pain = SHIPPED["chest-pain"]
    assert "Order what cannot wait" in goals(pain)
    assert "12-lead" not in brief(pain, "standard").text
    assert len(goals(pain)) == len(pain.brief.goals)


def test_a_goal_without_words_of_its_own_is_told_by_its_label() -> None:
    pain = SHIPPED["chest-pain"]
    plain = tuple(one.model_copy(update={"goal": ""}) for one in pain.rubric.criteria)
    rubric = pain.rubric.model_copy(update={"criteria": plain})
    labels = {one.id: one.label for one in plain}
    assert "Hand over to the registrar" in goals(pain)
    assert labels["handover_given"] in goals(pain.model_copy(update={"rubric": rubric}))
