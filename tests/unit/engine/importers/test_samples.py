"""Tables of sample data become scenarios and transcripts."""

import pytest

from engine.importers import CannotImport, sample_scenarios
from tests.unit.engine.importers.importing_rig import sample, written


def test_a_row_is_a_scenario_without_errors() -> None:
    [one] = sample_scenarios(sample())
    body = written(one).body
    made = one.scenario
    assert (made.id, made.title) == ("customer-service-training", "Customer Service Training")
    assert (made.domain, made.level) == ("service", "novice")
    assert made.personas["character"].name == "Rosa Lane"
    assert made.cast["character"].role == "customer"
    assert made.opening.text == "Where is my lamp?"
    assert [one.label for one in made.rubric.criteria][1:] == ["Stay calm", "Solve it"]
    assert "ZEBRA" not in body
    assert any("system_prompt" in note for note in one.notes)


def test_statuses_and_roles_are_mapped_and_messages_put_in_order() -> None:
    [one] = sample_scenarios(sample())
    assert [(held.session_id, held.status) for held in one.sessions] == [
        ("s1", "in_progress"),
        ("s2", "completed"),
    ]
    assert [(turn.role, turn.text) for turn in one.sessions[0].turns] == [
        ("trainee", "When was it?"),
        ("character", "In May."),
    ]
    drafted = next(fact for fact in one.scenario.facts if fact.section == "dialogue")
    assert (drafted.say, drafted.asks) == ("In May.", ("When was it?",))


def test_config_may_be_an_object_and_titles_may_repeat() -> None:
    rows = [{"title": "Talk", "config": {"domain": "interview", "task": "Help"}}, {"title": "Talk"}]
    found = sample_scenarios(sample(scenarios=rows))
    assert [one.scenario.id for one in found] == ["talk", "talk-2"]
    assert [one.scenario.domain for one in found] == ["interview", "service"]
    for one in found:
        written(one)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scenarios": None}, "no row in `scenarios`"),
        ({"scenarios": {}}, "`scenarios` is not a list"),
        ({"scenarios": [3]}, "scenario 1 is not an object"),
        ({"scenarios": [{"title": ""}]}, "no `title`"),
        ({"scenarios": [{"title": "A", "config_json": "{"}]}, "`config_json` is not JSON"),
        ({"scenarios": [{"title": "A", "config_json": "[1]"}]}, "`config_json` is not an object"),
        ({"sessions": [{"id": 1, "status": "odd"}]}, "session 1: `status` is none of"),
        ({"sessions": [{}]}, "session 1 has no `id`"),
        ({"messages": [{"role": "bot"}]}, "message 1: `role` is none of"),
        ({"scenarios": [{"title": "A"}] * 201}, "split the file"),
    ],
)
def test_bad_tables_get_one_clear_error(changes: dict[str, object], told: str) -> None:
    with pytest.raises(CannotImport, match=told):
        sample_scenarios(sample(**changes))
