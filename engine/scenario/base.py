"""What every part of a scenario file shares: strictness, ids and text."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$", max_length=60)
]
"""An id: lower case letters and digits, parts joined by `_` or `-`."""

IntentId = Annotated[str, StringConstraints(pattern=r"^[a-z_]+/[a-z0-9_.]+$", max_length=80)]
"""An intent of a shared pack, as `clinical/pain.radiation`."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""Words somebody reads or hears; never empty."""

FileName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)
]
"""The name of a file in the scenario's `media/` folder: no path, no leading dot."""

LocalTime = Annotated[str, StringConstraints(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$")]
"""A wall-clock time of the sandbox world, `HH:MM`."""

LocalDate = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""A date of the sandbox world, `YYYY-MM-DD`."""

LocalStart = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d$")
]
"""A moment of the sandbox world, `YYYY-MM-DDTHH:MM`, in the world's own time."""

Moves = dict[Slug, int]
"""Changes of state variables, as `{trust: 1, mood: -1}`."""

Lines = tuple[Line, ...]


class Part(BaseModel):
    """A part of a scenario: frozen, and strict about keys it does not know."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


class Bounds(Part):
    """A closed interval; either end may be left open."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        """Whether `value` lies in the interval."""
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )


Minutes = Annotated[float, Field(ge=0, le=600)]
