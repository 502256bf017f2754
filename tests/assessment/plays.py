"""Every shipped scenario, played by an expert, a beginner and somebody who says nothing.

Experts are the scenario's own tests. A scenario is learned once in a process.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from engine import events as ev
from engine.assessment import Evaluation, evaluate
from engine.catalog import Catalog
from engine.classify import Reader
from engine.intents import load_packs
from engine.llm.embedded import EmbeddedModel
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from engine.scenario.trial import Step, Trial
from engine.session import fold
from engine.trials import rehearse

SHIPPED = Path("scenarios")
SCENARIOS = {one.id: one for one in Catalog(SHIPPED).published()}
SILENCE = ("Hello.", "Okay.", "I see.", "Mm.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A play that is over, and what it was worth."""

    scenario: Scenario
    log: tuple[ev.Event, ...]
    evaluation: Evaluation

    @property
    def overall(self) -> int:
        return self.evaluation.overall or 0

    @property
    def points(self) -> dict[str, int]:
        return {one.id: one.points or 0 for one in self.evaluation.criteria}


def scored(scenario: Scenario, log: Sequence[ev.Event]) -> Play:
    """A log, scored."""
    evaluation = evaluate(scenario, log, fold(scenario, log))
    return Play(scenario=scenario, log=tuple(log), evaluation=evaluation)


@cache
def reader_of(scenario_id: str) -> Reader:
    """What reads a scenario, learned once."""
    reader = Reader(SCENARIOS[scenario_id], load_packs(SHIPPED / "intents"))
    reader.learn()
    return reader


def best_trial(scenario_id: str) -> Trial:
    """The scenario's own test that scores highest."""
    trials = [one for one in SCENARIOS[scenario_id].tests if one.kind == "expert"]
    return max(trials, key=lambda one: one.expect.score.min if one.expect.score else 0)


@cache
def expert(scenario_id: str) -> Play:
    return played(scenario_id, best_trial(scenario_id).steps, mode=best_trial(scenario_id).mode)


@cache
def novice(scenario_id: str) -> Play:
    return said(scenario_id, novice_lines(scenario_id))


@cache
def silent(scenario_id: str) -> Play:
    return said(scenario_id, SILENCE)


@cache
def novice_lines(scenario_id: str) -> tuple[str, ...]:
    text = Path(__file__).with_name("novices.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text)[scenario_id])


def said(scenario_id: str, lines: Sequence[str]) -> Play:
    """A play in which somebody only talks."""
    return played(scenario_id, [Step(say=line) for line in lines])


def played(scenario_id: str, steps: Sequence[Step], mode: str | None = None) -> Play:
    """A play of these steps; one that is not possible any more is left out."""
    made = SCENARIOS[scenario_id]
    rehearsal = Rehearsal(made, EmbeddedModel(), mode=mode, reader=reader_of(scenario_id))
    trial = best_trial(scenario_id).model_copy(update={"steps": tuple(steps)})
    asyncio.run(rehearse(rehearsal, trial))
    return scored(made, rehearsal.log)
