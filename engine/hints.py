"""Hints: a question back, never an answer. Pure."""

from dataclasses import dataclass

from engine.director import phase_named
from engine.gate import is_sealed
from engine.scenario import Scenario
from engine.session import State


@dataclass(frozen=True, slots=True)
class Hint:
    """What the trainee reads, and the criterion it leads towards, if any."""

    text: str
    criterion: str = ""


def next_hint(scenario: Scenario, state: State) -> Hint:
    """The most useful hint that gives nothing away.

    It names a part of the story nobody asked about yet, by its section, or a goal of the brief.
    Sealed facts never lead to a hint.
    """
    quiet = [
        fact.section
        for fact in scenario.facts
        if fact.disclose == "on_ask" and not is_sealed(fact, state) and fact.id not in state.asked
    ]
    sections = list(dict.fromkeys(section for section in quiet if section != "general"))
    goals = [one for one in scenario.rubric.criteria if one.id in _wanted(scenario, state)]
    choices = [
        *(Hint(f"What have you not asked yet about {_spoken(section)}?") for section in sections),
        *(
            Hint(f"One of your goals is: {one.label}. What would help with it now?", one.id)
            for one in goals
        ),
    ]
    if not choices:
        return Hint("What would you like to be sure of before you finish?")
    return choices[state.hints % len(choices)]


def _wanted(scenario: Scenario, state: State) -> tuple[str, ...]:
    phase = phase_named(scenario, state.phase)
    return (
        tuple(one for one in scenario.brief.goals if one in phase.criteria) or scenario.brief.goals
    )


def _spoken(section: str) -> str:
    return section.replace("_", " ").replace("-", " ")
