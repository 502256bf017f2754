"""From a session's log to its score card: what code alone can judge. Pure.

A criterion's points are the parts that hold of all that it names (`engine.assessment.rubric`).
Everything named must hold: a key that does not hold at all leaves no points for the others. What
cannot be judged is `unscored`, never zero, and counts neither in the overall nor in the coverage.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from engine.assessment.evaluation import Evaluation, Evidence, Score
from engine.assessment.quotes import stands
from engine.assessment.record import Record, read
from engine.assessment.rubric import Finding, findings, hash_of, parts_of
from engine.assessment.ruling import DISPUTE, Ruling
from engine.events import Cared, Event
from engine.scenario import Scenario
from engine.scenario.rubric import Criterion
from engine.scenario.rubric import Evidence as Rule
from engine.session import State

CARE = frozenset({"stop word", "distress"})
"""Why a session ended for the person's sake. It is not scored after a return either."""

_CARED = "The role-play was stopped for your sake. Such a session is never scored."
_SILENT = "Nothing was said, so there is nothing to judge."
_JUDGED = "This needs a judge, and no model is set up as one."
_COUNTED = "No model judged this, so only patterns were counted."
_HUMAN = "An instructor rates this."
_NO_RULE = "The rubric names nothing here that code can check."
_UNANCHORED = 5
_CRITICAL = " Missing this fails the whole session."
_MET_TOGETHER = "The group as a whole met this."
_MORE_TOGETHER = "The group as a whole got further."


_RULED = "An instructor decided on this after a second look."
_RATED = "An instructor rated this."
_NOBODY: Mapping[str, Ruling] = {}
_NONE: Mapping[str, Score] = {}


def evaluate(
    scenario: Scenario,
    log: Sequence[Event],
    state: State,
    *,
    judged: Mapping[str, Score] = _NONE,
    judge: str = "",
    ruled: Mapping[str, Ruling] = _NOBODY,
    person: str = "",
    ruled_together: Mapping[str, Ruling] = _NOBODY,
) -> Evaluation:
    """Score a whole log; `state` is its fold. The same log always gets the same evaluation.

    `judged` is what the model `judge` said of this log, `ruled` what people decided, by criterion.
    With a `person` it is that one's alone of several who played: their words, and what all of them
    did together, on which `ruled_together` holds. A critical item that another one met does not
    fail them.
    """
    criteria = scenario.rubric.criteria
    record = read(scenario, log, state, person)
    if _cared(log, state):
        scores = [unscored(one, _CARED) for one in criteria]
    elif not record.said:
        scores = [unscored(one, _SILENT) for one in criteria]
    else:
        scores = [
            _ruled(one, _score(one, record, judged.get(one.id)), ruled.get(one.id))
            for one in criteria
        ]
    if person:
        together = evaluate(scenario, log, state, ruled=ruled_together)
        scores = [_among(one, score, together) for one, score in zip(criteria, scores, strict=True)]
    made = summed(scenario, state.scenario_hash, scores, hints=record.hints)
    return replace(made, through=record.through, judge=judge)


def _among(criterion: Criterion, score: Score, together: Evaluation) -> Score:
    """One of several people's score, with what the others did for it."""
    rule = criterion.evidence
    if rule is not None and (rule.action or rule.world):
        return replace(score, shared=True)
    group = together.score_of(criterion.id)
    if score.points is None or group is None or (group.points or 0) <= score.points:
        return score
    met = group.points == group.max
    reason = score.reason.removesuffix(_CRITICAL) if met else score.reason
    if (score.by, group.by) != ("judge", "code"):  # What patterns count says less than a judge.
        reason = f"{reason} {_MET_TOGETHER if met else _MORE_TOGETHER}".strip()
    return replace(score, by_another=met, reason=reason)


def summed(
    scenario: Scenario, scenario_hash: str, scores: Iterable[Score], *, hints: int = 0
) -> Evaluation:
    """The evaluation that these scores make, one for each criterion of the rubric."""
    rows = tuple(scores)
    scored = [one for one in rows if one.points is not None]
    weight = sum(one.weight for one in scored)
    total = sum(one.weight for one in rows)
    earned = sum(Fraction(one.weight * (one.points or 0), one.max) for one in scored)
    # Halves go up, for everybody alike; `round` would send them to the even number.
    overall = int(100 * earned / weight + Fraction(1, 2)) if weight else None
    cost = min(overall, hints * scenario.rubric.hint_cost) if overall is not None else 0
    if overall is not None:
        overall -= cost
    critical = {one.id for one in scenario.rubric.criteria if one.critical_fail}
    missed = any(
        one.id in critical and one.points != one.max and not one.by_another for one in scored
    )
    return Evaluation(
        overall=overall,
        coverage=round(weight / total, 4) if total else 0.0,
        passed=overall is not None and overall >= scenario.rubric.pass_ and not missed,
        criteria=rows,
        rubric_hash=hash_of(scenario.rubric),
        scenario_hash=scenario_hash,
        hints=hints,
        hint_cost=cost,
    )


