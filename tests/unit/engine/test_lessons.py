"""What a reader learns from is found again, unless the scenario or the packs are others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.wiring import shipped_scenarios
from engine.catalog import Catalog
from engine.intents import Intents, Pack, load_packs
from engine.lessons import lesson_of
from engine.scenario import Scenario
from engine.shelf import Shelf

PACKS = load_packs(shipped_scenarios() / "intents")


@dataclass(frozen=True)
class Counting(Intents):
    """Packs that say how often they were asked."""

    asked: list[str] = field(default_factory=list)

    def bound(self, scenario: Scenario) -> Mapping[str, str]:
        """As the packs say."""
        self.asked.append(scenario.id)
        return super().bound(scenario)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A shipped one."""
    return Catalog(shipped_scenarios()).get("technical-support-training")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one."""
    return Shelf(tmp_path / "learned")


def counting(packs: Mapping[str, Pack] = PACKS.packs) -> Counting:
    """Packs that count."""
    return Counting(packs)


def test_it_is_found_again_just_as_it_was(scenario: Scenario, shelf: Shelf) -> None:
    first, again = counting(), counting()
    made = lesson_of(scenario, first, shelf)
    assert first.asked
    assert lesson_of(scenario, again, shelf) == made == lesson_of(scenario, PACKS)
    assert not again.asked


def test_other_questions_are_another_lesson(scenario: Scenario, shelf: Shelf) -> None:
    lesson_of(scenario, PACKS, shelf)
    fact, *facts = scenario.facts
    more = fact.model_copy(update={"asks": (*fact.asks, "does it hum at night")})
    other = scenario.model_copy(update={"facts": (more, *facts)})
    assert (fact.id, "does it hum at night") in lesson_of(other, PACKS, shelf).facts


def test_other_packs_are_another_lesson(scenario: Scenario, shelf: Shelf) -> None:
    lesson_of(scenario, PACKS, shelf)
    fewer = {name: pack for name, pack in PACKS.packs.items() if name != "small_talk"}
    assert lesson_of(scenario, Intents(fewer), shelf) == lesson_of(scenario, Intents(fewer))
    assert lesson_of(scenario, Intents(fewer)) != lesson_of(scenario, PACKS)


def test_what_else_changes_in_a_scenario_changes_no_lesson(
    scenario: Scenario, shelf: Shelf
) -> None:
    lesson_of(scenario, PACKS, shelf)
    packs = counting()
    renamed = scenario.model_copy(update={"title": "Another"})
    lesson_of(renamed, packs, shelf)
    assert not packs.asked
