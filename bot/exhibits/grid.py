"""Tables and measured values as pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.exhibits.drawing import (
    BAND,
    BODY,
    INK,
    MARGIN,
    ROOM,
    RULE,
    SMALL,
    SOFT,
    Align,
    Ruler,
    Sheet,
    line_height,
)
from bot.exhibits.tables import FLAGS, column_text, is_figure, table_of
from engine.scenario.exhibits import Lab, TableChart, Vitals

MOST_ROWS: Final = 40
"""Rows a picture shows; the table has them all."""
_SIZES = (BODY, 20, SMALL, 16, 14, 12)
_PAD = 12  # pixels above and below a row
_MOST_LINES = 4

# A flag is a sign, letters and a colour; each alone tells it.
_SIGNS = {"L": "▼", "H": "▲", "LL": "▼▼", "HH": "▲▲", "A": "◆"}
_INKS = {"L": "#00507D", "LL": "#00507D", "H": "#A33B00", "HH": "#A33B00", "A": "#7A2F62"}
_TINTS = {"L": "#E1EEF6", "LL": "#C4DFF0", "H": "#FCEADD", "HH": "#F8CFB2", "A": "#F5E4EF"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows of cells, as wide as the header; `flags` marks each row, `""` for none."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: tuple[Align, ...]
    flags: tuple[str, ...]


def draw_table(sheet: Sheet, exhibit: TableChart) -> None:
    """A table of figures, its units in the header."""
    table = table_of(exhibit, grouped=True)
    padded = [[*row, *[""] * len(table.columns)] for row in exhibit.rows]
    aligns: tuple[Align, ...] = tuple(
        "right"
        if index and all(is_figure(row[index]) or not row[index] for row in padded)
        else "left"
        for index in range(len(table.columns))
    )
    _draw(sheet, _cut(table.columns, table.rows, aligns, [""] * len(table.rows)))
    _note_the_rest(sheet, len(table.rows))


def draw_values(sheet: Sheet, exhibit: Lab | Vitals) -> None:
    """Measured values; a row with a flag is tinted and carries the flag's sign and letters."""
    rows = [
        (
            row.name,
            f"{column_text((row.value,), grouped=True)[0]} {row.unit}".strip(),
            row.ref,
            f"{_SIGNS[row.flag]} {row.flag}" if row.flag else "",
        )
        for row in exhibit.rows
    ]
    first = "Test" if isinstance(exhibit, Lab) else "Sign"
    heads = (first, "Value", "Reference", "Flag")
    kept = [index for index in range(4) if index < 2 or any(row[index] for row in rows)]
    flags = [row.flag for row in exhibit.rows]
    aligns: tuple[Align, ...] = tuple("left" for _column in kept)
    grid = _cut(
        [heads[index] for index in kept],
        [tuple(row[index] for index in kept) for row in rows],
        aligns,
        flags,
    )
    _draw(sheet, grid)
    _note_the_rest(sheet, len(rows))
    used = [flag for flag in ("LL", "L", "H", "HH", "A") if flag in flags]
    meanings = [f"{_SIGNS[flag]} {flag} {FLAGS[flag]}" for flag in used]
    sheet.paragraph(" · ".join(meanings), SMALL, colour=SOFT)


def _cut(
    heads: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    aligns: tuple[Align, ...],
    flags: Sequence[str],
) -> Grid:
    return Grid(
        heads=tuple(heads),
        rows=tuple(rows[:MOST_ROWS]),
        aligns=aligns,
        flags=tuple(flags[:MOST_ROWS]),
    )


def _note_the_rest(sheet: Sheet, count: int) -> None:
    if count > MOST_ROWS:
        sheet.paragraph(f"and {count - MOST_ROWS} more rows in the table", SMALL, colour=SOFT)


