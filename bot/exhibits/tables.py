"""Any exhibit as a table of strings, and its description in words. Pure.

The table is what people read who cannot see the picture, so it holds everything the picture does.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, assert_never

from adapters.messages import Table
from engine.scenario.exhibits import (
    BarChart,
    Cell,
    Exhibit,
    Lab,
    Media,
    PieChart,
    Radiology,
    TableChart,
    Value,
    Vitals,
)

FLAGS: Final = {
    "": "",
    "L": "low",
    "H": "high",
    "LL": "very low",
    "HH": "very high",
    "A": "abnormal",
}
"""What each flag of a measured value means."""

_ALT_LENGTH = 1000  # characters; the smallest limit of the platforms is 1024
_ALT_ITEMS = 10
_DECIMALS = 6
_PLAIN_FROM, _PLAIN_TO = 1e-6, 1e15  # outside, a figure is written with an exponent


def table_of(exhibit: Exhibit, *, grouped: bool = False) -> Table:
    """The exhibit's content: every row as wide as the header, every cell a string.

    Figures of a column have the same number of decimals. They carry no unit, which stands in the
    header (or, for measured values, in a column of its own), so that they can be read as numbers;
    `grouped` puts commas between thousands, for people only. A figure that is not finite is `n/a`.
    A withheld report is never in it.
    """
    match exhibit:
        case Lab() | Vitals():
            return _measured(exhibit, grouped=grouped)
        case TableChart():
            return _figures(exhibit, grouped=grouped)
        case BarChart():
            values = column_text(exhibit.values, grouped=grouped)
            return _labelled(exhibit, f"Value{_in_brackets(exhibit.unit)}", values)
        case PieChart():
            whole = f"% of {exhibit.total}" if exhibit.total else "%"
            values = column_text(exhibit.values, grouped=grouped)
            return _labelled(exhibit, f"Share ({whole})", values)
        case Media() | Radiology():
            return Table(
                columns=("Kind", "File"),
                rows=((exhibit.kind.capitalize(), exhibit.file),),
                title=exhibit.title,
            )
        case _:
            assert_never(exhibit)


def alt_text(exhibit: Exhibit) -> str:
    """What the exhibit shows, for those who cannot see it: the author's words, else ours.

    At most 1000 characters, never empty; ours say what is there, never what it means.
    """
    return _cut(" ".join((exhibit.alt or _described(exhibit)).split()))


def column_text(cells: Sequence[Cell], *, grouped: bool = False) -> tuple[str, ...]:
    """Cells as text; the figures among them with the same number of decimals."""
    decimals = max((_decimals(cell) for cell in cells), default=0)
    return tuple(_cell(cell, decimals, grouped=grouped) for cell in cells)


def is_figure(cell: Cell) -> bool:
    """Whether a cell is a number rather than words."""
    return not isinstance(cell, str)


def _measured(exhibit: Lab | Vitals, *, grouped: bool) -> Table:
    first = "Test" if isinstance(exhibit, Lab) else "Sign"
    columns = (first, "Value", "Unit", "Reference", "Flag")
    rows = [
        (row.name, column_text((row.value,), grouped=grouped)[0], row.unit, row.ref, _flag(row))
        for row in exhibit.rows
    ]
    # A column that is empty all the way down is left out: phones are narrow.
    kept = [index for index in range(len(columns)) if index < 2 or any(row[index] for row in rows)]
    return Table(
        columns=tuple(columns[index] for index in kept),
        rows=tuple(tuple(row[index] for index in kept) for row in rows),
        title=exhibit.title,
    )


def _flag(row: Value) -> str:
    return f"{row.flag} ({FLAGS[row.flag]})" if row.flag else ""


def _figures(exhibit: TableChart, *, grouped: bool) -> Table:
    width = len(exhibit.columns)
    cells = [[*row, *[""] * width][:width] for row in exhibit.rows]
    by_column = [[row[index] for row in cells] for index in range(width)]
    texts = [column_text(column, grouped=grouped) for column in by_column]
    heads = [
        f"{head}{_in_brackets(exhibit.unit)}" if _takes_unit(head, column) else head
        for head, column in zip(exhibit.columns, by_column, strict=True)
    ]
    return Table(columns=tuple(heads), rows=tuple(zip(*texts, strict=True)), title=exhibit.title)


def _takes_unit(head: str, column: Iterable[Cell]) -> bool:
    # A head that names a unit of its own, as `Share (%)`, keeps it.
    own = "(" in head or "%" in head
    return not own and all(is_figure(cell) or cell in ("", "-", "n/a") for cell in column)


def _labelled(exhibit: BarChart | PieChart, head: str, values: tuple[str, ...]) -> Table:
    return Table(
        columns=("Label", head),
        rows=tuple(zip(exhibit.labels, values, strict=False)),
        title=exhibit.title,
    )


def _in_brackets(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _described(exhibit: Exhibit) -> str:
    match exhibit:
        case Lab() | Vitals():
            what = "Laboratory results" if isinstance(exhibit, Lab) else "Vital signs"
            return f"{what}, {exhibit.title}: {_some([_value_words(row) for row in exhibit.rows])}."
        case TableChart():
            rows = [str(row[0]) for row in exhibit.rows if row]
            return (
                f"Table, {exhibit.title}: {_some(exhibit.columns)}; "
                f"{len(exhibit.rows)} rows: {_some(rows)}."
            )
        case BarChart() | PieChart():
            shape = "Bar chart" if isinstance(exhibit, BarChart) else "Pie chart"
            table = table_of(exhibit, grouped=True)
            items = [f"{label} {value}" for label, value in table.rows]
            head = table.columns[1].lower() if not exhibit.unit else table.columns[1]
            return f"{shape}, {exhibit.title}. {head}: {_some(items)}."
        case Radiology():
            return f"Radiology image, {exhibit.title}."
        case Media():
            return f"{exhibit.kind.capitalize()}, {exhibit.title}."
        case _:
            assert_never(exhibit)


def _value_words(row: Value) -> str:
    words = f"{row.name} {column_text((row.value,), grouped=True)[0]} {row.unit}".strip()
    return f"{words} ({FLAGS[row.flag]})" if row.flag else words


def _some(items: Sequence[str]) -> str:
    if len(items) <= _ALT_ITEMS:
        return ", ".join(items)
    return f"{', '.join(items[:_ALT_ITEMS])} and {len(items) - _ALT_ITEMS} more"


def _cut(text: str) -> str:
    if len(text) <= _ALT_LENGTH:
        return text
    return f"{text[: _ALT_LENGTH - 1].rsplit(' ', 1)[0]}…"


def _decimals(cell: Cell) -> int:
    if isinstance(cell, str) or not _is_plain(cell):
        return 0
    exponent = Decimal(str(cell)).normalize().as_tuple().exponent
    return min(_DECIMALS, max(0, -exponent)) if isinstance(exponent, int) else 0


def _cell(cell: Cell, decimals: int, *, grouped: bool) -> str:
    if isinstance(cell, str):
        return cell
    if not _is_plain(cell):
        # A float would overflow with a very long integer.
        return str(Decimal(f"{Decimal(cell):.6g}").normalize()).lower()
    return f"{float(cell):z{',' if grouped else ''}.{decimals}f}"


def _is_plain(figure: float) -> bool:
    return figure == 0 or _PLAIN_FROM <= abs(figure) < _PLAIN_TO
