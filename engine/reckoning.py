"""Reckoning with exhibits: formulas over their figures, and numbers as people say them. Pure.

A formula is arithmetic over numbers and figures of exhibits, as
`pnl[Operating profit, 2024] - pnl[Operating profit, 2025]`; a bar or a slice has one name. A name
with a comma stands in quotes.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.scenario import Scenario
from engine.scenario.exhibits import BarChart, Exhibit, PieChart, TableChart
from engine.words import normal


class BadFormula(ValueError):
    """A formula that cannot be worked out; the text says why."""


_NAME = r"\s*(?:\"[^\"]+\"|[^\],\"]+)\s*"
_FIGURE = re.compile(rf"([a-z][a-z0-9_-]*)\[({_NAME})(?:,({_NAME}))?\]")
_OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def value_of(formula: str, scenario: Scenario) -> float:
    """What a formula comes to with the figures of the scenario's exhibits.

    Raises:
        BadFormula: it is no arithmetic, or names a figure that no exhibit has.
    """
    exhibits = {one.id: one for one in scenario.exhibits}

    def figure(found: re.Match[str]) -> str:
        exhibit = exhibits.get(found[1])
        if exhibit is None:
            raise BadFormula(f"there is no exhibit `{found[1]}`")
        row, column = ((name or "").strip().strip('"') for name in found.groups()[1:])
        return repr(_figure(exhibit, row, column))

    text = _FIGURE.sub(figure, formula)
    try:
        value = _worked_out(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError, OverflowError, RecursionError) as error:
        raise BadFormula(f"it cannot be worked out: {type(error).__name__}") from None
    if not math.isfinite(value):
        raise BadFormula("it comes to no number")
    return value


def _worked_out(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_worked_out(left), _worked_out(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_worked_out(operand)
        case _:
            raise BadFormula("only numbers, figures of exhibits, + - * / and brackets are known")


def _figure(exhibit: Exhibit, row: str, column: str) -> float:
    if isinstance(exhibit, BarChart | PieChart) and not column:
        named = dict(zip(exhibit.labels, exhibit.values, strict=False))
        if row in named:
            return float(named[row])
    if isinstance(exhibit, TableChart) and column in exhibit.columns[1:]:
        at = exhibit.columns.index(column)
        for cells in exhibit.rows:
            if str(cells[0]) == row and at < len(cells) and isinstance(cells[at], int | float):
                return float(cells[at])
    place = f"{row}, {column}" if column else row
    raise BadFormula(f"`{exhibit.id}` has no figure [{place}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A number that somebody said.

    `scale` is None where none was said. `money`: it stands with a currency, as in "$3.4", so that
    the scale of an exhibit may be meant; "2.0 from online" may be anything.
    """

    value: float
    scale: float | None
    percent: bool
    money: bool


_SCALES: Final = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
}
_PERCENT: Final = r"%|percent\b|per cent\b|percentage points?\b|points?\b"
_DIGITS: Final = re.compile(
    r"(?<![\w.,])(?P<money>[$\u20ac\u00a3])?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*-?"
    rf"(?:(?P<percent>{_PERCENT})|(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})\b)?"
    r"(?![\d])",
    re.IGNORECASE,
)
_SMALL_WORDS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS_WORDS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL: Final = {word: number for number, word in enumerate(_SMALL_WORDS.split())}
_TENS: Final = {word: 10 * number for number, word in enumerate(_TENS_WORDS.split(), start=2)}
_NUMBER_WORD: Final = "|".join((*_SMALL, *_TENS, "hundred", "half"))
_SPELLED: Final = re.compile(
    rf"\b(?P<words>(?:{_NUMBER_WORD})(?: (?:and |point )?(?:{_NUMBER_WORD}))*)"
    rf"(?: (?:(?P<percent>percent|per cent|percentage points?|points?)|"
    rf"(?P<scale>{'|'.join(_SCALES)})))?\b"
)


def mentions(text: str) -> Iterator[Mention]:
    """The numbers in a text, in digits or in words."""
    for found in _DIGITS.finditer(text):
        yield Mention(
            value=float(found["number"].replace(",", "")),
            scale=_SCALES.get((found["scale"] or "").lower()),
            percent=found["percent"] is not None,
            money=found["money"] is not None,
        )
    for found in _SPELLED.finditer(normal(text)):
        value = _spelled(found["words"].split())
        if value is not None:
            yield Mention(
                value=value,
                scale=_SCALES.get(found["scale"] or ""),
                percent=found["percent"] is not None,
                money=False,
            )


def _spelled(words: list[str]) -> float | None:
    """Words as a number below a thousand, as `fifty three` or `three point four`."""
    if "point" in words:
        at = words.index("point")
        whole, digits = _spelled(words[:at]), [_SMALL.get(word, 99) for word in words[at + 1 :]]
        if whole is None or not digits or max(digits) > 9:
            return None
        return float(f"{whole:g}.{''.join(map(str, digits))}")
    value = 0.0
    for word in words:
        if word == "hundred":
            value = max(1.0, value) * 100
        elif word == "half":
            return 0.5 if len(words) == 1 else None
        elif word != "and":
            value += _SMALL.get(word, _TENS.get(word, 0))
    return value


def comes_to(mention: Mention, value: float, *, unit: str, within: float) -> bool:
    """Whether a number that was said is the value that was wanted.

    `unit` is `percent`, or what one of the value stands for: ``, `thousand`, `million`, `billion`.
    Whoever says no scale means that of the exhibit. Signs do not count: a fall is said as a number.
    `within` is the share by which it may be off, for rounding.
    """
    if mention.percent != (unit == "percent"):
        return False
    scale = _SCALES.get(unit, 1.0)
    # "$3.4" beside an exhibit in millions is 3.4 million, and "3,400,000" is what it says.
    scales: tuple[float, ...] = (1.0, scale) if mention.money else (1.0,)
    if mention.scale is not None:
        scales = (mention.scale,)
    return any(
        math.isclose(abs(mention.value * one), abs(value * scale), rel_tol=within, abs_tol=1e-9)
        for one in scales
    )
