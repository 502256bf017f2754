"""No secret is sent: whole sessions through the providers' libraries, all requests read."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from bot.bench.leak import WARM, lines_of
from bot.bench.leak_requests import (
    PROVIDERS,
    RequestCount,
    RequestSearch,
    count_in_requests,
    private_texts,
    recorded,
    strings_in,
)
from bot.bench.vendors.server import Provider
from engine.catalog import Catalog
from engine.classify import Reader
from engine.llm.render import EARLIER
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario

SCENARIOS = Catalog(Path(__file__).parents[2] / "scenarios").published()
PLANTED = "The brakes were cut on purpose by my brother."


@pytest.mark.parametrize(
    ("scenario", "provider"),
    [(one, PROVIDERS[at % len(PROVIDERS)]) for at, one in enumerate(SCENARIOS)],
    ids=lambda one: getattr(one, "id", one),
)
def test_nothing_sealed_is_in_any_request(scenario: Scenario, provider: Provider) -> None:
    counted = count_in_requests([scenario], providers=[provider], every=30)
    assert counted.requests >= 30
    assert counted.leaks.checks >= 300
    assert counted.bytes > 100_000
    assert counted.leaks.found == ()


def test_every_scenario_has_something_private_to_look_for() -> None:
    for scenario in SCENARIOS:
        assert len(list(private_texts(scenario))) >= 10


def chest_pain(**changes: object) -> Scenario:
    scenario = next(one for one in SCENARIOS if one.id == "chest-pain")
    fact = scenario.facts[0].model_copy(
        update={"id": "planted", "say": PLANTED, "variants": (), "disclose": "never", "asks": ()}
    )
    asked = [one for one in scenario.facts if one.disclose != "on_ask"]
    return scenario.model_copy(update={"facts": (*asked, fact), "tests": (), **changes})


def with_background(scenario: Scenario, more: str) -> Scenario:
    colin = scenario.personas["colin"]
    leaky = colin.model_copy(update={"background": f"{colin.background}\n{more}"})
    return chest_pain(personas={**scenario.personas, "colin": leaky})


async def test_a_folded_history_keeps_what_was_told_and_opens_nothing() -> None:
    scenario = next(one for one in SCENARIOS if one.id == "chest-pain")
    search, folded = RequestSearch(scenario), 0
    found = RequestCount()
    async with recorded("local", window=3_000) as (model, server):
        rehearsal = Rehearsal(scenario, model, reader=Reader(scenario), seed=3)
        for text in (*WARM, *islice(lines_of(scenario), 0, None, 3)):
            if rehearsal.state.over:
                break
            thought, told = rehearsal.thought(text), rehearsal.state.said
            await rehearsal.say(text)
            kept = server.requests[-1]
            found += search.look(kept, thought)
            talk = [str(one["content"]) for one in kept.body["messages"]]
            if any(one.startswith(EARLIER) for one in talk):
                folded += 1
                tail = talk[-1]
                assert all(f"- [{fact}] " in tail for fact in told)
    assert folded >= 20
    assert len(rehearsal.state.said) >= 10
    assert found.leaks.checks > 100
    assert found.leaks.found == ()


def counted(scenario: Scenario, providers: Sequence[Provider] = ("openai",)) -> RequestCount:
    return count_in_requests([scenario], providers=providers, every=60)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_sealed_fact_in_a_request_is_found(provider: Provider) -> None:
    clean = chest_pain()
    assert counted(clean, [provider]).leaks.found == ()
    found = counted(with_background(clean, PLANTED), [provider]).leaks.found
    assert "chest-pain/standard/patient: planted" in found


def test_what_is_asked_of_a_listener_holds_no_answer() -> None:
    clean = chest_pain()
    asks = [one for one in clean.facts if one.asks]
    leaky = asks[0].model_copy(update={"asks": (asks[0].say, *asks[0].asks)})
    facts = (leaky, *(one for one in clean.facts if one.id != leaky.id))
    assert counted(chest_pain(facts=facts)).leaks.leaks > 0


def test_a_line_of_the_rubric_in_a_request_is_found() -> None:
    clean = chest_pain()
    line = next(private_texts(clean))
    found = counted(with_background(clean, line)).leaks.found
    assert any("private text" in one for one in found)


def test_all_of_a_request_is_read() -> None:
    body = {"a": ["one", {"two": "three", "four": [{"five": "six"}]}], "seven": 8}
    assert set(strings_in(body)) == {"a", "one", "two", "three", "four", "five", "six", "seven"}
