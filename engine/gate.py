"""Which facts may be known to the speaking model. Pure; the one place that decides it."""

from collections.abc import Iterable

from engine.casting import cast_of, holds
from engine.scenario import Scenario
from engine.scenario.knowledge import Fact
from engine.session import State

SEALABLE = frozenset({"on_trust", "after_fact", "on_action", "never"})
"""Disclosures that start sealed."""


def fact_named(scenario: Scenario, fact_id: str) -> Fact:
    """The fact with this id, which must exist."""
    return next(fact for fact in scenario.facts if fact.id == fact_id)


def is_sealed(fact: Fact, state: State) -> bool:
    """Whether a fact must be absent from every prompt now."""
    return fact.disclose in SEALABLE and fact.id not in state.opened


def sealed(scenario: Scenario, state: State) -> tuple[Fact, ...]:
    """All facts sealed now."""
    return tuple(fact for fact in scenario.facts if is_sealed(fact, state))


def held_by(scenario: Scenario, state: State, seat: str) -> tuple[Fact, ...]:
    """The facts that the character in a seat knows, sealed ones included."""
    id_ = cast_of(scenario, state.mode)[seat].persona
    persona = scenario.personas.get(id_ or "")
    return tuple(fact for fact in scenario.facts if persona and holds(id_, persona, fact))


def trust_of(state: State, seat: str) -> int:
    """The seat's trust; 0 for a character without that variable."""
    return state.values.get((seat, "trust"), 0)


def opened_by_asking(
    scenario: Scenario, state: State, seat: str, asked: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """Which asked-for facts open now, as (fact id, reason).

    A fact opens only when the character who was asked knows it.
    """
    wanted = set(asked)
    found: list[tuple[str, str]] = []
    for fact in held_by(scenario, state, seat):
        if fact.id not in wanted or not is_sealed(fact, state):
            continue
        trusted = trust_of(state, seat) >= (fact.trust or 0)
        told = bool(fact.after) and all(earlier in state.said for earlier in fact.after)
        if fact.disclose == "on_trust" and trusted and all(one in state.said for one in fact.after):
            found.append((fact.id, f"trust {trust_of(state, seat)}"))
        elif fact.disclose == "after_fact" and told and trusted:
            found.append((fact.id, "after " + " ".join(fact.after)))
    return tuple(found)


def opened_by_release(scenario: Scenario, state: State, releases: Iterable[str]) -> tuple[str, ...]:
    """Which facts among `releases` open; a `never` fact never does."""
    wanted = set(releases)
    return tuple(
        fact.id
        for fact in scenario.facts
        if fact.id in wanted and is_sealed(fact, state) and fact.disclose != "never"
    )
