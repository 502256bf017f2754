"""Draws the pictures of the interview, service and telephony scenarios with plain shapes.

Run from the repository's root: `python -m scenarios.media_sources.avatars_service`. The same
figures come out every time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

SCENARIOS = Path(__file__).resolve().parent.parent
SIZE = 256
SCALE = 4
"""Drawn larger and shrunk, so that edges come out smooth."""

Hair = Literal["bob", "long", "curls", "bun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One person's picture."""

    path: str
    backdrop: str
    skin: str
    hair: str
    clothes: str
    style: Hair
    glasses: bool = False
    headset: bool = False


FIGURES = (
    Figure(
        path="interview/coffee-roaster-profit/media/helen.png",
        backdrop="#dbe7ee",
        skin="#f0cfb4",
        hair="#7a4a2b",
        clothes="#2f4858",
        style="bob",
        glasses=True,
    ),
    Figure(
        path="service/technical-support-training/media/denise.png",
        backdrop="#f3e3d0",
        skin="#8d5a3c",
        hair="#221a17",
        clothes="#b5523b",
        style="curls",
    ),
    Figure(
        path="telephony/nurse-line-booking/media/ruth.png",
        backdrop="#e4ecd8",
        skin="#6f4630",
        hair="#8f8c88",
        clothes="#6a4c93",
        style="bun",
        glasses=True,
    ),
    Figure(
        path="telephony/nurse-line-booking/media/noor.png",
        backdrop="#d7efe9",
        skin="#d9a679",
        hair="#2b2320",
        clothes="#1d7874",
        style="long",
        headset=True,
    ),
)


class Pen:
    """Draws in picture units on a larger canvas."""

    def __init__(self, backdrop: str, width: int = SIZE, height: int = SIZE) -> None:
        self._size = (width, height)
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), backdrop)
        self._draw = ImageDraw.Draw(self.image)

    def oval(self, box: Sequence[float], fill: str) -> None:
        """A filled ellipse."""
        self._draw.ellipse([side * SCALE for side in box], fill=fill)

    def ring(self, box: Sequence[float], colour: str, width: float = 3) -> None:
        """An ellipse without filling."""
        self._draw.ellipse(
            [side * SCALE for side in box], outline=colour, width=round(width * SCALE)
        )

    def slab(self, box: Sequence[float], fill: str, radius: float = 0, outline: str = "") -> None:
        """A filled rectangle with round corners."""
        self._draw.rounded_rectangle(
            [side * SCALE for side in box],
            radius=radius * SCALE,
            fill=fill,
            outline=outline or None,
            width=2 * SCALE,
        )

    def bow(
        self, box: Sequence[float], start: float, end: float, colour: str, width: float
    ) -> None:
        """Part of an ellipse's edge, from one angle to another."""
        self._draw.arc(
            [side * SCALE for side in box], start, end, fill=colour, width=round(width * SCALE)
        )

    def words(self, at: tuple[float, float], text: str, size: int, colour: str) -> None:
        """A line of text; its left upper corner at `at`."""
        font = ImageFont.load_default(size * SCALE)
        self._draw.text((at[0] * SCALE, at[1] * SCALE), text, fill=colour, font=font)

    def save(self, path: Path) -> None:
        """Shrink and write it as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.image.resize(self._size, Image.Resampling.LANCZOS).save(path, optimize=True)


def draw(figure: Figure) -> Pen:
    """A head and shoulders."""
    pen = Pen(figure.backdrop)
    _hair_behind(pen, figure)
    pen.oval((38, 186, 218, 330), figure.clothes)
    pen.slab((110, 160, 146, 206), figure.skin, radius=16)
    pen.oval((78, 60, 178, 186), figure.skin)
    _hair_in_front(pen, figure)
    _face(pen, figure)
    return pen


def _hair_behind(pen: Pen, figure: Figure) -> None:
    if figure.style == "bob":
        pen.slab((66, 56, 190, 176), figure.hair, radius=56)
    elif figure.style == "long":
        pen.slab((64, 46, 192, 232), figure.hair, radius=60)
    elif figure.style == "bun":
        pen.oval((100, 14, 156, 68), figure.hair)
        pen.oval((70, 42, 186, 146), figure.hair)
    else:
        for x, y in ((62, 84), (66, 58), (86, 40), (110, 32), (134, 40), (154, 58), (158, 84)):
            pen.oval((x, y, x + 38, y + 46), figure.hair)


def _hair_in_front(pen: Pen, figure: Figure) -> None:
    if figure.style == "curls":
        for x in (82, 102, 122, 142):
            pen.oval((x, 52, x + 30, 80), figure.hair)
        return
    pen.bow((74, 52, 182, 160), 190, 350, figure.hair, 24)


def _face(pen: Pen, figure: Figure) -> None:
    ink = "#2b1d16"
    for x in (102, 142):
        pen.oval((x, 118, x + 12, 131), ink)
        pen.bow((x - 5, 102, x + 17, 118), 205, 335, figure.hair, 3)
    pen.bow((120, 126, 138, 147), 40, 140, ink, 2.5)
    pen.bow((106, 136, 150, 166), 25, 155, "#9c3d3d", 4)
    if figure.glasses:
        pen.ring((90, 108, 126, 141), ink)
        pen.ring((130, 108, 166, 141), ink)
        pen.bow((122, 114, 134, 128), 200, 340, ink, 3)
    if figure.headset:
        pen.bow((68, 44, 188, 170), 180, 360, "#3a4a52", 7)
        pen.slab((62, 104, 80, 142), "#3a4a52", radius=8)
        pen.slab((176, 104, 194, 142), "#3a4a52", radius=8)
        pen.bow((92, 96, 186, 176), 20, 100, "#3a4a52", 4)
        pen.oval((124, 170, 142, 182), "#3a4a52")


def error_screen() -> Pen:
    """The photo that the customer of the support call sends: a window that refuses her."""
    pen = Pen("#5b6b78", 640, 400)
    pen.slab((90, 44, 550, 356), "#f7f8fa", radius=12)
    pen.slab((90, 44, 550, 92), "#26547c", radius=12)
    pen.slab((90, 76, 550, 92), "#26547c")
    pen.words((112, 56), "GateLink", 20, "#ffffff")
    pen.slab((116, 112, 524, 164), "#fbe1df", radius=6, outline="#b3261e")
    pen.words((134, 127), "Sign-in failed, code 718", 18, "#8c1d18")
    for top, label, content in ((184, "Name", "d.okafor"), (234, "Password", "* * * * * * * * *")):
        pen.words((116, top + 8), label, 15, "#333f48")
        pen.slab((216, top, 524, top + 36), "#ffffff", radius=4, outline="#a9b4bd")
        pen.words((230, top + 8), content, 15, "#333f48")
    pen.slab((404, 292, 524, 334), "#26547c", radius=6)
    pen.words((430, 303), "Connect", 17, "#ffffff")
    return pen


def main() -> None:
    """Write every picture into its scenario's `media/` folder."""
    for figure in FIGURES:
        draw(figure).save(SCENARIOS / figure.path)
    error_screen().save(SCENARIOS / "service/technical-support-training/media/error-screen.png")


if __name__ == "__main__":
    main()
