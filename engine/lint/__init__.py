"""What is wrong between the parts of a scenario: a file a noun, a function a rule.

A rule takes a scenario whose types are right and yields findings, each at the path of what has to
be mended. Rules are pure; only whether the media files exist is looked up on the disk.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from engine.lint import (
    cast,
    disclosure,
    exhibits,
    flow,
    identity,
    media,
    questions,
    references,
    rubric,
    sandbox,
    sealed,
    trials,
    wording,
)
from engine.problems import Finding
from engine.scenario import Scenario

Rule = Callable[[Scenario], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    *identity.RULES,
    *references.RULES,
    *cast.RULES,
    *disclosure.RULES,
    *questions.RULES,
    *exhibits.RULES,
    *flow.RULES,
    *rubric.RULES,
    *sandbox.RULES,
    *trials.RULES,
    *wording.RULES,
    *sealed.RULES,
)


def lint(scenario: Scenario, folder: Path | None = None) -> tuple[Finding, ...]:
    """Everything wrong in a scenario, each once. Without a `folder` media files are not looked up.

    A path names keys and list indexes as the file has them; for something missing it ends in the
    key that is to be added.
    """
    found = [finding for rule in RULES for finding in rule(scenario)]
    if folder is not None:
        found += media.missing(scenario, folder)
    return tuple(dict.fromkeys(found))
