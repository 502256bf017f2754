"""How assessing can fail."""

from typing import ClassVar

from engine.errors import SimulationError


class NoEvaluation(SimulationError):
    """The session was never scored, or not in that version."""

    code: ClassVar[str] = "no_evaluation"


class UnknownCriterion(SimulationError):
    """The rubric has no such criterion."""

    code: ClassVar[str] = "unknown_criterion"


class BadRating(SimulationError):
    """The points are not among those that the criterion gives."""

    code: ClassVar[str] = "bad_rating"

    def __init__(self, criterion: str, highest: int) -> None:
        super().__init__(f"{criterion} takes 0 to {highest}")
        self.criterion = criterion
        self.highest = highest


class NoDispute(SimulationError):
    """There is no such dispute."""

    code: ClassVar[str] = "no_dispute"


class DisputeClosed(SimulationError):
    """Somebody decided on it already."""

    code: ClassVar[str] = "dispute_closed"


class AlreadyDisputed(SimulationError):
    """This person's dispute of the criterion is still open."""

    code: ClassVar[str] = "already_disputed"


class NoReason(SimulationError):
    """A dispute says why."""

    code: ClassVar[str] = "no_reason"


class NoTurn(SimulationError):
    """The trainee has no such turn; `last` is how many there are."""

    code: ClassVar[str] = "no_turn"

    def __init__(self, last: int) -> None:
        super().__init__(f"turns 1 to {last}")
        self.last = last
