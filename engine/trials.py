"""Plays the tests that a scenario carries, and says what did not come out as expected."""

from collections.abc import Iterator

from engine.assessment import evaluate
from engine.classify import Reader
from engine.echo import echoes
from engine.errors import SimulationError
from engine.gate import SEALABLE, sealed
from engine.llm.port import Model
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from engine.scenario.trial import Step, Trial


async def play(scenario: Scenario, trial: Trial, model: Model, reader: Reader) -> tuple[str, ...]:
    """Play one test; what went wrong, in words for the author. Empty: it passed."""
    rehearsal = Rehearsal(scenario, model, mode=trial.mode, reader=reader)
    problems = await rehearse(rehearsal, trial)
    return (*problems, *_unmet(rehearsal, trial))


async def rehearse(rehearsal: Rehearsal, trial: Trial) -> tuple[str, ...]:
    """Take every step of a test; what was not possible or gave something away."""
    problems: list[str] = []
    for number, step in enumerate(trial.steps, 1):
        try:
            problems += [f"step {number}: {leak}" for leak in await _take(rehearsal, step)]
        except SimulationError as error:
            problems.append(f"step {number} is not possible: {error}")
    return tuple(problems)


async def _take(rehearsal: Rehearsal, step: Step) -> tuple[str, ...]:
    """Take a step; which sealed facts its reply gave away."""
    if step.say:
        exchange = await rehearsal.say(step.say)
        still = sealed(rehearsal.scenario, rehearsal.state)
        known = step.say
        return tuple(
            f"the reply gives away the sealed fact {fact.id}"
            for fact in still
            if echoes(exchange.spoken.text, fact) and not echoes(known, fact)
        )
    if step.order:
        rehearsal.act("order", step.order, dict(step.args))
    elif step.submit:
        rehearsal.act("submit", step.submit, dict(step.args))
    elif step.tool:
        rehearsal.use(step.tool, dict(step.args))
    elif step.wait_minutes is not None:
        rehearsal.wait(step.wait_minutes)
    elif step.command:
        rehearsal.step(step.command)
    return ()


def _unmet(rehearsal: Rehearsal, trial: Trial) -> Iterator[str]:
    expect, state = trial.expect, rehearsal.state
    closed = _must_stay_sealed(rehearsal.scenario, trial)
    yield from (f"fact {one} did not open" for one in expect.opened if one not in state.opened)
    yield from (f"fact {one} opened and should not" for one in closed if one in state.opened)
    yield from (f"fact {one} was not said" for one in expect.said if one not in state.said)
    yield from (f"{one} was not released" for one in expect.released if one not in state.released)
    if expect.phase not in (None, state.phase):
        yield f"the phase is {state.phase}, expected {expect.phase}"
    if expect.status not in (None, state.status):
        yield f"the status is {state.status}, expected {expect.status}"
    yield from _score(rehearsal, trial)


def _must_stay_sealed(scenario: Scenario, trial: Trial) -> tuple[str, ...]:
    if trial.expect.sealed == "all":
        return tuple(fact.id for fact in scenario.facts if fact.disclose in SEALABLE)
    return trial.expect.sealed


def _score(rehearsal: Rehearsal, trial: Trial) -> Iterator[str]:
    wanted = trial.expect.score
    if wanted is None:
        return
    overall = evaluate(rehearsal.scenario, rehearsal.log, rehearsal.state).overall
    if overall is None or not wanted.min <= overall <= wanted.max:
        yield f"the score is {overall}, expected {wanted.min} to {wanted.max}"