def _ruled(criterion: Criterion, score: Score, ruling: Ruling | None) -> Score:
    if ruling is None:
        return score
    missed = criterion.critical_fail and ruling.points < score.max
    reason = _RULED if ruling.after == DISPUTE else _RATED
    return replace(
        score,
        status="scored",
        points=min(ruling.points, score.max),
        reason=reason + (_CRITICAL if missed else ""),
        by="instructor",
    )


def _score(criterion: Criterion, record: Record, judged: Score | None) -> Score:
    if criterion.kind == "judged":
        if judged is not None and judged.status == "scored":
            return judged
        blank = judged or unscored(criterion, _JUDGED)
        return _counted(criterion, record, blank) if criterion.without_judge else blank
    if criterion.kind == "human":
        return replace(unscored(criterion, _HUMAN), status="human")
    return _by_code(criterion, criterion.evidence, record)


def _counted(criterion: Criterion, record: Record, blank: Score) -> Score:
    """A judged criterion by what code can count, on the scale that a judge would have used."""
    counted = _by_code(criterion, criterion.without_judge, record)
    if counted.points is None:
        return blank
    most = highest(criterion)
    points = counted.points * most // parts_of(criterion.without_judge)
    return replace(counted, points=points, max=most, reason=f"{_COUNTED} {counted.reason}")


def _by_code(criterion: Criterion, rule: Rule | None, record: Record) -> Score:
    found = findings(rule, record) if rule else ()
    if not found:
        return unscored(criterion, _NO_RULE)
    failed = [one for one in found if not one.have and not one.doubt]
    doubted = [one for one in found if one.doubt and one.have < one.of]
    if doubted and not failed:
        return unscored(criterion, _reasons(doubted))
    return _scored(criterion, record, found, failed)


def _scored(
    criterion: Criterion, record: Record, found: Sequence[Finding], failed: Sequence[Finding]
) -> Score:
    points = 0 if failed else sum(one.have for one in found)
    evidence = tuple(_evidence(found, record))
    if points and not evidence:
        return unscored(criterion, "There are no words or deeds to cite for this.")
    missed = criterion.critical_fail and points < sum(one.of for one in found)
    return replace(
        unscored(criterion, _reasons(failed or found) + (_CRITICAL if missed else "")),
        status="scored",
        points=points,
        evidence=evidence,
    )


def unscored(criterion: Criterion, reason: str) -> Score:
    """A criterion that got no points, and why not."""
    return Score(
        id=criterion.id,
        label=criterion.label,
        kind=criterion.kind,
        status="unscored",
        points=None,
        max=highest(criterion),
        weight=criterion.weight,
        reason=reason,
    )


def highest(criterion: Criterion) -> int:
    """The most points that a criterion gives."""
    if criterion.kind in ("judged", "human"):
        if not criterion.anchors:
            return _UNANCHORED
        return max(1, max(criterion.anchors) - lowest_anchor(criterion))
    return parts_of(criterion.evidence)


def lowest_anchor(criterion: Criterion) -> int:
    """The level that earns nothing; each one above it is a point."""
    return min(criterion.anchors, default=1)


def may_score(log: Sequence[Event], state: State, record: Record) -> bool:
    """Whether there is anything to score, and nobody had to be looked after."""
    return bool(record.said) and not _cared(log, state)


def _cared(log: Sequence[Event], state: State) -> bool:
    return state.ended_because in CARE or any(isinstance(one, Cared) for one in log)


def _reasons(found: Iterable[Finding]) -> str:
    return " ".join(dict.fromkeys(one.reason for one in found))


def _evidence(found: Iterable[Finding], record: Record) -> Iterator[Evidence]:
    """Each quote once, in the order of the log; nothing that does not stand there."""
    quotes = {
        Evidence(seq=seq, quote=(one.quotes or record.words).get(seq, ""))
        for one in found
        for seq in one.seqs
    }
    for one in sorted(quotes, key=lambda each: (each.seq, each.quote)):
        if stands(one, record.words):
            yield one
