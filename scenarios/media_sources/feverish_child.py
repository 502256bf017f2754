"""Draws the portrait and the spots of `clinical/feverish-child`.

Run it with `python -m scenarios.media_sources.feverish_child`.
Nothing is traced or copied: the spots are placed by a seeded generator.
"""

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from scenarios.media_sources.portraits import Face, draw_portrait

MEDIA = Path(__file__).parents[1] / "clinical" / "feverish-child" / "media"
WIDTH, HEIGHT, FINE = 640, 480, 2
GLASS = (330, 225, 105)
"""Where the tumbler is pressed: x, y and radius."""


def _spots() -> list[tuple[float, float, float]]:
    dice = random.Random(22)  # noqa: S311 - spots, not secrets
    found: list[tuple[float, float, float]] = []
    while len(found) < 24:
        x, y, r = dice.uniform(170, 470), dice.uniform(90, 350), dice.uniform(4, 9)
        if all(math.dist((x, y), other[:2]) > 26 for other in found):
            found.append((x, y, r))
    return found


def draw_spots(file: Path, *, glass: bool) -> None:
    """Draw a tummy with flat pink spots; with `glass`, a tumbler under which they are gone."""
    picture = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), "#cfdfe6")
    pen = ImageDraw.Draw(picture)

    def oval(x: float, y: float, rx: float, ry: float, fill: str) -> None:
        pen.ellipse([FINE * v for v in (x - rx, y - ry, x + rx, y + ry)], fill=fill)

    pen.rounded_rectangle([FINE * v for v in (110, -60, 530, 520)], 170 * FINE, fill="#e7bd9f")
    pen.rounded_rectangle([FINE * v for v in (130, -60, 510, 520)], 160 * FINE, fill="#ecc6aa")
    pen.rounded_rectangle([FINE * v for v in (100, 390, 540, 560)], 60 * FINE, fill="#f7f7f4")
    pen.rectangle([FINE * v for v in (100, -10, 540, 40)], fill="#9cc4b2")
    oval(320, 318, 9, 12, "#c99679")
    oval(320, 315, 6, 7, "#b5815f")
    layer = Image.new("RGBA", picture.size, (222, 120, 118, 0))
    spots = ImageDraw.Draw(layer)
    gx, gy, gr = GLASS
    for x, y, r in _spots():
        if glass and math.dist((x, y), (gx, gy)) < gr + r:
            continue
        spots.ellipse([FINE * v for v in (x - r, y - r * 0.9, x + r, y + r * 0.9)],
                      fill=(222, 120, 118, 210))  # fmt: skip
    layer = layer.filter(ImageFilter.GaussianBlur(2.2))
    picture.paste(layer, (0, 0), layer)
    if glass:
        ring = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        edge = ImageDraw.Draw(ring)
        box = [FINE * v for v in (gx - gr, gy - gr, gx + gr, gy + gr)]
        edge.ellipse(box, fill=(255, 244, 236, 110), outline=(120, 150, 165, 230), width=7 * FINE)
        edge.arc([v + 18 for v in box[:2]] + [v - 18 for v in box[2:]], 200, 250,
                 fill=(255, 255, 255, 230), width=5 * FINE)  # fmt: skip
        picture.paste(ring, (0, 0), ring)
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    ImageDraw.Draw(small).text((18, HEIGHT - 30), "DRAWN FOR TRAINING - not a photograph",
                               fill="#33414a", font=ImageFont.load_default(16))  # fmt: skip
    small.quantize(96, dither=Image.Dither.NONE).save(file, optimize=True)


def main() -> None:
    """Draw everything into the scenario's media folder."""
    MEDIA.mkdir(parents=True, exist_ok=True)
    draw_spots(MEDIA / "spots.png", glass=False)
    draw_spots(MEDIA / "spots-glass.png", glass=True)
    joel = Face(skin="#d9a07c", hair="#3a2a20", shirt="#b9603f", background="#e8eef0",
                stubble=True, brow=4)  # fmt: skip
    draw_portrait(joel, MEDIA / "joel.png")


if __name__ == "__main__":
    main()
