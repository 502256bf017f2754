"""The card of a session in each of its states."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.plain import plain
from bot.views import library
from bot.views.card import card
from bot.wiring import shipped_scenarios
from engine.catalog import Catalog
from engine.scenario import Scenario
from engine.session import State

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NOW = T0 + timedelta(minutes=3)
SESSION = "c" * 32

RUNNING = State(status="in_progress", mode="standard", phase="history", started_at=T0)
OVER = replace(RUNNING, ended_at=NOW)

STATES = (
    (RUNNING, "Running: History (1 of 3)", ("Hint", "Pause", "Where am I?", "End")),
    (replace(RUNNING, hints=6), "Running: ", ("Pause", "Where am I?", "End")),
    (replace(RUNNING, mode="exam"), "Running: ", ("Pause", "Where am I?", "End")),
    (replace(RUNNING, status="paused"), "Paused: History (1 of 3), 3 minutes", ("Go on", "End")),
    (replace(OVER, status="completed", turns=1), "Completed: 1 turn in 3", ("How did it go?",)),
    (replace(OVER, status="abandoned", ended_because="idle"), "Stopped after 3", ("Continue",)),
    (replace(OVER, status="abandoned", ended_because="distress"), "Over: ", ("Come back to it",)),
)


@pytest.fixture(scope="module")
def chest() -> Scenario:
    return Catalog(shipped_scenarios()).get("chest-pain")


@pytest.mark.parametrize(("state", "says", "offers"), STATES, ids=[one[1] for one in STATES])
def test_the_card_says_how_it_stands_and_offers_what_is_allowed(
    chest: Scenario, state: State, says: str, offers: tuple[str, ...]
) -> None:
    shown = card(chest, state, NOW, SESSION)
    assert shown.pinned
    assert says in plain(shown)
    assert tuple(choice.label for choice in shown.choices) == offers
    assert all(len(choice.id) <= 80 for choice in shown.choices)
    assert ("Just write to talk" in plain(shown)) is not state.over
    assert "cocaine" not in plain(shown).lower()


@pytest.mark.parametrize("state", [one for one, _, _ in STATES if one.status != "in_progress"])
def test_what_rests_or_is_over_names_itself(chest: Scenario, state: State) -> None:
    for choice in card(chest, state, NOW, SESSION).choices:
        assert chest.id in choice.id or SESSION in choice.id


def test_nobody_ends_a_session_by_a_slip_of_the_finger(chest: Scenario) -> None:
    [end] = [one for one in card(chest, RUNNING, NOW, SESSION).choices if one.label == "End"]
    assert chest.title in end.confirm


def test_one_goal_stands_without_a_dash(chest: Scenario) -> None:
    goals = {"brief": chest.brief.model_copy(update={"goals": ("empathy",)})}
    alone = chest.model_copy(update=goals)
    words = plain(card(alone, RUNNING, NOW, SESSION))
    assert f"Your goals: {library.goals(alone)[0]}\n" in words
