"""A sheet of paper for pictures: texts, boxes and slices placed in pixels, drawn to PNG.

Pictures are 1000 pixels wide and shown at about a third of that on a phone, so that the body size
of 22 points still reads there. Nothing here uses pyplot, whose global state is not safe to share.
"""

from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from matplotlib.artist import Artist

WIDTH: Final = 1000  # pixels
MARGIN: Final = 36  # pixels
ROOM: Final = WIDTH - 2 * MARGIN
TITLE, BODY, SMALL = 26, 22, 18  # points

PAPER, INK, SOFT, RULE, BAND = "#FFFFFF", "#1A1A1A", "#555555", "#C8CDD2", "#F3F5F7"
PALETTE: Final = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#7F7F7F",
)  # fmt: skip
"""Okabe and Ito's colours, told apart with every common kind of colour blindness."""

_DPI = 100
_LINE = 1.3  # height of a line, in font sizes
_FONT = "DejaVu Sans"  # comes with matplotlib, so that every machine draws the same
_MORE = "…"
_LACKING = "□"

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    text: str
    x: float
    y: float
    size: int
    colour: str
    bold: bool
    align: Align


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    colour: str
    hatch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slice:
    x: float
    y: float
    radius: float
    begin: float
    end: float
    colour: str
    hatch: str


class Ruler:
    """Measures and wraps text as it is going to be drawn."""

    def __init__(self) -> None:
        from matplotlib.font_manager import FontProperties

        self._font = partial(FontProperties, family=_FONT)
        self._renderer = _agg().RendererAgg(1, 1, _DPI)
        self._drawn = _letters(bold=False) & _letters(bold=True)

    def legible(self, text: str) -> str:
        """The text on one line; a letter that the font lacks becomes an empty square."""
        return "".join(
            letter if ord(letter) in self._drawn else _LACKING for letter in " ".join(text.split())
        )

    def width(self, text: str, size: int = BODY, *, bold: bool = False) -> float:
        """Pixels that one line of text takes."""
        font = self._font(size=size, weight="bold" if bold else "normal")
        width, _height, _descent = self._renderer.get_text_width_height_descent(
            self.legible(text), font, ismath=False
        )
        return float(width)

    def wrapped(
        self, text: str, room: float, size: int = BODY, *, bold: bool = False, most: int = 0
    ) -> tuple[str, ...]:
        """The text in lines no wider than `room` pixels; at least one, at most `most`.

        A word that is too wide by itself is broken. What does not fit any more ends in `…`.
        """
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer, size, bold=bold) <= room:
                lines[-1] = longer
                continue
            pieces = self._broken(word, room, size, bold=bold)
            lines = [*(line for line in lines if line), *pieces]
        if most and len(lines) > most:
            lines = [*lines[: most - 1], self._shortened(lines[most - 1], room, size, bold=bold)]
        return tuple(lines)

    def _broken(self, word: str, room: float, size: int, *, bold: bool) -> list[str]:
        pieces = [""]
        for letter in word:
            if pieces[-1] and self.width(pieces[-1] + letter, size, bold=bold) > room:
                pieces.append(letter)
            else:
                pieces[-1] += letter
        return pieces

    def _shortened(self, line: str, room: float, size: int, *, bold: bool) -> str:
        while line and self.width(line + _MORE, size, bold=bold) > room:
            line = line[:-1]
        return line.rstrip() + _MORE


