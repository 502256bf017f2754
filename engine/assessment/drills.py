"""Drills: the same scene, short, for one criterion alone. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.assessment.errors import UnknownCriterion
from engine.scenario import Scenario
from engine.scenario.flow import Opening, Phase

TURNS = 10
"""So many turns a drill has at most."""
MINUTES = 15
"""So many minutes it has at most."""
ABOUT = 10
"""So many minutes it takes, as the brief tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A short scenario to start a session with, and what it practises.

    `scenario` has the id of the whole one, so that its pictures and documents are found.
    """

    scenario: Scenario
    criterion: str
    origin: str | None = None


def phase_of(scenario: Scenario, criterion: str) -> Phase:
    """The phase that a drill of the criterion begins in."""
    return next((one for one in scenario.phases if criterion in one.criteria), scenario.phases[0])


def drill_of(scenario: Scenario, criterion: str, setting: str = "") -> Scenario:
    """The scenario as a drill: from the phase that the criterion belongs to, with only that one.

    `setting` are the narrator's first words, in place of the scenario's own.

    Raises:
        UnknownCriterion: the rubric has no such criterion.
    """
    wanted = next((one for one in scenario.rubric.criteria if one.id == criterion), None)
    if wanted is None:
        raise UnknownCriterion(criterion)
    phases = tuple(_from_phase_of(scenario, criterion))
    there = {phase.id for phase in phases}
    limits = scenario.limits
    return scenario.model_copy(
        update={
            "minutes": min(scenario.minutes, ABOUT),
            "brief": scenario.brief.model_copy(
                update={
                    "goals": (criterion,),
                    # Of the whole scenario; a drill is about one thing.
                    "context": scenario.brief.context.model_copy(update={"objective": ""}),
                    "documents": (),
                }
            ),
            **(_begun_with(scenario, setting) if setting else {}),
            "phases": phases,
            "cues": tuple(
                one for one in scenario.cues if one.when.phase is None or one.when.phase in there
            ),
            "rubric": scenario.rubric.model_copy(
                update={"criteria": (wanted.model_copy(update={"weight": 100}),)}
            ),
            "limits": limits.model_copy(
                update={
                    "turns": min(limits.turns, TURNS),
                    "minutes": min(limits.minutes, MINUTES),
                }
            ),
            "tests": (),
        }
    )


def _begun_with(scenario: Scenario, setting: str) -> dict[str, object]:
    """Other first words, in every mode."""
    modes = {id_: one.model_copy(update={"opening": None}) for id_, one in scenario.modes.items()}
    return {"opening": Opening(text=setting), "modes": modes}


def _from_phase_of(scenario: Scenario, criterion: str) -> Iterator[Phase]:
    """The criterion's phase, and all that can be reached from there, that one first."""
    by_id = {phase.id: phase for phase in scenario.phases}
    first = phase_of(scenario, criterion)
    reached, waiting = {first.id}, [first]
    while waiting:
        for id_ in waiting.pop().next:
            if id_ not in reached:
                reached.add(id_)
                waiting.append(by_id[id_])
    later = [one for one in scenario.phases if one.id in reached and one.id != first.id]
    for phase in (first, *later):
        mine = tuple(one for one in phase.criteria if one == criterion)
        yield phase.model_copy(update={"criteria": mine})
