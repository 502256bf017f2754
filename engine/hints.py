"""Hints: a question back, never an answer. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.director import phase_named
from engine.gate import is_sealed
from engine.progress import is_met
from engine.scenario import Scenario
from engine.scenario.rubric import Criterion
from engine.session import State


@dataclass(frozen=True, slots=True)
class Hint:
    """What the trainee reads, and the criterion it leads towards, if any."""

    text: str
    criterion: str = ""


def hints_left(scenario: Scenario, state: State) -> int:
    """How many more hints there are."""
    return max(0, scenario.limits.hints - state.hints)


def next_hint(scenario: Scenario, state: State) -> Hint:
    """The next hint towards what the rubric still misses, what belongs to this phase first.

    It asks what its author wrote for it, or names a part of the story that nobody asked about yet,
    or a goal of the brief, or a way of working. Sealed facts never lead to a hint, and what a
    criterion is called is only said where the brief says it too.
    """
    choices = tuple(dict.fromkeys(_choices(scenario, state)))
    if not choices:
        return Hint("What would you like to be sure of before you finish?")
    return choices[state.hints % len(choices)]


def _choices(scenario: Scenario, state: State) -> Iterator[Hint]:
    unmet = [one for one in _in_order(scenario, state) if is_met(one, state) is not True]
    yield from (Hint(one.hint, one.id) for one in unmet if one.hint)
    yield from _sections(scenario, state)
    goals = [one for one in unmet if one.id in scenario.brief.goals]
    yield from (
        Hint(f"One of your goals is: {one.label}. What would help with it now?", one.id)
        for one in goals
    )
    for one in unmet:
        if one.id not in scenario.brief.goals and (question := _way(one)):
            yield Hint(question, one.id)


def _in_order(scenario: Scenario, state: State) -> list[Criterion]:
    """The criteria, those of this phase first and those that only later phases name last."""
    here = phase_named(scenario, state.phase).criteria
    phased = {id_ for phase in scenario.phases for id_ in phase.criteria}
    return sorted(
        scenario.rubric.criteria,
        key=lambda one: 0 if one.id in here else 2 if one.id in phased else 1,
    )


def _sections(scenario: Scenario, state: State) -> Iterator[Hint]:
    for fact in scenario.facts:
        quiet = fact.disclose == "on_ask" and fact.id not in state.asked
        if quiet and fact.section != "general" and not is_sealed(fact, state):
            yield Hint(f"What have you not asked yet about {_spoken(fact.section)}?")


def _way(criterion: Criterion) -> str:
    """A question about a way of working; it says nothing of what there is to find."""
    rule = criterion.evidence
    if rule is None:
        return ""
    named = (
        (rule.action, "Is there anything that you should order, arrange or hand in by now?"),
        (rule.world, "Do the records stand as you want to leave them?"),
        (rule.disclosed, "What would make it easier for the other person to tell you more?"),
        (rule.signal, "How did your last words land, and what did they leave unsaid?"),
        (rule.number or rule.phrase, "Which figure or sentence would settle this?"),
        (rule.metric, "Who is doing most of the talking, and in whose words?"),
    )
    return next((question for given, question in named if given), "")


def _spoken(section: str) -> str:
    return section.replace("_", " ").replace("-", " ")
