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
    WIDTH,
    Align,
    Ruler,
    Sheet,
    line_height,
)
from bot.exhibits.tables import FLAGS, column_text, is_figure, table_of
from engine.scenario.exhibits import Lab, TableChart, Vitals

MOST_ROWS: Final = 40
"""Rows a picture shows; the table has them all."""
_SIZES = (BODY, 20, SMALL, 16, 14)
_GAP = 26  # pixels between columns
_PAD = 12  # pixels above and below a row
_MOST_LINES = 3

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
    aligns = tuple(
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
    grid = _cut(
        [heads[index] for index in kept],
        [tuple(row[index] for index in kept) for row in rows],
        ("left",) * len(kept),
        flags,
    )
    _draw(sheet, grid)
    _note_the_rest(sheet, len(rows))
    used = [flag for flag in ("LL", "L", "H", "HH", "A") if flag in flags]
    meanings = [f"{_SIGNS[flag]} {flag} {FLAGS[flag]}" for flag in used]
    sheet.paragraph("    ".join(meanings), SMALL, colour=SOFT)


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
    """One row. A flagged one is bold in its value and flag; its name stays as it is."""
    wrapped = [
        sheet.ruler.wrapped(cell, width, size, bold=bold, most=_MOST_LINES)
        for cell, width in zip(cells, widths, strict=True)
    ]
    height = max(map(len, wrapped)) * line_height(size) + 2 * _PAD
    if tint:
        sheet.box(MARGIN, sheet.y, ROOM, height, tint)
    x = MARGIN + _PAD
    for lines, width, align in zip(wrapped, widths, aligns, strict=True):
        edge = x + width if align == "right" else x
        sheet.lines(lines, edge, sheet.y + height / 2, size, bold=bold, colour=ink, align=align)
        x += width + _GAP
    sheet.y += height


def _fitting(ruler: Ruler, grid: Grid) -> tuple[int, tuple[float, ...]]:
    """The largest font size at which no word breaks and no cell is cut, and the widths for it."""
    room = WIDTH - 2 * MARGIN - 2 * _PAD - _GAP * (len(grid.heads) - 1)
    for size in _SIZES:
        narrow, natural = _needs(ruler, grid, size)
        if sum(natural) <= room:
            # The first column takes what is left over, so that figures stand at the right edge.
            return size, (natural[0] + room - sum(natural), *natural[1:])
        if sum(narrow) <= room:
            slack = (room - sum(narrow)) / (sum(natural) - sum(narrow))
            widths = tuple(
                least + slack * (most - least) for least, most in zip(narrow, natural, strict=True)
            )
            if _uncut(ruler, grid, size, widths):
                return size, widths
    return size, tuple(max(1.0, room * one / sum(narrow)) for one in narrow)


def _needs(ruler: Ruler, grid: Grid, size: int) -> tuple[list[float], list[float]]:
    """For each column the width of its widest word, and of its widest cell."""
    narrow, natural = [], []
    for cells in zip(grid.heads, *grid.rows, strict=True):
        # Measured bold, since the head is and a flagged row may be; a pixel for rounding.
        natural.append(1 + max(ruler.width(cell, size, bold=True) for cell in cells))
        words = [word for cell in cells for word in cell.split()]
        narrow.append(1 + max((ruler.width(word, size, bold=True) for word in words), default=0))
    return narrow, natural


def _uncut(ruler: Ruler, grid: Grid, size: int, widths: tuple[float, ...]) -> bool:
    return all(
        len(ruler.wrapped(cell, width, size, bold=True)) <= _MOST_LINES
        for row in (grid.heads, *grid.rows)
        for cell, width in zip(row, widths, strict=True)
    )
