"""Tables and charts as Slack draws them itself, where they fit. Pure."""

import re
from typing import Any, Final

from adapters.messages import Chart, Table
from adapters.plain import chart_title, is_number
from adapters.slack.limits import (
    CHART_POINTS,
    CHART_SERIES,
    CHART_TITLE,
    TABLE_CHARS,
    TABLE_COLUMNS,
    TABLE_ROWS,
)
from adapters.text import harmless

Json = dict[str, Any]

_FIGURE: Final = re.compile(r"-?\d+(?:[.,]\d+)?")


def table(shown: Table) -> Json | None:
    """A table block; None for one that is larger than Slack's."""
    rows = (shown.columns, *shown.rows)
    chars = sum(len(cell) for row in rows for cell in row)
    if len(rows) > TABLE_ROWS or len(shown.columns) > TABLE_COLUMNS or chars > TABLE_CHARS:
        return None
    aligned = [
        {"align": "right" if _has_figures(shown, at) else "left", "is_wrapped": True}
        for at in range(len(shown.columns))
    ]
    cells = [[{"type": "raw_text", "text": harmless(cell) or " "} for cell in row] for row in rows]
    return {"type": "table", "rows": cells, "column_settings": aligned}


def chart(shown: Chart) -> Json | None:
    """A chart block; None for one that Slack would refuse."""
    labels = [row[0] for row in shown.table.rows]
    series = [
        [_value(row[at]) for row in shown.table.rows] for at in range(1, len(shown.table.columns))
    ]
    fits = 0 < len(labels) <= CHART_POINTS and 0 < len(series) <= CHART_SERIES
    known = [[value for value in one if value is not None] for one in series]
    if not fits or [len(one) for one in known] != [len(one) for one in series]:
        return None
    if len(set(labels)) != len(labels) or not all(labels):
        return None
    title = chart_title(shown)
    short = title if len(title) <= CHART_TITLE else f"{title[: CHART_TITLE - 1]}…"
    drawn = _pie(labels, known) if shown.shape == "pie" else _axes(shown, labels, known)
    return (
        {"type": "data_visualization", "title": harmless(short), "chart": drawn} if drawn else None
    )


def _pie(labels: list[str], series: list[list[float]]) -> Json | None:
    if len(series) != 1 or len(labels) > CHART_SERIES or min(series[0]) <= 0:
        return None
    return {"type": "pie", "segments": _points(labels, series[0])}


def _axes(shown: Chart, labels: list[str], series: list[list[float]]) -> Json:
    names = shown.table.columns[1:]
    return {
        "type": shown.shape,
        "series": [
            {"name": harmless(name), "data": _points(labels, values)}
            for name, values in zip(names, series, strict=True)
        ],
        "axis_config": {
            "categories": [harmless(label) for label in labels],
            "x_label": harmless(shown.table.columns[0]) or " ",
            "y_label": harmless(shown.unit or names[0]) or " ",
        },
    }


def _points(labels: list[str], values: list[float]) -> list[Json]:
    return [
        {"label": harmless(label), "value": value}
        for label, value in zip(labels, values, strict=True)
    ]


def _value(cell: str) -> float | None:
    found = _FIGURE.search(cell.replace("\N{MINUS SIGN}", "-"))
    return float(found[0].replace(",", ".")) if found else None


def _has_figures(shown: Table, at: int) -> bool:
    return bool(shown.rows) and all(is_number(row[at]) for row in shown.rows)
