"""The score card as a picture: what each criterion got of what it gives, and what nobody scored."""

from dataclasses import dataclass
from typing import Final, Literal

from bot.exhibits.drawing import (
    BAND,
    BODY,
    MARGIN,
    PALETTE,
    RULE,
    SMALL,
    SOFT,
    TITLE,
    WIDTH,
    Sheet,
    line_height,
)

_LABELS: Final = 500  # pixels for the labels
_BARS: Final = 260  # pixels of a bar of all points
_FULL, _PART, _NONE = PALETTE[2], PALETTE[0], PALETTE[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBar:
    """One criterion; `points` None where it was not scored."""

    label: str
    points: int | None
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePicture:
    """All criteria, in order. `under` is what the title leaves to say."""

    title: str
    bars: tuple[ScoreBar, ...]
    under: str = ""
    id: str = "scores"
    kind: Literal["scores"] = "scores"


def draw_scores(sheet: Sheet, picture: ScorePicture) -> None:
    """A line a criterion: label, bar, points. A bar's length tells what its colour does."""
    sheet.paragraph(picture.title, TITLE, bold=True)
    sheet.paragraph(picture.under, SMALL, colour=SOFT)
    sheet.y += 6
    for number, bar in enumerate(picture.bars):
        lines = sheet.ruler.wrapped(bar.label, _LABELS, SMALL, most=2)
        height = len(lines) * line_height(SMALL) + 18
        if number % 2 == 0:
            sheet.box(MARGIN - 12, sheet.y, WIDTH - 2 * MARGIN + 24, height, BAND)
        middle = sheet.y + height / 2
        sheet.lines(lines, MARGIN, middle, SMALL)
        _bar(sheet, bar, middle)
        sheet.y += height


def _bar(sheet: Sheet, bar: ScoreBar, middle: float) -> None:
    left, right = MARGIN + _LABELS + 24, WIDTH - MARGIN
    if bar.points is None:
        sheet.words("not scored", right, middle, SMALL, colour=SOFT, align="right")
        return
    thick = line_height(BODY) * 0.55
    share = bar.points / bar.most if bar.most else 0.0
    sheet.box(left, middle - thick / 2, _BARS, thick, RULE)
    colour = _FULL if bar.points >= bar.most else _PART
    # No points are a mark too, so that nobody takes an empty bar for one that was not drawn.
    sheet.box(left, middle - thick / 2, max(6, share * _BARS), thick, colour if share else _NONE)
    words = f"{bar.points} of {bar.most}"
    sheet.words(words, right, middle, SMALL, bold=True, align="right")
