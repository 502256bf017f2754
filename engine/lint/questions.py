"""Questions: what is asked leads to one fact or exhibit, and enough wordings are known."""

from collections.abc import Iterator

from engine.casting import knows
from engine.lint.parts import error, warning
from engine.problems import Finding, Where, shown
from engine.scenario import Scenario
from engine.words import normal

ENOUGH = 6
"""Example questions without which an intent should do the work."""


def _asked(scenario: Scenario) -> Iterator[tuple[str, Where, str]]:
    """Every example question as (id, path, words)."""
    for at, fact in enumerate(scenario.facts):
        for number, ask in enumerate(fact.asks):
            yield fact.id, ("facts", at, "asks", number), ask
        for language, text in fact.texts.items():
            for number, ask in enumerate(text.asks):
                yield fact.id, ("facts", at, "texts", language, "asks", number), ask
    for at, exhibit in enumerate(scenario.exhibits):
        for number, ask in enumerate(exhibit.asks):
            yield exhibit.id, ("exhibits", at, "asks", number), ask


def collisions(scenario: Scenario) -> Iterator[Finding]:
    """No two facts or exhibits are asked for in the same words.

    Two facts that no character knows both do not collide: it matters who is asked.
    """
    holders = {
        fact.id: frozenset(id_ for id_ in scenario.personas if knows(scenario, id_, fact.id))
        for fact in scenario.facts
    }
    everyone = frozenset(scenario.personas)
    first: dict[str, list[str]] = {}
    for id_, path, ask in _asked(scenario):
        earlier = first.setdefault(normal(ask), [])
        other = next(
            (
                one
                for one in earlier
                if one != id_ and holders.get(one, everyone) & holders.get(id_, everyone)
            ),
            None,
        )
        if other:
            told = f"{shown(ask)} also asks for {shown(other)}: reword one of the two"
            yield error(path, told)
        earlier.append(id_)


def askable(scenario: Scenario) -> Iterator[Finding]:
    """Facts have enough example questions, or an intent that brings them."""
    for at, fact in enumerate(scenario.facts):
        if fact.disclose != "never" and fact.intent is None and len(fact.asks) < ENOUGH:
            told = (
                f"{len(fact.asks)} example questions and no `intent`: write {ENOUGH}, or bind one"
            )
            yield warning(("facts", at, "asks"), told)
        if fact.disclose == "on_trust" and not fact.cover:
            told = "no `cover` for an `on_trust` fact: write what to say while it is sealed"
            yield warning(("facts", at, "cover"), told)
    for at, exhibit in enumerate(scenario.exhibits):
        if exhibit.release == "on_ask" and not exhibit.asks and exhibit.intent is None:
            yield warning(
                ("exhibits", at, "asks"), "no example requests: only its title asks for it"
            )


RULES = (collisions, askable)
