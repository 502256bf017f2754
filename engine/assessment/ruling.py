"""What people decided about a score. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.scenario.rubric import Criterion
from engine.store.disputes import Dispute
from engine.store.ratings import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Points that a person decided on; `after` says how it came to that."""

    points: int
    after: str


DISPUTE, RATING = "dispute", "rating"


def rulings(
    criteria: Sequence[Criterion],
    disputes: Sequence[Dispute],
    ratings: Sequence[Rating],
    about: Mapping[int, str],
    person: str = "",
) -> Mapping[str, Ruling]:
    """By criterion, what holds instead of a score that code or a model made.

    A dispute that was decided with other points counts for any criterion, an instructor's rating
    for those that people are to rate and for those that need a judge. Of several the latest counts,
    and a dispute before any rating. `about` has whose score each version is, "" for that of the
    session as a whole: a dispute counts for the score of whoever it was about, which is `person`.
    """
    open_to_rating = {one.id for one in criteria if one.kind in ("human", "judged")}
    found = {
        one.criterion: Ruling(points=one.points, after=RATING)
        for one in ratings
        if one.source == "instructor" and one.criterion in open_to_rating
    }
    found.update(
        (one.criterion, Ruling(points=one.points, after=DISPUTE))
        for one in disputes
        if one.state == "changed"
        and one.points is not None
        and about.get(one.version, "") == person
    )
    return found
