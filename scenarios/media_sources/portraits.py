"""Draws simple portraits, 256 x 256 pixels, out of circles and lines."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

SIZE = 256
_FINE = 4
"""Drawn this many times larger, then made smaller, for smooth edges."""


@dataclass(frozen=True, kw_only=True)
class Face:
    """What a portrait looks like; colours as `#rrggbb`."""

    skin: str
    hair: str
    shirt: str
    background: str = "#eef1ea"
    long_hair: bool = False
    bald_top: bool = False
    stubble: bool = False
    glasses: bool = False
    badge: bool = False
    brow: int = 0
    """How far the inner ends of the brows are raised, in pixels."""


def draw_portrait(face: Face, file: Path) -> None:
    """Draw `face` into a PNG file."""
    picture = Image.new("RGB", (SIZE * _FINE, SIZE * _FINE), face.background)
    pen = _Pen(ImageDraw.Draw(picture))
    if face.long_hair:
        pen.oval(128, 122, 66, 76, face.hair)
    pen.oval(128, 258, 92, 66, face.shirt)
    pen.box(108, 160, 148, 206, _darker(face.skin, 0.92))
    if not face.long_hair:
        pen.oval(128, 98, 57, 58, face.hair)
    pen.oval(128, 118, 52, 62, face.skin)
    for x in (76, 180):
        pen.oval(x, 122, 8, 13, face.skin)
    _hair(pen, face)
    _features(pen, face)
    if face.badge:
        pen.box(158, 216, 186, 236, "#ffffff")
        pen.box(162, 220, 172, 232, "#8a99a8")
    small = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    small.quantize(96, dither=Image.Dither.NONE).save(file, optimize=True)


def _hair(pen: "_Pen", face: Face) -> None:
    if face.bald_top:
        return
    pen.arc(128, 116, 53, 62, 190, 350, face.hair, 24)
    if face.long_hair:
        pen.arc(128, 126, 58, 70, 165, 215, face.hair, 16)
        pen.arc(128, 126, 58, 70, 325, 375, face.hair, 16)


def _features(pen: "_Pen", face: Face) -> None:
    dark = "#33291f"
    if face.stubble:
        pen.arc(128, 122, 48, 56, 25, 155, _darker(face.skin, 0.84), 18)
    for side in (-1, 1):
        x = 128 + side * 21
        pen.oval(x, 118, 4, 5, dark)
        pen.line(x - 11, 103 - (face.brow if side > 0 else 0), x + 11,
                 103 - (face.brow if side < 0 else 0), _darker(face.hair, 0.9), 4)  # fmt: skip
        if face.glasses:
            pen.arc(x, 118, 15, 14, 0, 360, "#4b4f57", 3)
    if face.glasses:
        pen.line(122, 116, 134, 116, "#4b4f57", 3)
    pen.arc(128, 134, 8, 6, 20, 160, _darker(face.skin, 0.78), 3)
    pen.arc(128, 150, 16, 7, 15, 165, "#8d4f45", 4)


def _darker(colour: str, share: float) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{int(part * share):02x}" for part in parts)


class _Pen:
    """Draws in the portrait's own pixels on the finer canvas."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def _around(self, x: float, y: float, rx: float, ry: float) -> tuple[float, ...]:
        return tuple(_FINE * value for value in (x - rx, y - ry, x + rx, y + ry))

    def oval(self, x: float, y: float, rx: float, ry: float, colour: str) -> None:
        self._draw.ellipse(self._around(x, y, rx, ry), fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        corners = tuple(_FINE * value for value in (left, top, right, bottom))
        self._draw.rounded_rectangle(corners, radius=5 * _FINE, fill=colour)

    def line(self, x: float, y: float, to_x: float, to_y: float, colour: str, width: int) -> None:
        points = tuple(_FINE * value for value in (x, y, to_x, to_y))
        self._draw.line(points, fill=colour, width=width * _FINE)

    def arc(
        self, x: float, y: float, rx: float, ry: float,
        start: float, end: float, colour: str, width: int,
    ) -> None:  # fmt: skip
        box = self._around(x, y, rx, ry)
        self._draw.arc(box, start, end, fill=colour, width=width * _FINE)
