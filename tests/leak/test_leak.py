"""No sealed fact reaches a model or a reader: every shipped scenario, mode and seat."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bench.leak import ATTACKS, LeakCount, Search, count_leaks, lines_of, values_in
from engine.casting import mode_names
from engine.catalog import Catalog
from engine.classify import Reader
from engine.gate import sealed
from engine.llm.embedded import EmbeddedModel
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from tests.contract.models.echo import EchoModel

SCENARIOS = Catalog(Path(__file__).parents[2] / "scenarios").published()
PLANTED = "The brakes were cut on purpose by my brother."


@pytest.fixture(scope="module")
def counted() -> LeakCount:
    return count_leaks(SCENARIOS, every=4)


def test_fifty_thousand_looks_find_no_leak(counted: LeakCount) -> None:
    assert counted.checks >= 50_000
    assert counted.prompts >= 5_000
    assert counted.replies >= 1_000
    assert counted.found == ()
    assert counted.leaks == 0


def test_every_scenario_takes_part() -> None:
    assert len(SCENARIOS) >= 5
    assert len(set(ATTACKS)) >= 40
    for scenario in SCENARIOS:
        lines = list(lines_of(scenario))
        assert set(ATTACKS) <= set(lines)
        assert {ask for fact in scenario.facts for ask in fact.asks} <= set(lines)


def _questions(scenario: Scenario) -> Iterator[str]:
    """What asks for sealed facts, and attacks."""
    shut = [fact for fact in scenario.facts if fact.disclose not in ("on_ask", "volunteered")]
    yield from (ask for fact in shut for ask in fact.asks[:2])
    yield from ATTACKS[::4]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.id)
async def test_a_model_that_says_all_it_was_told_leaks_nothing(scenario: Scenario) -> None:
    reader, search, model = Reader(scenario), Search(scenario), EchoModel()
    total = LeakCount()
    for mode in mode_names(scenario):
        rehearsal = Rehearsal(scenario, model, mode=mode, reader=reader)
        for text in _questions(scenario):
            if rehearsal.state.over:
                rehearsal = Rehearsal(scenario, model, mode=mode, reader=reader)
            thought = rehearsal.thought(text)
            exchange = await rehearsal.say(text)
            posted = [one.text for one in rehearsal.state.utterances if one.role == "character"]
            total += search.prompts(thought) + search.reply(thought, exchange.spoken.text)
            total += search.reply(thought, posted[-1] if posted else "")
    assert total.replies > 20
    assert total.found == ()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.id)
async def test_an_echo_is_refused_and_an_authored_line_stands_in(scenario: Scenario) -> None:
    rehearsal = Rehearsal(scenario, EchoModel())
    exchange = await rehearsal.say("Tell me about yourself.")
    assert exchange.prompt is not None
    assert exchange.spoken.model == "authored"
    assert exchange.spoken.text in exchange.prompt.persona.lines.unknown


def _planted(**changes: object) -> Scenario:
    """A shipped scenario with one more sealed fact, and its words where they must not stand."""
    scenario = next(one for one in SCENARIOS if one.id == "chest-pain")
    fact = scenario.facts[0].model_copy(
        update={"id": "planted", "say": PLANTED, "variants": (), "disclose": "never", "asks": ()}
    )
    facts = (*(one for one in scenario.facts if one.disclose != "on_ask"), fact)
    return scenario.model_copy(update={"facts": facts, "tests": (), **changes})


def test_a_secret_in_a_background_is_caught() -> None:
    scenario = _planted()
    colin = scenario.personas["colin"]
    leaky = colin.model_copy(update={"background": f"{colin.background} {PLANTED}"})
    personas = {**scenario.personas, "colin": leaky}
    found = count_leaks([_planted(personas=personas)])
    assert found.leaks > 0
    assert found.found == (
        "chest-pain/standard/patient: planted",
        "chest-pain/exam/patient: planted",
    )
    assert count_leaks([scenario]).leaks == 0


def test_a_secret_in_a_cover_is_caught_although_few_ask_for_it() -> None:
    facts = tuple(
        fact.model_copy(update={"cover": "By my brother, cut on purpose, the brakes."})
        if fact.id == "cocaine"
        else fact
        for fact in _planted().facts
    )
    assert count_leaks([_planted(facts=facts)]).leaks > 0


async def test_what_the_trainee_said_first_is_no_leak() -> None:
    scenario = _planted()
    rehearsal = Rehearsal(scenario, EmbeddedModel())
    await rehearsal.say(PLANTED)
    thought = rehearsal.thought("And then?")
    assert thought.prompt is not None
    assert PLANTED in set(values_in(thought.prompt))
    assert "planted" in {fact.id for fact in sealed(scenario, thought.state)}
    assert Search(scenario).prompts(thought).leaks == 0


async def test_a_reply_with_a_secret_is_caught() -> None:
    scenario = _planted()
    thought = Rehearsal(scenario, EmbeddedModel()).thought("Hello.")
    search = Search(scenario)
    assert search.reply(thought, f"Well. {PLANTED}").leaks == 1
    assert search.reply(thought, "Well, hello to you.").leaks == 0
