"""Hints ask back and give nothing away."""

from pathlib import Path

import pytest

from engine import events as ev
from engine.catalog import Catalog
from engine.classify import Reader
from engine.echo import echoes
from engine.errors import NotAllowedNow
from engine.gate import SEALABLE
from engine.hints import next_hint
from engine.llm.embedded import EmbeddedModel
from engine.rehearsal import Rehearsal
from tests.unit.engine.rules_scene import FACTS, Play, of, scenario

SHIPPED = Catalog(Path(__file__).parents[3] / "scenarios").published()
SECTIONED = [
    one | {"section": {"onset": "the_pain", "secret": "money"}.get(one["id"], "general")}
    for one in FACTS
]


async def test_a_hint_names_a_section_that_nobody_asked_about() -> None:
    play = Play(scenario(facts=SECTIONED))
    assert (
        next_hint(play.scenario, play.state).text == "What have you not asked yet about the pain?"
    )
    await play.say("When did it start?")
    assert "the pain" not in next_hint(play.scenario, play.state).text


def test_hints_take_turns_and_are_counted() -> None:
    play = Play(scenario(facts=SECTIONED))
    texts = [of(ev.HintGiven, play.step("hint"))[0].text for _ in range(3)]
    assert texts[0] != texts[1]
    assert texts[0] == texts[2]
    assert play.state.hints == 3
    assert "Is kind" in texts[1]
    assert of(ev.HintGiven, play.log)[1].criterion == "kind"


def test_a_sealed_fact_leads_to_no_hint() -> None:
    only = [one for one in SECTIONED if one["id"] == "secret"]
    play = Play(scenario(facts=only))
    hints = {of(ev.HintGiven, play.step("hint"))[0].text for _ in range(4)}
    assert not any("money" in text for text in hints)


async def test_without_anything_left_there_still_is_a_hint() -> None:
    play = Play(scenario(facts=[], brief={"task": "Talk."}))
    assert next_hint(play.scenario, play.state).text.endswith("?")


def test_there_are_only_so_many_hints() -> None:
    play = Play(scenario(limits={"hints": 2}))
    for _ in range(2):
        play.step("hint")
    with pytest.raises(NotAllowedNow, match="no hints left"):
        play.step("hint")
    assert play.state.hints == 2


async def test_what_its_author_asks_comes_first_and_only_while_it_is_missed() -> None:
    asking = {
        "id": "asks_onset",
        "label": "Asks when it began",
        "kind": "checklist",
        "weight": 50,
        "hint": "What do you know about its beginning?",
        "evidence": {"asked_any": ["onset"]},
    }
    kind = asking | {"id": "kind", "label": "Is kind", "hint": "How are they?", "evidence": None}
    play = Play(scenario(rubric={"criteria": [asking, kind | {"kind": "human"}]}))
    first = next_hint(play.scenario, play.state)
    assert (first.text, first.criterion) == (asking["hint"], "asks_onset")
    await play.say("When did it start?")
    texts = {of(ev.HintGiven, play.step("hint"))[0].text for _ in range(5)}
    assert asking["hint"] not in texts
    assert kind["hint"] in texts


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: one.id)
def test_no_hint_of_a_shipped_scenario_gives_a_fact_away(shipped: object) -> None:
    made = next(one for one in SHIPPED if one is shipped)
    made = made.model_copy(update={"limits": made.limits.model_copy(update={"hints": 50})})
    play = Rehearsal(made, EmbeddedModel(), reader=Reader(made))
    shut = [fact for fact in made.facts if fact.disclose in SEALABLE]
    texts = [of(ev.HintGiven, play.step("hint"))[0].text for _ in range(20)]
    assert len(set(texts)) > 2
    for text in texts:
        assert text.endswith("?")
        assert not any(echoes(text, fact) for fact in shut)
