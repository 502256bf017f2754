"""Exhibits as pictures: bars and slices, and the entry for every kind that is drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from bot.exhibits.drawing import (
    BODY,
    MARGIN,
    PALETTE,
    PAPER,
    ROOM,
    RULE,
    SMALL,
    SOFT,
    TITLE,
    WIDTH,
    Ruler,
    Sheet,
    ink_on,
    line_height,
)
from bot.exhibits.grid import draw_table, draw_values
from bot.exhibits.scores import ScorePicture, draw_scores
from bot.exhibits.tables import column_text
from engine.scenario.exhibits import BarChart, Lab, PieChart, TableChart, Vitals

Drawable = Lab | Vitals | TableChart | BarChart | PieChart | ScorePicture
"""What is drawn: scores, and the exhibits that do not bring their own file."""

MOST_BARS: Final = 30
"""Bars a picture shows; the table has them all."""
_GUTTER = 340  # pixels at most for the names of lying bars
_STANDING = 8  # at most so many bars stand upright, and only when their names are short
_STANDING_HEIGHT = 440
_RADIUS = 250
_HUGE = 1e100  # a scale goes no further, so that no sum of floats overflows
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def png_of(exhibit: Drawable) -> bytes:
    """The exhibit as a PNG, 1000 pixels wide and as high as it needs.

    The same bytes for the same exhibit, whatever the machine's matplotlib settings are. Takes a
    good part of a second, and matplotlib is not safe in several threads: see `pictures`.
    """
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        sheet = Sheet()
        if isinstance(exhibit, ScorePicture):
            draw_scores(sheet, exhibit)
            return sheet.png()
        sheet.paragraph(exhibit.title, TITLE, bold=True)
        _draw(sheet, exhibit)
        sheet.paragraph(exhibit.caption, SMALL, colour=SOFT)
        return sheet.png()


def _draw(sheet: Sheet, exhibit: Lab | Vitals | TableChart | BarChart | PieChart) -> None:
    match exhibit:
        case Lab() | Vitals():
            draw_values(sheet, exhibit)
        case TableChart():
            draw_table(sheet, exhibit)
        case BarChart():
            _bars(sheet, exhibit)
        case PieChart():
            _pie(sheet, exhibit)
        case _:
            assert_never(exhibit)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bars:
    """Names, figures and their words, all of one length; `unit` of the axis."""

    names: tuple[str, ...]
    values: tuple[float, ...]
    words: tuple[str, ...]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """Where values stand along an axis: pixels = zero + value * step."""

    zero: float
    step: float
    ticks: tuple[float, ...]
    words: tuple[str, ...]

    def at(self, value: float) -> float:
        return self.zero + value * self.step


def _bars(sheet: Sheet, exhibit: BarChart) -> None:
    count = min(len(exhibit.labels), len(exhibit.values))
    shown = min(count, MOST_BARS)
    if not shown:
        return
    bars = _Bars(
        names=exhibit.labels[:shown],
        values=tuple(max(-_HUGE, min(_HUGE, one)) for one in exhibit.values[:shown]),
        words=column_text(exhibit.values[:count], grouped=True)[:shown],
        unit=exhibit.unit,
    )
    sheet.y += 8
    if _can_stand(sheet.ruler, bars):
        _standing(sheet, bars)
    else:
        _lying(sheet, bars)
    if count > shown:
        sheet.paragraph(f"and {count - shown} more bars in the table", SMALL, colour=SOFT)


def _can_stand(ruler: Ruler, bars: _Bars) -> bool:
    slot = (ROOM - 130) / max(1, len(bars.names)) - 12
    texts = (*bars.names, *bars.words)
    return len(bars.names) <= _STANDING and all(
        ruler.width(one, bold=True) <= slot for one in texts
    )


def _lying(sheet: Sheet, bars: _Bars) -> None:
    """Bars from left to right, their names in a gutter at the left."""
    names = [sheet.ruler.wrapped(name, _GUTTER, most=3) for name in bars.names]
    gutter = max(sheet.ruler.width(line) for lines in names for line in lines)
    left, right = MARGIN + gutter + 18, WIDTH - MARGIN
    row = max(map(len, names)) * line_height(BODY) + 22
    scale = _lying_scale(sheet.ruler, bars, left, right)
    top, bottom = sheet.y, sheet.y + row * len(names)
    for tick, words in zip(scale.ticks, scale.words, strict=True):
        sheet.box(scale.at(tick) - 1, top, 2, bottom - top + 8, RULE)
        sheet.words(words, scale.at(tick), bottom + 28, SMALL, colour=SOFT, align="center")
    for number, lines in enumerate(names):
        middle = top + row * (number + 0.5)
        value, end = bars.values[number], scale.at(bars.values[number])
        thick = min(row * 0.62, 64)
        sheet.lines(lines, left - 18, middle, align="right")
        sheet.box(
            min(scale.zero, end), middle - thick / 2, abs(end - scale.zero), thick, _tone(value)
        )
        width = sheet.ruler.width(bars.words[number], bold=True)
        beside = end + (12 + width / 2) * (1 if value >= 0 else -1)
        _figure(sheet, bars.words[number], beside, middle)
    sheet.box(scale.zero - 1.5, top, 3, bottom - top, SOFT)
    sheet.y = bottom + 52
    if bars.unit:
        sheet.words(bars.unit, (left + right) / 2, sheet.y + 16, BODY, colour=SOFT, align="center")
        sheet.y += 16 + line_height(BODY)


def _lying_scale(ruler: Ruler, bars: _Bars, left: float, right: float) -> _Scale:
    """The scale that leaves room for each figure beside its bar, zero included."""
    widths = [ruler.width(words, bold=True) + 24 for words in bars.words]
    down = [width for width, value in zip(widths, bars.values, strict=True) if value < 0]
    up = [width for width, value in zip(widths, bars.values, strict=True) if value >= 0]
    begin, end = left + max(down, default=12), right - max(up, default=12)
    return _scaled(ruler, bars.values, begin, end)


def _scaled(ruler: Ruler, values: Sequence[float], begin: float, end: float) -> _Scale:
    """A scale from `begin` to `end` pixels over zero and all values; its ticks do not touch."""
    from matplotlib.ticker import MaxNLocator

    low, high = min((0.0, *values)), max((0.0, *values))
    if high - low < 1 / _HUGE:
        high = 1.0
    step = (end - begin) / (high - low)
    ticks: tuple[float, ...] = (0.0,)
    words: tuple[str, ...] = ("0",)
    for most in (6, 5, 4, 3, 2, 1):
        found = MaxNLocator(nbins=most, steps=[1, 2, 5, 10]).tick_values(low, high)
        inside = tuple(float(one) for one in found if low <= one <= high)
        texts = column_text(tuple(float(f"{one:.6g}") for one in inside), grouped=True)
        widest = max((ruler.width(one, SMALL) for one in texts), default=0)
        if len(inside) < 2 or abs(inside[1] - inside[0]) * abs(step) >= widest + 16:
            ticks, words = inside, texts
            break
    return _Scale(zero=begin - low * step, step=step, ticks=ticks, words=words)


def _standing(sheet: Sheet, bars: _Bars) -> None:
    """Upright bars, for a few short names such as years; the unit stands over the axis."""
    if bars.unit:
        sheet.y += line_height(BODY) / 2
        sheet.words(bars.unit, MARGIN, sheet.y, colour=SOFT)
        sheet.y += line_height(BODY) / 2
    line = line_height(BODY)
    top = sheet.y + line + 6
    bottom = top + _STANDING_HEIGHT
    scale = _scaled(sheet.ruler, bars.values, bottom, top)
    gutter = max((sheet.ruler.width(one, SMALL) for one in scale.words), default=0)
    left, right = MARGIN + gutter + 14, WIDTH - MARGIN
    for tick, words in zip(scale.ticks, scale.words, strict=True):
        sheet.box(left, scale.at(tick) - 1, right - left, 2, RULE)
        sheet.words(words, left - 14, scale.at(tick), SMALL, colour=SOFT, align="right")
    slot = (right - left) / len(bars.names)
    # A figure under a bar that goes down needs a line of its own before the names.
    names_at = bottom + line * (1.6 if min(bars.values) < 0 else 0.7)
    for number, name in enumerate(bars.names):
        middle = left + slot * (number + 0.5)
        value, end = bars.values[number], scale.at(bars.values[number])
        wide = min(slot * 0.6, 120)
        sheet.box(
            middle - wide / 2, min(scale.zero, end), wide, abs(end - scale.zero), _tone(value)
        )
        over = end + line * 0.55 if value < 0 else end - line * 0.55
        _figure(sheet, bars.words[number], middle, over)
        sheet.words(name, middle, names_at, align="center")
    sheet.box(left, scale.zero - 1.5, right - left, 3, SOFT)
    sheet.y = names_at + line


def _tone(value: float) -> str:
    return PALETTE[0] if value >= 0 else PALETTE[3]


def _figure(sheet: Sheet, words: str, x: float, y: float) -> None:
    """A bar's figure, on a patch of paper so that no line of the scale runs through it."""
    width, height = sheet.ruler.width(words, bold=True), line_height(BODY) * 0.8
    sheet.box(x - width / 2 - 4, y - height / 2, width + 8, height, PAPER)
    sheet.words(words, x, y, bold=True, align="center")