def _draw(sheet: Sheet, grid: Grid) -> None:
    size, widths = _fitting(sheet.ruler, grid)
    _row(sheet, grid.heads, widths, grid.aligns, size, bold=True, tint="", ink=INK)
    sheet.box(MARGIN, sheet.y - 2, ROOM, 3, INK)
    for number, (row, flag) in enumerate(zip(grid.rows, grid.flags, strict=True)):
        tint = _TINTS.get(flag) or (BAND if number % 2 else "")
        _row(
            sheet,
            row,
            widths,
            grid.aligns,
            size,
            bold=bool(flag),
            tint=tint,
            ink=_INKS.get(flag, INK),
        )
    sheet.box(MARGIN, sheet.y, ROOM, 2, RULE)
    sheet.y += 14


def _row(
    sheet: Sheet,
    cells: tuple[str, ...],
    widths: tuple[float, ...],
    aligns: tuple[Align, ...],
    size: int,
    *,
    bold: bool,
    tint: str,
    ink: str,
) -> None:
    wrapped = [
        sheet.ruler.wrapped(cell, width, size, bold=bold, most=_MOST_LINES)
        for cell, width in zip(cells, widths, strict=True)
    ]
    height = max(map(len, wrapped)) * line_height(size) + 2 * _PAD
    if tint:
        sheet.box(MARGIN, sheet.y, ROOM, height, tint)
    x = float(MARGIN + _PAD)
    for lines, width, align in zip(wrapped, widths, aligns, strict=True):
        edge = x + width if align == "right" else x
        sheet.lines(lines, edge, sheet.y + height / 2, size, bold=bold, colour=ink, align=align)
        x += width + _gap(len(cells))
    sheet.y += height


def _gap(columns: int) -> int:
    """Pixels between columns."""
    return 26 if columns <= 4 else 16


def _fitting(ruler: Ruler, grid: Grid) -> tuple[int, tuple[float, ...]]:
    """A font size and the column widths for it.

    The largest size at which no word breaks and no cell is cut; the smallest, where none is.
    """
    count = len(grid.heads)
    room = ROOM - 2 * _PAD - _gap(count) * (count - 1)
    for size in _SIZES:
        narrow, natural = _needs(ruler, grid, size)
        widths = _spread(room, narrow, natural)
        if widths and _uncut(ruler, grid, size, widths):
            return size, widths
    return _SIZES[-1], widths or tuple(max(1.0, room * least / sum(narrow)) for least in narrow)


def _spread(
    room: float, narrow: Sequence[float], natural: Sequence[float]
) -> tuple[float, ...] | None:
    """Widths that fill the room, none below its widest word; None where there is no such."""
    first = room - sum(natural[1:])
    if first >= narrow[0]:
        # The names wrap first and take what is left over: figures stay whole, at the right edge.
        return (first, *natural[1:])
    if sum(narrow) > room:
        return None
    slack = (room - sum(narrow)) / (sum(natural) - sum(narrow))
    return tuple(
        least + slack * (most - least) for least, most in zip(narrow, natural, strict=True)
    )


def _needs(ruler: Ruler, grid: Grid, size: int) -> tuple[list[float], list[float]]:
    """For each column the width of its widest word, and of its widest cell."""
    narrow, natural = [0.0] * len(grid.heads), [0.0] * len(grid.heads)
    for row, bold in _lined(grid):
        for column, cell in enumerate(row):
            words = [ruler.width(word, size, bold=bold) for word in cell.split()]
            narrow[column] = max(narrow[column], 1 + max(words, default=0))
            natural[column] = max(natural[column], 1 + ruler.width(cell, size, bold=bold))
    return narrow, natural


def _uncut(ruler: Ruler, grid: Grid, size: int, widths: tuple[float, ...]) -> bool:
    return all(
        len(ruler.wrapped(cell, width, size, bold=bold)) <= _MOST_LINES
        for row, bold in _lined(grid)
        for cell, width in zip(row, widths, strict=True)
    )


def _lined(grid: Grid) -> list[tuple[tuple[str, ...], bool]]:
    """The header and every row, with whether it is written bold."""
    rows = zip(grid.rows, map(bool, grid.flags), strict=True)
    return [(grid.heads, True), *rows]
