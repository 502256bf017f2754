"""Tests: each step does one thing, and a published scenario has all three kinds."""

from collections.abc import Iterator
from typing import get_args

from engine.lint.parts import error
from engine.problems import Finding, Where, nearest, shown
from engine.scenario import Scenario
from engine.scenario.trial import Step, Trial

_KINDS: tuple[str, ...] = get_args(Trial.model_fields["kind"].annotation)
_TAKES_ARGS = ("tool", "submit", "order")


def enough(scenario: Scenario) -> Iterator[Finding]:
    """A published scenario has a test of each kind."""
    if scenario.status != "published":
        return
    lacking = [kind for kind in _KINDS if kind not in {trial.kind for trial in scenario.tests}]
    if lacking:
        told = f"published without a test of kind {', '.join(map(shown, lacking))}: add it"
        yield error(("tests",), told)


def steps(scenario: Scenario) -> Iterator[Finding]:
    """A step has exactly one verb, and arguments only where they go somewhere."""
    for at, trial in enumerate(scenario.tests):
        for number, step in enumerate(trial.steps):
            here: Where = ("tests", at, "steps", number)
            verbs = [name for name in Step.model_fields if name != "args" and _given(step, name)]
            if len(verbs) != 1:
                told = f"has {', '.join(verbs)}" if verbs else "does nothing"
                yield error(here, f"a step does one thing, this one {told}: split it")
            elif step.args and verbs[0] not in _TAKES_ARGS:
                yield error((*here, "args"), f"`args` go with a tool or an order, not {verbs[0]}")
            elif step.args:
                yield from _args(scenario, step, (*here, "args"))


def _given(step: Step, name: str) -> bool:
    return getattr(step, name) is not None


def _args(scenario: Scenario, step: Step, here: Where) -> Iterator[Finding]:
    """Arguments are those of the tool, or fields of some action."""
    if step.tool is not None:
        known = {name for tool in scenario.tools if tool.id == step.tool for name in tool.args}
    else:
        known = {field.id for action in scenario.actions for field in action.fields}
    for name in step.args:
        if name not in known:
            hint = nearest(name, known) or ": remove it"
            yield error((*here, name), f"no argument {shown(name)}{hint}")


def expectations(scenario: Scenario) -> Iterator[Finding]:
    """What is expected does not contradict itself."""
    for at, trial in enumerate(scenario.tests):
        here: Where = ("tests", at, "expect")
        expect = trial.expect
        if expect.score and expect.score.min > expect.score.max:
            yield error((*here, "score"), "`min` is above `max`: swap them")
        for id_ in expect.opened if expect.sealed != "all" else ():
            if id_ in expect.sealed:
                told = f"{shown(id_)} cannot be both opened and sealed: remove one"
                yield error((*here, "opened"), told)
        if expect.sealed == "all" and expect.opened:
            yield error((*here, "opened"), "nothing can open where `sealed: all` is expected")


RULES = (enough, steps, expectations)