def _pie(sheet: Sheet, exhibit: PieChart) -> None:
    """Slices clockwise from the top, lettered as the key below them."""
    if exhibit.total:
        sheet.paragraph(f"100 % = {exhibit.total}", colour=SOFT)
    labels = exhibit.labels[: len(exhibit.values)]
    values = exhibit.values[: len(labels)]
    words = column_text(exhibit.values[: len(labels)])
    whole = sum(values)
    middle = sheet.y + _RADIUS + line_height(BODY) + 20
    begin = 0.0
    for number, value in enumerate(values):
        turn = 360 * value / whole if whole else 0.0
        if turn:
            _slice(sheet, number, (begin, begin + turn), middle, f"{words[number]} %")
        begin += turn
    if whole:
        sheet.y = middle + _RADIUS + line_height(BODY) + 12
    for number, label in enumerate(labels):
        _key(sheet, number, label, f"{words[number]} %")
    sheet.y += 8


def _slice(sheet: Sheet, number: int, turn: tuple[float, float], middle: float, share: str) -> None:
    colour, hatch = _look(number)
    sheet.slice(WIDTH / 2, middle, _RADIUS, *turn, colour, hatch)
    angle = math.radians((turn[0] + turn[1]) / 2)
    narrow = turn[1] - turn[0] < 10
    # Letters of narrow neighbours stand at two distances, so that they do not cover one another.
    out = _RADIUS + (24 if not narrow or number % 2 else 56)
    across, up = math.sin(angle), math.cos(angle)
    sheet.words(
        _letter(number), WIDTH / 2 + out * across, middle - out * up, bold=True, align="center"
    )
    if turn[1] - turn[0] >= 32 and not hatch:
        inside = _RADIUS * 0.64
        sheet.words(
            share,
            WIDTH / 2 + inside * across,
            middle - inside * up,
            colour=ink_on(colour),
            bold=True,
            align="center",
        )


def _key(sheet: Sheet, number: int, label: str, share: str) -> None:
    colour, hatch = _look(number)
    side = 34
    right = WIDTH - MARGIN - sheet.ruler.width(share, bold=True)
    lines = sheet.ruler.wrapped(label, right - MARGIN - 130, most=3)
    height = len(lines) * line_height(BODY) + 14
    middle = sheet.y + height / 2
    sheet.box(MARGIN, middle - side / 2, side, side, colour, hatch=hatch)
    sheet.words(_letter(number), MARGIN + 68, middle, bold=True, align="center")
    sheet.lines(lines, MARGIN + 100, middle)
    sheet.words(share, WIDTH - MARGIN, middle, bold=True, align="right")
    sheet.y += height


def _look(number: int) -> tuple[str, str]:
    """Colour and hatching; hatched from the ninth slice on, where colours come again."""
    return PALETTE[number % len(PALETTE)], ("", "//", "xx", "..")[number // len(PALETTE) % 4]


def _letter(number: int) -> str:
    return _LETTERS[number] if number < len(_LETTERS) else str(number + 1)
