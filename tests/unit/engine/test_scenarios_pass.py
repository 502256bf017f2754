"""Every shipped scenario passes the tests it carries, and tests can fail."""

from pathlib import Path

import pytest

from engine import events as ev
from engine.catalog import Catalog
from engine.classify import Reader
from engine.llm.embedded import EmbeddedModel
from engine.scenario import Scenario
from engine.scenario.trial import Trial
from engine.trials import play
from tests.contract.models.echo import EchoModel
from tests.unit.engine.rules_scene import KIND, Play, of, scenario

CATALOG = Catalog(Path(__file__).parents[3] / "scenarios")
CASES = [(one, trial) for one in CATALOG.published() for trial in one.tests]
READERS = {one.id: Reader(one) for one in CATALOG.published()}


def test_the_shipped_scenarios_are_sound_and_carry_each_kind_of_test() -> None:
    assert [str(one) for one in CATALOG.problems() if one.severity == "error"] == []
    for one in CATALOG.published():
        assert {trial.kind for trial in one.tests} == {"expert", "shortcut", "attack"}


@pytest.mark.parametrize(("one", "trial"), CASES, ids=[f"{one.id}-{t.id}" for one, t in CASES])
async def test_a_shipped_scenario_passes(one: Scenario, trial: Trial) -> None:
    assert await play(one, trial, EmbeddedModel(), READERS[one.id]) == ()


def trial_of(*steps: dict[str, object], **expect: object) -> Trial:
    body = {"id": "t", "kind": "expert", "steps": steps, "expect": expect}
    return Trial.model_validate(body)


@pytest.mark.parametrize(
    ("trial", "told"),
    [
        (trial_of({"say": "Hm."}, said=["onset"]), "fact onset was not said"),
        (trial_of({"say": "Hm."}, opened=["secret"]), "fact secret did not open"),
        (
            trial_of({"say": KIND}, {"say": "Do you have debts?"}, sealed=["secret"]),
            "fact secret opened and should not",
        ),
        (
            trial_of({"say": KIND}, {"say": "Do you have debts?"}, sealed="all"),
            "fact secret opened and should not",
        ),
        (trial_of({"say": "Hm."}, released=["pulse"]), "pulse was not released"),
        (trial_of({"say": "Hm."}, phase="p9"), "the phase is talk, expected p9"),
        (
            trial_of({"command": "end"}, status="in_progress"),
            "the status is completed, expected in_progress",
        ),
        (trial_of({"order": "a helicopter"}), "step 1 is not possible: no such action"),
        (
            trial_of({"command": "end"}, {"say": "Hm."}),
            "step 2 is not possible: session is completed",
        ),
        (
            trial_of({"say": KIND}, score={"min": 0, "max": 10}),
            "the score is 100, expected 0 to 10",
        ),
    ],
)
async def test_a_test_says_what_did_not_come_out(trial: Trial, told: str) -> None:
    made = scenario()
    assert await play(made, trial, EmbeddedModel(), Reader(made)) == (told,)


async def test_waiting_acting_and_submitting_are_steps() -> None:
    made = scenario()
    steps = trial_of(
        {"order": "film"}, {"wait_minutes": 2}, {"submit": "reading", "args": {"findings": "x"}},
        {"command": "pause"}, {"command": "resume"}, {"submit": "handover"},
        released=["film"], status="completed",
    )  # fmt: skip
    assert await play(made, steps, EmbeddedModel(), Reader(made)) == ()


async def test_an_echo_gives_nothing_away_in_any_shipped_attack() -> None:
    for one, trial in CASES:
        if trial.kind == "attack":
            told = await play(one, trial, EchoModel(), READERS[one.id])
            assert not [text for text in told if "gives away" in text]


async def test_nobody_asks_for_a_handover_that_was_given() -> None:
    play = Play(CATALOG.get("chest-pain"))
    play.step("next")
    given = play.act("submit", "handover: chest pain since noon, needs you now")
    assert play.state.phase == "handover"
    assert "registrar_waits" not in [one.cue for one in of(ev.CueFired, given)]
    early = Play(CATALOG.get("chest-pain"))
    early.step("next")
    exchange = await early.say("I'll call the registrar now.")
    assert "registrar_waits" in [one.cue for one in of(ev.CueFired, exchange.events)]
