"""Drills of every criterion of every shipped scenario, and where turns begin."""

from pathlib import Path

import pytest

from engine import events as ev
from engine.assessment.branching import turn_at, turns_in
from engine.assessment.drills import ABOUT, MINUTES, TURNS, drill_of
from engine.assessment.errors import UnknownCriterion
from engine.casting import mode_names, opening_of
from engine.catalog import Catalog
from engine.lint import flow, references, rubric
from engine.loader import body_of, from_body, hash_of
from engine.scenario import Scenario
from engine.scenario.flow import Opening
from tests.unit.engine.assessment_scene import rule, scene

SHIPPED = Catalog(Path("scenarios")).published()


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: one.id)
def test_every_criterion_makes_a_whole_short_scenario(shipped: Scenario) -> None:
    for criterion in shipped.rubric.criteria:
        drill = drill_of(shipped, criterion.id)
        assert [one.id for one in drill.rubric.criteria] == [criterion.id]
        assert drill.brief.goals == (criterion.id,)
        assert (drill.brief.context.objective, drill.brief.documents) == ("", ())
        assert drill.minutes <= ABOUT
        assert drill.limits.turns <= TURNS
        assert drill.limits.minutes <= MINUTES
        here = next((one for one in shipped.phases if criterion.id in one.criteria), None)
        assert drill.phases[0].id == (here or shipped.phases[0]).id
        assert from_body(body_of(drill)) == drill
        assert hash_of(drill) != hash_of(shipped)
        rules = (*references.RULES, *flow.RULES, *rubric.RULES)
        wrong = [one for each in rules for one in each(drill) if one.severity == "error"]
        assert wrong == [], criterion.id


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: one.id)
def test_a_drill_begins_with_its_setting_in_every_mode(shipped: Scenario) -> None:
    drill = drill_of(shipped, shipped.rubric.criteria[0].id, "You are there again.")
    for mode in mode_names(drill):
        assert opening_of(drill, mode) == Opening(text="You are there again.")
    assert drill.modes.keys() == shipped.modes.keys()


def test_a_criterion_that_there_is_not_makes_no_drill() -> None:
    with pytest.raises(UnknownCriterion):
        drill_of(SHIPPED[0], "other")


def test_messages_that_were_answered_together_are_one_turn() -> None:
    play = scene(rule(phrase=["x"]))
    first, second = play.say("Hello."), play.say("Are you well?")
    play.add(
        ev.CharacterSaid(
            at=play.at, seat="patient", text="Yes.", in_reply_to=second, answers=(first, second)
        )
    )
    third = play.say("Good.")
    assert turns_in(play.log) == (first, third)
    assert [turn_at(play.log, seq) for seq in (1, first, second, third)] == [1, 1, 1, 2]
