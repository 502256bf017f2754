"""Moments: where in a session each criterion that lost points can be tried again. Pure.

What was said or done and did not earn all it could is taken up just there. What never came is taken
up as late as it still could have come, so that everything before it stays as it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine import events as ev
from engine.assessment.branching import turns_in
from engine.assessment.evaluation import Evaluation, Score
from engine.assessment.record import Record
from engine.scenario import Scenario
from engine.scenario.rubric import Criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The turn, from 1, before which a branch can begin for a criterion.

    `seq` is where that turn's words stand, `words` what was said there.
    """

    criterion: str
    turn: int
    seq: int
    words: str = field(repr=False)


def moments(
    scenario: Scenario, log: Sequence[ev.Event], record: Record, evaluation: Evaluation
) -> tuple[Moment, ...]:
    """One for each criterion that was scored and has points left, in the rubric's order.

    Only turns of whoever `record` is about are taken; none for somebody who said nothing.
    """
    begins = {number: seq for number, seq in enumerate(turns_in(log), 1) if seq in record.said}
    if not begins:
        return ()
    criteria = {one.id: one for one in scenario.rubric.criteria}
    phases = tuple(_phases(scenario, log))
    found: list[Moment] = []
    for score in evaluation.criteria:
        criterion = criteria.get(score.id)
        if criterion is None or score.points is None or score.points >= score.max:
            continue
        turn = _turn(score, criterion, _open(scenario, criterion, begins, phases, record))
        found.append(
            Moment(criterion=score.id, turn=turn, seq=begins[turn], words=record.said[begins[turn]])
        )
    return tuple(found)


def _open(
    scenario: Scenario,
    criterion: Criterion,
    begins: dict[int, int],
    phases: Sequence[str],
    record: Record,
) -> dict[int, int]:
    """The turns at which the criterion could still be met: in its phase, and in its time.

    Never none: where its phase was not reached or its time was over at once, the nearest turn.
    """
    mine = {one.id for one in scenario.phases if criterion.id in one.criteria}
    there = {turn: seq for turn, seq in begins.items() if phases[seq - 1] in mine} or begins
    rule = criterion.evidence
    limit = rule.before_minutes if rule else None
    if limit is None:
        return there
    early = {turn: seq for turn, seq in begins.items() if record.minutes.get(seq, 0.0) < limit}
    both = there.keys() & early.keys()
    kept = both or early.keys() or {min(begins)}
    return {turn: begins[turn] for turn in kept}


def _turn(score: Score, criterion: Criterion, among: dict[int, int]) -> int:
    """Where it slipped: at the words that fell short, where some did; else as late as it may."""
    rule = criterion.evidence
    shows = score.by == "judge" or (rule is not None and rule.metric is not None)
    if shows and score.evidence:
        first = score.evidence[0].seq
        earlier = [turn for turn, seq in among.items() if seq <= first]
        return max(earlier, default=min(among))
    return max(among)


def _phases(scenario: Scenario, log: Sequence[ev.Event]) -> Iterator[str]:
    """The phase that each event of a log happened in."""
    phase = scenario.phases[0].id
    for event in log:
        if isinstance(event, ev.PhaseEntered):
            phase = event.phase
        yield phase
