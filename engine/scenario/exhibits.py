"""Exhibits: what is shown rather than said."""

from typing import Annotated, Literal

from pydantic import Field

from engine.scenario.base import FileName, IntentId, Line, Lines, Part, Slug

Release = Literal["at_start", "on_ask", "on_action", "on_cue", "instructor"]
Cell = str | int | float


class ExhibitPart(Part):
    """What every exhibit has."""

    id: Slug
    title: Line
    release: Release = "on_ask"
    delay_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    asks: Lines = Field(default=(), description="Example requests for it.")
    intent: IntentId | None = None
    alt: str = Field(
        default="", description="What it shows, for those who cannot see it. Not what it means."
    )
    caption: str = ""


class Media(ExhibitPart):
    """A file of the scenario's `media/` folder."""

    kind: Literal["image", "audio", "video", "document"]
    file: FileName


class Radiology(ExhibitPart):
    """An image with a report, which may wait until the trainee commits to a reading."""

    kind: Literal["radiology"]
    file: FileName
    report: Line
    withhold_report: bool = True


class Value(Part):
    """One measured value."""

    name: Line
    value: Cell
    unit: str = ""
    ref: str = ""
    flag: Literal["", "L", "H", "LL", "HH", "A"] = ""


class Lab(ExhibitPart):
    """Laboratory results."""

    kind: Literal["lab"]
    rows: Annotated[tuple[Value, ...], Field(min_length=1)]


class Vitals(ExhibitPart):
    """Vital signs at one moment."""

    kind: Literal["vitals"]
    rows: Annotated[tuple[Value, ...], Field(min_length=1)]


class TableChart(ExhibitPart):
    """A table of figures."""

    kind: Literal["chart"]
    chart: Literal["table"]
    columns: Annotated[tuple[Line, ...], Field(min_length=1)]
    rows: Annotated[tuple[tuple[Cell, ...], ...], Field(min_length=1)]
    unit: str = ""


class BarChart(ExhibitPart):
    """One bar a label."""

    kind: Literal["chart"]
    chart: Literal["bar"]
    labels: Annotated[tuple[Line, ...], Field(min_length=1)]
    values: tuple[float, ...]
    unit: str = ""


class PieChart(ExhibitPart):
    """Shares of a whole, in per cent; they sum to 100."""

    kind: Literal["chart"]
    chart: Literal["pie"]
    labels: Annotated[tuple[Line, ...], Field(min_length=2)]
    values: tuple[Annotated[float, Field(ge=0, le=100)], ...]
    unit: Literal["%"] = "%"
    total: str = Field(default="", description="What 100 % is, as `$48M revenue`.")


Chart = Annotated[TableChart | BarChart | PieChart, Field(discriminator="chart")]
Exhibit = Annotated[Media | Radiology | Lab | Vitals | Chart, Field(discriminator="kind")]
