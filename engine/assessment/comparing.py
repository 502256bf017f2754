"""Two evaluations side by side: what got better, criterion by criterion. Pure."""

from dataclasses import dataclass

from engine.assessment.evaluation import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One criterion twice. `change` is in points; None where either was not scored."""

    criterion: str
    label: str
    max: int
    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        """Points gained, or lost below zero."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two score cards on one rubric.

    `same_rubric` is False where criteria changed in between; those that only one card has are then
    left out, and the overalls should not be set against each other. `sought` is the criterion that
    the later one was played for, if one was named.
    """

    before: int | None
    after: int | None
    same_rubric: bool
    changes: tuple[Change, ...]
    sought: str = ""

    @property
    def change(self) -> int | None:
        """Points of the overall gained, or lost below zero."""
        return None if self.before is None or self.after is None else self.after - self.before


def compare(before: Evaluation, after: Evaluation, sought: str = "") -> Comparison:
    """Set two evaluations side by side, in the order of the later one's rubric."""
    earlier = {one.id: one for one in before.criteria}
    return Comparison(
        before=before.overall,
        after=after.overall,
        same_rubric=before.rubric_hash == after.rubric_hash,
        changes=tuple(
            Change(
                criterion=one.id,
                label=one.label,
                max=one.max,
                before=earlier[one.id].points,
                after=one.points,
            )
            for one in after.criteria
            if one.id in earlier and earlier[one.id].max == one.max
        ),
        sought=sought,
    )
