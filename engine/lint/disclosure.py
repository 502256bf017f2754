"""Disclosure: every sealed fact has a key that fits, and nothing opens what stays sealed."""

from collections.abc import Iterator

from engine.casting import knows
from engine.lint.parts import error, released, warning
from engine.problems import Finding, Where, shown
from engine.scenario import Scenario
from engine.scenario.knowledge import Fact

_KEPT_BY_TRUST = ("on_trust", "after_fact")


def keys(scenario: Scenario) -> Iterator[Finding]:
    """Each way to disclose has what it needs, and no key stands where it opens nothing."""
    opened = {id_ for _, id_ in released(scenario)}
    for at, fact in enumerate(scenario.facts):
        here: Where = ("facts", at)
        if fact.disclose == "on_trust" and fact.trust is None:
            yield error((*here, "trust"), "an `on_trust` fact needs `trust`: add the threshold")
        if fact.disclose == "after_fact" and not fact.after:
            yield error((*here, "after"), "an `after_fact` fact needs `after`: name the facts")
        if fact.disclose == "on_action" and fact.id not in opened:
            told = f"nothing releases {shown(fact.id)}: name it in an action's or cue's `releases`"
            yield error((*here, "disclose"), told)
        if fact.disclose not in _KEPT_BY_TRUST and fact.trust is not None:
            told = f"`trust` does not seal an `{fact.disclose}` fact: use `disclose: on_trust`"
            yield error((*here, "trust"), told)
        if fact.disclose not in _KEPT_BY_TRUST and fact.after:
            told = f"`after` does not seal an `{fact.disclose}` fact: use `disclose: after_fact`"
            yield error((*here, "after"), told)


def never(scenario: Scenario) -> Iterator[Finding]:
    """A `never` fact is released by nothing, and nothing waits for it."""
    sealed = {fact.id for fact in scenario.facts if fact.disclose == "never"}
    for path, id_ in released(scenario):
        if id_ in sealed:
            yield error(path, f"{shown(id_)} is a `never` fact: it cannot be released")
    for at, fact in enumerate(scenario.facts):
        for number, id_ in enumerate(fact.after):
            if id_ in sealed:
                told = f"{shown(id_)} is a `never` fact, so {shown(fact.id)} could never open"
                yield error(("facts", at, "after", number), told)


def cycles(scenario: Scenario) -> Iterator[Finding]:
    """No fact waits, by way of others, for itself."""
    after = {fact.id: fact.after for fact in scenario.facts}
    for at, fact in enumerate(scenario.facts):
        reached: set[str] = set()
        ahead = list(fact.after)
        while ahead:
            id_ = ahead.pop()
            if id_ not in reached:
                reached.add(id_)
                ahead.extend(after.get(id_, ()))
        if fact.id in reached:
            yield error(
                ("facts", at, "after"), f"{shown(fact.id)} waits for itself: break the ring"
            )


def holders(scenario: Scenario) -> Iterator[Finding]:
    """Somebody can tell each fact, and trusts far enough to tell it."""
    for at, fact in enumerate(scenario.facts):
        who = [id_ for id_ in scenario.personas if knows(scenario, id_, fact.id)]
        if not who and fact.disclose != "never":
            yield warning(("facts", at), f"no persona knows {shown(fact.id)}: see `knows`")
        if fact.trust is not None:
            for id_ in who:
                yield from _trusting(scenario, id_, at, fact, fact.trust)


def _trusting(
    scenario: Scenario, persona: str, at: int, fact: Fact, needed: int
) -> Iterator[Finding]:
    variable = scenario.personas[persona].state.get("trust")
    if variable is None:
        told = f"persona {shown(persona)} knows {shown(fact.id)} but has no `trust`: add it"
        yield error(("personas", persona, "state"), f"{told} to `state`")
    elif variable.max < needed:
        told = f"trust of {shown(persona)} ends at {variable.max}, below {needed}: lower one"
        yield error(("facts", at, "trust"), told)
    elif variable.start >= needed and fact.disclose == "on_trust":
        told = f"trust of {shown(persona)} starts at {variable.start}, so asking once is enough"
        yield warning(("facts", at, "trust"), told)


RULES = (keys, never, cycles, holders)
