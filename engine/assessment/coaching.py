"""A debrief from templates: the rubric's own words about what the score card shows. Pure.

It names a criterion by its label and repeats the `advice` that its author wrote for afterwards.
What a fact says, and that it was there at all, is never told.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from engine.assessment.debrief import Debrief, Missed, Phrasing, Point, Recommendation
from engine.assessment.evaluation import Evaluation, Evidence, Score
from engine.assessment.record import Record
from engine.assessment.rephrasing import rephrased
from engine.scenario import Scenario
from engine.scenario.rubric import Criterion
from engine.signals import signals_in

MOST = 3
"""So many good points, points to mend and recommendations: what somebody can take in."""

_GOOD = frozenset(
    {"confidentiality", "permission", "empathy", "validation", "reflection", "summary"}
)
"""Signals of lines that are left as they were said, where an advice asks for just those."""

_NOTHING = "Nothing in this session could be scored."


def from_templates(
    scenario: Scenario, evaluation: Evaluation, record: Record, *, session_id: str, version: int
) -> Debrief:
    """Feedback on an evaluation, with no model."""
    criteria = {one.id: one for one in scenario.rubric.criteria}
    if evaluation.overall is None:  # after a stop above all: nobody is to read what they did not do
        return Debrief(session_id=session_id, version=version, summary=_NOTHING)
    missed = tuple(missed_of(evaluation, criteria))
    deltas = missed[:MOST]
    return Debrief(
        session_id=session_id,
        version=version,
        summary=_summary(evaluation, missed),
        plus=tuple(_plus(evaluation, failing(scenario, evaluation)))[:MOST],
        delta=tuple(_delta(one, evaluation) for one in deltas),
        would_have_scored=missed,
        phrasings=tuple(_phrasings(scenario, evaluation, record))[:MOST],
        recommendations=tuple(recommended(one, criteria) for one in deltas),
        next_steps=tuple(_next_steps(evaluation, missed, criteria)),
        weakest=weakest_of(missed),
    )


def missed_of(evaluation: Evaluation, criteria: dict[str, Criterion]) -> Iterator[Missed]:
    """What each criterion would still have given, the most worth first."""
    weight = sum(one.weight for one in evaluation.criteria if one.points is not None)
    found = [
        Missed(
            criterion=one.id,
            label=one.label,
            points=one.points,
            max=one.max,
            worth=_worth(one, weight),
            would_have=_advice(criteria.get(one.id)),
        )
        for one in evaluation.criteria
        if one.points is not None and one.points < one.max
    ]
    critical = {one.id for one in criteria.values() if one.critical_fail}
    return iter(sorted(found, key=lambda one: (one.criterion not in critical, -one.worth)))


def weakest_of(missed: Sequence[Missed]) -> str | None:
    """What a drill is best about: a missed critical item, else what would have given most."""
    return missed[0].criterion if missed else None


def recommended(missed: Missed, criteria: dict[str, Criterion]) -> Recommendation:
    """What to practise, from what was missed."""
    text = missed.would_have or f"Practise this once more: {missed.label}."
    return Recommendation(
        criterion=missed.criterion,
        label=missed.label,
        text=text,
        drill=criteria[missed.criterion].kind != "human" if missed.criterion in criteria else False,
    )


def _worth(score: Score, weight: int) -> float:
    lost = score.max - (score.points or 0)
    return float(round(Fraction(100 * score.weight * lost, score.max * weight), 1)) if weight else 0


def _advice(criterion: Criterion | None) -> str:
    return criterion.advice.strip() if criterion else ""


def _summary(evaluation: Evaluation, missed: Sequence[Missed]) -> str:
    full = sum(one.points == one.max for one in evaluation.criteria)
    scored = sum(one.points is not None for one in evaluation.criteria)
    said = f"{full} of {scored} scored criteria are met in full."
    if missed:
        said += f" The most is to be gained with: {missed[0].label}."
    return said


def failing(scenario: Scenario, evaluation: Evaluation) -> frozenset[str]:
    """The criteria that fail the whole session: no praise of half of one."""
    critical = {one.id for one in scenario.rubric.criteria if one.critical_fail}
    return frozenset(
        one.id
        for one in evaluation.criteria
        if one.id in critical and one.points != one.max and not one.by_another
    )


def _plus(evaluation: Evaluation, without: frozenset[str]) -> Iterator[Point]:
    earned = [
        one
        for one in evaluation.criteria
        if one.points and 2 * one.points >= one.max and one.id not in without
    ]
    earned.sort(key=lambda one: (one.points != one.max, -one.weight))
    for one in earned:
        yield Point(criterion=one.id, label=one.label, text=one.reason, evidence=one.evidence)


def _delta(missed: Missed, evaluation: Evaluation) -> Point:
    score = evaluation.score_of(missed.criterion)
    return Point(
        criterion=missed.criterion,
        label=missed.label,
        text=missed.would_have or (score.reason if score else ""),
        evidence=score.evidence if score else (),
    )


def _phrasings(scenario: Scenario, evaluation: Evaluation, record: Record) -> Iterator[Phrasing]:
    """Lines that stood in the way of something, each with a plainer one.

    What the rubric's own advice asks for is never among them.
    """
    wanted = {
        signal
        for one in scenario.rubric.criteria
        for signal in (*signals_in(one.advice), one.evidence.signal if one.evidence else None)
        if signal in _GOOD
    }
    for seq, text in record.said.items():
        for one in rephrased(text):
            if one.quote in text and not wanted & set(signals_in(one.quote)):
                yield Phrasing(
                    evidence=Evidence(seq=seq, quote=one.quote), better=one.better, why=one.why
                )


def _next_steps(
    evaluation: Evaluation, missed: Sequence[Missed], criteria: dict[str, Criterion]
) -> Iterator[str]:
    if missed and recommended(missed[0], criteria).drill:
        yield f"Take a short drill on: {missed[0].label}."
    if missed:
        yield "Go back to the turn where it slipped, and say it again."
    waiting = [one.label for one in evaluation.criteria if one.status != "scored"]
    if waiting:
        yield f"Ask an instructor about what could not be scored: {', '.join(waiting[:MOST])}."
    if not missed:
        yield "Play it once more at a harder level, or another scenario."
