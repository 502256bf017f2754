"""Rubric: points add up, and every criterion can be judged by what it names."""

from collections.abc import Iterator

from engine.lint.parts import error
from engine.problems import Finding, Where, shown
from engine.reckoning import BadFormula, value_of
from engine.scenario import Scenario
from engine.scenario.rubric import Criterion, Evidence, Metric
from engine.scenario.sandbox import Appointment

_ANCHORS = (1, 3, 5)
_BY_CODE = frozenset({"checklist", "deterministic", "metric"})


def weights(scenario: Scenario) -> Iterator[Finding]:
    """All weights sum to 100."""
    total = sum(criterion.weight for criterion in scenario.rubric.criteria)
    if total != 100:
        told = f"the weights sum to {total}, not 100: {abs(100 - total)} too "
        yield error(("rubric", "criteria"), told + ("many" if total > 100 else "few"))


def kinds(scenario: Scenario) -> Iterator[Finding]:
    """Judged criteria have anchors and want a quote; those scored by code have evidence."""
    for at, criterion in enumerate(scenario.rubric.criteria):
        here: Where = ("rubric", "criteria", at)
        if criterion.kind == "judged":
            yield from _judged(criterion, here)
        if criterion.kind in _BY_CODE:
            yield from _by_code(criterion, here)
        if criterion.evidence:
            yield from _evidence(scenario, criterion.evidence, (*here, "evidence"))
        if criterion.without_judge:
            yield from _without_judge(scenario, criterion, (*here, "without_judge"))


def _judged(criterion: Criterion, here: Where) -> Iterator[Finding]:
    lacking = [str(level) for level in _ANCHORS if level not in criterion.anchors]
    if lacking:
        told = f"judged without an anchor for {', '.join(lacking)}: say what earns it"
        yield error((*here, "anchors"), told)
    if criterion.quotes_required < 1:
        yield error((*here, "quotes_required"), "judged without a quote: set it to 1 or more")


def _without_judge(scenario: Scenario, criterion: Criterion, here: Where) -> Iterator[Finding]:
    if criterion.kind != "judged":
        yield error(here, f"a {criterion.kind} criterion has no judge: move it to `evidence`")
    elif criterion.without_judge:
        yield from _evidence(scenario, criterion.without_judge, here)


def _by_code(criterion: Criterion, here: Where) -> Iterator[Finding]:
    if criterion.evidence is None:
        yield error((*here, "evidence"), f"a {criterion.kind} criterion needs `evidence`: add it")
    elif criterion.kind == "metric" and criterion.evidence.metric is None:
        yield error((*here, "evidence", "metric"), "a metric criterion needs `metric`: add it")


def _evidence(scenario: Scenario, evidence: Evidence, here: Where) -> Iterator[Finding]:
    given = evidence.model_dump(exclude_defaults=True)
    if not set(given) - {"before_minutes", "at_least"}:
        yield error(here, "the evidence is empty: say what earns the points")
    if evidence.at_least > 1 and evidence.signal is None:
        yield error((*here, "at_least"), "`at_least` counts a `signal`: name one")
    if evidence.metric:
        yield from _metric(evidence.metric, (*here, "metric"))
    yield from _numbers(scenario, evidence, here)
    if evidence.world and scenario.world is None:
        yield error((*here, "world"), "there is no `world` to look at: add one")
    for at, wanted in enumerate(evidence.world.get("appointments", ())):
        for name in wanted:
            if name not in Appointment.model_fields:
                told = f"an appointment has no {shown(name)}; it has "
                known = ", ".join(Appointment.model_fields)
                yield error((*here, "world", "appointments", at, name), told + known)


def _numbers(scenario: Scenario, evidence: Evidence, here: Where) -> Iterator[Finding]:
    for at, number in enumerate(evidence.number):
        for place, formula in enumerate(number.is_):
            try:
                value_of(formula, scenario)
            except BadFormula as wrong:
                yield error((*here, "number", at, "is", place), f"{wrong}: mend the formula")


def _metric(metric: Metric, here: Where) -> Iterator[Finding]:
    least, most = metric.at_least, metric.at_most
    if least is None and most is None:
        yield error(here, f"no bound for {shown(metric.name)}: add `at_least` or `at_most`")
    if least is not None and most is not None and least > most:
        yield error(here, "`at_least` is above `at_most`: swap them")


RULES = (weights, kinds)