@dataclass(slots=True)
class Sheet:
    """What is placed so far. `y` is where the next part begins: pixels from the top."""

    ruler: Ruler = field(default_factory=Ruler)
    y: float = MARGIN
    _items: list[_Words | _Box | _Slice] = field(default_factory=list)

    def words(
        self,
        text: str,
        x: float,
        y: float,
        size: int = BODY,
        *,
        colour: str = INK,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """Place one line; `y` is the middle of its height, `x` its edge or centre by `align`."""
        self._items.append(
            _Words(
                text=self.ruler.legible(text),
                x=x,
                y=y,
                size=size,
                colour=colour,
                bold=bold,
                align=align,
            )
        )

    def lines(
        self,
        lines: tuple[str, ...],
        x: float,
        middle: float,
        size: int = BODY,
        *,
        colour: str = INK,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """Place several lines around the height `middle`."""
        step = line_height(size)
        top = middle - step * (len(lines) - 1) / 2
        for number, line in enumerate(lines):
            self.words(line, x, top + number * step, size, colour=colour, bold=bold, align=align)

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, *, hatch: str = ""
    ) -> None:
        """Place a filled box; `x`, `y` is its upper left corner."""
        self._items.append(_Box(x=x, y=y, width=width, height=height, colour=colour, hatch=hatch))

    def slice(
        self, x: float, y: float, radius: float, begin: float, end: float, colour: str, hatch: str
    ) -> None:
        """Place a slice of a circle around `x`, `y`; degrees clockwise from the top."""
        self._items.append(
            _Slice(x=x, y=y, radius=radius, begin=begin, end=end, colour=colour, hatch=hatch)
        )

    def paragraph(
        self, text: str, size: int = BODY, *, colour: str = INK, bold: bool = False
    ) -> None:
        """Place wrapped text over the whole width, and go on below it. Nothing for no text."""
        if not text.strip():
            return
        for line in self.ruler.wrapped(text, ROOM, size, bold=bold, most=4):
            self.y += line_height(size) / 2
            self.words(line, MARGIN, self.y, size, colour=colour, bold=bold)
            self.y += line_height(size) / 2
        self.y += 10

    def png(self) -> bytes:
        """The sheet as a PNG: as high as it was filled, the same bytes for the same content."""
        from matplotlib.figure import Figure

        height = round(self.y + MARGIN)
        figure = Figure(
            figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=PAPER, edgecolor="none"
        )
        canvas = _agg().FigureCanvasAgg(figure)
        for item in self._items:
            figure.add_artist(_artist(item, height))
        out = BytesIO()
        # None takes the entry out: a picture says nothing about the software that drew it.
        canvas.print_png(out, metadata={"Software": None})
        return out.getvalue()


def _agg() -> Any:
    """Matplotlib's pixel backend, which is loaded late and has no types."""
    return import_module("matplotlib.backends.backend_agg")


def _letters(*, bold: bool) -> frozenset[int]:
    """The code points that the font can draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = FontProperties(family=_FONT, weight="bold" if bold else "normal")
    return frozenset(get_font(findfont(font)).get_charmap())


def line_height(size: int) -> float:
    """Pixels from one line of text to the next."""
    return size * _DPI / 72 * _LINE


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return INK if light > 0.22 else PAPER


def _artist(item: _Words | _Box | _Slice, height: int) -> "Artist":
    from matplotlib.patches import Rectangle, Wedge
    from matplotlib.text import Text
    from matplotlib.transforms import IdentityTransform

    pixels: dict[str, Any] = {"transform": IdentityTransform(), "zorder": 1}
    match item:
        case _Words():
            return Text(
                item.x,
                height - item.y,
                item.text,
                fontsize=item.size,
                fontfamily=_FONT,
                fontweight="bold" if item.bold else "normal",
                color=item.colour,
                ha=item.align,
                va="center_baseline",
                parse_math=False,  # `$48M … $3M` is money
                **pixels,
            )
        case _Box():
            corner = (item.x, height - item.y - item.height)
            patch: Rectangle | Wedge = Rectangle(corner, item.width, item.height, **pixels)
            patch.set_edgecolor(ink_on(item.colour) if item.hatch else "none")
        case _Slice():
            patch = Wedge(
                (item.x, height - item.y), item.radius, 90 - item.end, 90 - item.begin, **pixels
            )
            patch.set_edgecolor(PAPER)
            patch.set_linewidth(3)
    patch.set_facecolor(item.colour)
    patch.set_hatch(item.hatch)
    return patch
