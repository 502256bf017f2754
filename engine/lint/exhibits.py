"""Exhibits: figures add up, notation is one, and each can be reached."""

import math
import re
from collections.abc import Iterable, Iterator

from engine.lint.parts import error, released, texts_of, warning
from engine.problems import Finding, Where, shown
from engine.scenario import Scenario
from engine.scenario.exhibits import BarChart, Cell, PieChart, TableChart

_CURRENCY = re.compile(r"[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|JPY|INR)\b")
_AMOUNT = re.compile(
    r"\(?[-+\u2212]?\s*(?P<before>[$€£¥₹]?)\s*[-+\u2212]?\d[\d,. ]*"
    r"\s*(?P<size>[KkMmB]|bn|mn|Mn|Bn|MM)?\s*(?P<after>[%€£]?)\)?"
)
_UNIT_SIZE = re.compile(r"[$€£¥₹]\s?(?P<size>K|k|M|m|B|bn|mn|Mn|Bn|MM)\b")
_CURRENCY_NAMES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_AMOUNT_LENGTH = 40
_ALT_ENOUGH = 20
_SHOWN = frozenset({"image", "audio", "video", "radiology", "chart"})


def charts(scenario: Scenario) -> Iterator[Finding]:
    """Pies sum to 100, every label has its value, every row is as wide as the table."""
    for at, exhibit in enumerate(scenario.exhibits):
        here: Where = ("exhibits", at)
        if isinstance(exhibit, BarChart | PieChart) and len(exhibit.labels) != len(exhibit.values):
            told = f"{len(exhibit.labels)} labels, {len(exhibit.values)} values: one value a label"
            yield error((*here, "values"), told)
        if isinstance(exhibit, PieChart):
            total = math.fsum(exhibit.values)
            if abs(total - 100) > 0.01:
                told = f"the values sum to {total:g}, not 100: mend the shares"
                yield error((*here, "values"), told)
        if isinstance(exhibit, TableChart):
            for row_at, row in enumerate(exhibit.rows):
                if len(row) != len(exhibit.columns):
                    told = f"{len(row)} cells under {len(exhibit.columns)} columns"
                    yield error(
                        (*here, "rows", row_at),
                        f"{told}: inside […] an unquoted comma begins a new cell",
                    )


def notation(scenario: Scenario) -> Iterator[Finding]:
    """One currency in a chart, and amounts of a row or a column written alike."""
    for at, exhibit in enumerate(scenario.exhibits):
        if not isinstance(exhibit, TableChart | BarChart | PieChart):
            continue
        here: Where = ("exhibits", at)
        written = exhibit.model_dump(
            include={"title", "caption", "columns", "labels", "rows", "unit", "total"}
        )
        texts = [text for _, text in texts_of(written, ())]
        found = {mark for text in texts for mark in _CURRENCY.findall(text)}
        currencies = sorted({_CURRENCY_NAMES.get(mark, mark) for mark in found})
        if len(currencies) > 1:
            yield error(here, f"several currencies, {' and '.join(currencies)}: keep to one")
        if isinstance(exhibit, TableChart):
            yield from _alike(exhibit, here)


def _alike(table: TableChart, here: Where) -> Iterator[Finding]:
    styles = [[_style(cell) for cell in row] for row in table.rows]
    columns = list(zip(*styles, strict=False))
    if not (all(map(_one, styles)) or all(map(_one, columns))):
        told = "amounts mix currency, percent or K/M/B notation within rows and columns"
        yield error((*here, "rows"), f"{told}: write one column or one row alike")
    unit = _UNIT_SIZE.search(table.unit)
    sizes = {style[1] for row in styles for style in row if style and style[1]}
    if unit and sizes - {_size(unit["size"])}:
        told = f"cells in {', '.join(sorted(sizes))} under the unit {shown(table.unit)}"
        yield error((*here, "unit"), f"{told}: keep to one")


def _one(styles: Iterable[tuple[str, str, str] | None]) -> bool:
    return len({style for style in styles if style is not None}) <= 1


def _style(cell: Cell) -> tuple[str, str, str] | None:
    """How an amount is written: currency, size, percent; None for what is no amount."""
    found = _AMOUNT.fullmatch(str(cell).strip()[:_AMOUNT_LENGTH])
    if found is None:
        return None
    after = found["after"]
    currency = found["before"] or (after if after != "%" else "")
    return currency, _size(found["size"] or ""), "%" if after == "%" else ""


def _size(letter: str) -> str:
    return {"mn": "M", "Mn": "M", "MM": "M", "bn": "B", "Bn": "B"}.get(letter, letter)


def reachable(scenario: Scenario) -> Iterator[Finding]:
    """No more exhibits on asking than the limit gives; the others have something to bring them."""
    asked = [one.id for one in scenario.exhibits if one.release == "on_ask"]
    if len(asked) > scenario.limits.exhibits:
        told = f"{len(asked)} exhibits on asking, but `limits: exhibits` is"
        yield error(("limits", "exhibits"), f"{told} {scenario.limits.exhibits}: raise it")
    by_action = {id_ for path, id_ in released(scenario) if path[0] == "actions"}
    by_cue = {id_ for path, id_ in released(scenario) if path[0] == "cues"}
    reads = {action.reads for action in scenario.actions}
    for at, exhibit in enumerate(scenario.exhibits):
        here: Where = ("exhibits", at, "release")
        if exhibit.release == "on_action" and exhibit.id not in by_action:
            yield error(here, f"no action releases {shown(exhibit.id)}: name it in `releases`")
        if exhibit.release == "on_cue" and exhibit.id not in by_cue:
            yield error(here, f"no cue releases {shown(exhibit.id)}: name it in `releases`")
        withheld = exhibit.kind == "radiology" and exhibit.withhold_report
        if withheld and exhibit.id not in reads:
            told = f"no action `reads` {shown(exhibit.id)}, so its report never opens"
            yield warning(("exhibits", at, "withhold_report"), told)


def alternatives(scenario: Scenario) -> Iterator[Finding]:
    """What is seen or heard is also described."""
    for at, exhibit in enumerate(scenario.exhibits):
        if exhibit.kind in _SHOWN and len(exhibit.alt.strip()) < _ALT_ENOUGH:
            told = "no alt text" if not exhibit.alt.strip() else "very short alt text"
            yield warning(("exhibits", at, "alt"), f"{told}: say what it shows, not what it means")


RULES = (charts, notation, reachable, alternatives)
