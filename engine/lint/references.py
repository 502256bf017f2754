"""References: whatever names a seat, a fact, a phase and so on names one that exists."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from engine.lint.parts import conditions, error, released
from engine.problems import Finding, Where, nearest, shown
from engine.scenario import Scenario
from engine.scenario.flow import NARRATOR, Condition
from engine.scenario.rubric import Evidence
from engine.signals import SIGNALS


@dataclass(frozen=True, slots=True)
class _Kind:
    """The ids of one kind, and how to ask whether a name is among them."""

    noun: str
    ids: Collection[str]

    def check(self, path: Where, name: str | None) -> Iterator[Finding]:
        if name is not None and name not in self.ids:
            hint = nearest(name, self.ids) or ": correct it, or add one"
            yield error(path, f"no {self.noun} {shown(name)}{hint}")

    def check_all(self, path: Where, names: Iterable[str]) -> Iterator[Finding]:
        for at, name in enumerate(names):
            yield from self.check((*path, at), name)


class _Known:
    """All ids of a scenario by kind."""

    def __init__(self, scenario: Scenario) -> None:
        facts = {fact.id for fact in scenario.facts}
        exhibits = {exhibit.id for exhibit in scenario.exhibits}
        world = scenario.world
        self.facts = _Kind("fact", facts)
        self.exhibits = _Kind("exhibit", exhibits)
        self.releasable = _Kind("fact or exhibit", facts | exhibits)
        self.personas = _Kind("persona", set(scenario.personas))
        self.seats = _Kind("seat", set(scenario.cast))
        self.speakers = _Kind("seat", {*scenario.cast, NARRATOR})
        self.actions = _Kind("action", {action.id for action in scenario.actions})
        self.tools = _Kind("tool", {tool.id for tool in scenario.tools})
        self.phases = _Kind("phase", {phase.id for phase in scenario.phases})
        self.signals = _Kind("signal", SIGNALS | set(scenario.signals))
        self.criteria = _Kind("criterion", {one.id for one in scenario.rubric.criteria})
        self.modes = _Kind("mode", set(scenario.modes))
        nurses = world.schedule.nurses if world else ()
        patients = world.patients if world else ()
        self.nurses = _Kind("nurse", {one.id for one in nurses})
        self.patients = _Kind("patient", {one.id for one in patients})


def of_people(scenario: Scenario) -> Iterator[Finding]:
    """Seats name personas; personas name facts; modes and openings name seats."""
    known = _Known(scenario)
    for id_, seat in scenario.cast.items():
        yield from known.personas.check(("cast", id_, "persona"), seat.persona)
    for id_, persona in scenario.personas.items():
        if persona.knows != "all":
            yield from known.facts.check_all(("personas", id_, "knows"), persona.knows)
    yield from known.speakers.check(("opening", "say_as"), scenario.opening.say_as)
    for id_, mode in scenario.modes.items():
        here: Where = ("modes", id_)
        if mode.opening:
            yield from known.speakers.check((*here, "opening", "say_as"), mode.opening.say_as)
        yield from known.seats.check((*here, "tools_for"), mode.tools_for)
        for seat_id, overlay in mode.cast.items():
            yield from known.seats.check((*here, "cast", seat_id), seat_id)
            yield from known.personas.check((*here, "cast", seat_id, "persona"), overlay.persona)


def of_facts(scenario: Scenario) -> Iterator[Finding]:
    """Facts name other facts and personas, and languages that the scenario has."""
    known, languages = _Known(scenario), _Kind("language", scenario.languages)
    for at, fact in enumerate(scenario.facts):
        yield from known.facts.check_all(("facts", at, "after"), fact.after)
        yield from known.personas.check_all(("facts", at, "known_by"), fact.known_by)
        for language in fact.texts:
            yield from languages.check(("facts", at, "texts", language), language)


def of_flow(scenario: Scenario) -> Iterator[Finding]:
    """Actions, cues and phases name seats, exhibits, facts, criteria and each other."""
    known = _Known(scenario)
    for path, id_ in released(scenario):
        yield from known.releasable.check(path, id_)
    radiology = _Kind(
        "radiology exhibit", {one.id for one in scenario.exhibits if one.kind == "radiology"}
    )
    for at, action in enumerate(scenario.actions):
        yield from radiology.check(("actions", at, "reads"), action.reads)
        yield from known.seats.check_all(("actions", at, "by"), action.by)
    for at, cue in enumerate(scenario.cues):
        yield from known.speakers.check(("cues", at, "say_as"), cue.say_as)
        yield from known.seats.check(("cues", at, "joins"), cue.joins)
        yield from known.seats.check(("cues", at, "of"), cue.of)
    for at, phase in enumerate(scenario.phases):
        yield from known.phases.check_all(("phases", at, "next"), phase.next)
        yield from known.criteria.check_all(("phases", at, "criteria"), phase.criteria)
    for path, condition in conditions(scenario):
        yield from _of_condition(known, path, condition)


def _of_condition(known: _Known, path: Where, condition: Condition) -> Iterator[Finding]:
    yield from known.phases.check((*path, "phase"), condition.phase)
    yield from known.facts.check_all((*path, "facts"), condition.facts)
    yield from known.facts.check_all((*path, "asked"), condition.asked)
    if condition.exhibits != "all":
        yield from known.exhibits.check_all((*path, "exhibits"), condition.exhibits)
    yield from known.actions.check((*path, "action"), condition.action)
    yield from known.tools.check((*path, "tool"), condition.tool)
    yield from known.signals.check((*path, "signal"), condition.signal)
    yield from known.seats.check((*path, "of"), condition.of)
    yield from known.actions.check((*path, "unless_action"), condition.unless_action)
    yield from known.facts.check((*path, "unless_fact"), condition.unless_fact)
    yield from known.facts.check((*path, "unless_asked"), condition.unless_asked)


def of_rubric(scenario: Scenario) -> Iterator[Finding]:
    """Goals are criteria; evidence names facts, actions, signals and the people of the world."""
    known = _Known(scenario)
    yield from known.criteria.check_all(("brief", "goals"), scenario.brief.goals)
    for at, criterion in enumerate(scenario.rubric.criteria):
        if criterion.evidence:
            path: Where = ("rubric", "criteria", at, "evidence")
            yield from _of_evidence(known, path, criterion.evidence)
        if criterion.without_judge:
            path = ("rubric", "criteria", at, "without_judge")
            yield from _of_evidence(known, path, criterion.without_judge)


def _of_evidence(known: _Known, path: Where, evidence: Evidence) -> Iterator[Finding]:
    yield from known.facts.check_all((*path, "asked_any"), evidence.asked_any)
    yield from known.facts.check_all((*path, "asked_all"), evidence.asked_all)
    yield from known.facts.check_all((*path, "disclosed"), evidence.disclosed)
    yield from known.actions.check((*path, "action"), evidence.action)
    yield from known.signals.check((*path, "signal"), evidence.signal)
    for at, wanted in enumerate(evidence.world.get("appointments", ())):
        here = (*path, "world", "appointments", at)
        yield from known.nurses.check((*here, "nurse"), wanted.get("nurse"))
        yield from known.patients.check((*here, "patient"), wanted.get("patient"))


def of_trials(scenario: Scenario) -> Iterator[Finding]:
    """Tests name a mode, tools, facts, exhibits and phases."""
    known = _Known(scenario)
    for at, trial in enumerate(scenario.tests):
        here: Where = ("tests", at)
        expect = trial.expect
        yield from known.modes.check((*here, "mode"), trial.mode)
        for number, step in enumerate(trial.steps):
            yield from known.tools.check((*here, "steps", number, "tool"), step.tool)
        here = (*here, "expect")
        yield from known.facts.check_all((*here, "opened"), expect.opened)
        yield from known.facts.check_all((*here, "said"), expect.said)
        yield from known.exhibits.check_all((*here, "released"), expect.released)
        yield from known.phases.check((*here, "phase"), expect.phase)
        if expect.sealed != "all":
            yield from known.facts.check_all((*here, "sealed"), expect.sealed)


def of_world(scenario: Scenario) -> Iterator[Finding]:
    """The schedule names nurses and patients that exist."""
    if scenario.world is None:
        return
    known, schedule = _Known(scenario), scenario.world.schedule
    here: Where = ("world", "schedule")
    for at, rule in enumerate(schedule.availability):
        yield from known.nurses.check((*here, "availability", at, "nurse"), rule.nurse)
    for at, override in enumerate(schedule.overrides):
        yield from known.nurses.check((*here, "overrides", at, "nurse"), override.nurse)
    for at, booked in enumerate(schedule.appointments):
        yield from known.nurses.check((*here, "appointments", at, "nurse"), booked.nurse)
        yield from known.patients.check((*here, "appointments", at, "patient"), booked.patient)


RULES = (of_people, of_facts, of_flow, of_rubric, of_trials, of_world)
