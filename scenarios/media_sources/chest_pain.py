"""Draws the pictures of `clinical/chest-pain`: a 12-lead ECG, a schematic chest film, portraits.

Run it from the repository's root: `python -m scenarios.media_sources.chest_pain`. Nothing is traced
or copied: every curve comes from a formula, so the pictures carry the scenario's own licence.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, PathPatch, Polygon
from matplotlib.path import Path as Curve
from numpy.typing import NDArray
from PIL import Image

from scenarios.media_sources.portraits import Face, draw_portrait

MEDIA = Path(__file__).parents[1] / "clinical" / "chest-pain" / "media"

mpl.use("Agg")

RATE = 108
"""Beats a minute."""
BEAT_S = 60 / RATE
LEAD_S = 2.5
"""How long each of the four columns of the paper lasts."""
FIRST_S = 0.235
"""How far into a beat the paper starts, so that no complex runs through a label."""
ROW_MV = 2.6
"""The height of one row of the paper."""

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Lead:
    """The shape of one lead: wave heights in millivolts, and the level after the complex."""

    name: str
    p: float
    q: float
    r: float
    s: float
    t: float
    level: float = 0.0


LEADS: Sequence[Sequence[Lead]] = (
    (
        Lead("I", 0.08, -0.05, 0.70, -0.08, 0.12, -0.11),
        Lead("aVR", -0.10, 0.04, -0.75, 0.06, -0.16, 0.10),
        Lead("V1", 0.05, 0.0, 0.20, -0.85, -0.05, 0.04),
        Lead("V4", 0.09, -0.06, 1.35, -0.45, 0.16, -0.14),
    ),
    (
        Lead("II", 0.13, -0.06, 0.95, -0.12, 0.22, -0.02),
        Lead("aVL", 0.04, -0.05, 0.40, -0.10, 0.08, -0.12),
        Lead("V2", 0.07, 0.0, 0.38, -1.15, 0.28, 0.03),
        Lead("V5", 0.08, -0.08, 1.20, -0.22, 0.10, -0.19),
    ),
    (
        Lead("III", 0.07, -0.04, 0.38, -0.14, 0.12, 0.03),
        Lead("aVF", 0.10, -0.05, 0.62, -0.12, 0.18, 0.0),
        Lead("V3", 0.08, 0.0, 0.80, -0.85, 0.30, 0.0),
        Lead("V6", 0.08, -0.07, 0.95, -0.12, 0.08, -0.15),
    ),
)


def _bell(t: Samples, centre: float, width: float) -> Samples:
    return np.exp(-0.5 * ((t - centre) / width) ** 2)


def _step(t: Samples, at: float, width: float) -> Samples:
    return 1 / (1 + np.exp(-(t - at) / width))


def beat(lead: Lead, t: Samples) -> Samples:
    """One beat of a lead at the times `t`, in seconds since its start."""
    plateau = _step(t, 0.215, 0.006) * (1 - _step(t, 0.36, 0.020))
    return (
        lead.p * _bell(t, 0.07, 0.020)
        + lead.q * _bell(t, 0.153, 0.007)
        + lead.r * _bell(t, 0.175, 0.010)
        + lead.s * _bell(t, 0.200, 0.009)
        + lead.level * plateau
        + lead.t * _bell(t, 0.40, 0.034)
    )


def strip(lead: Lead, seconds: float, start: float) -> tuple[Samples, Samples]:
    """Times and millivolts of a lead, in step with the other leads of the page."""
    t = np.arange(0, seconds, 0.002)
    clock = t + start + FIRST_S
    wander = 0.02 * np.sin(2 * np.pi * clock / 3.7)
    return t, beat(lead, clock % BEAT_S) + wander


def _paper(axes: Axes, seconds: float, height: float) -> None:
    axes.set_xlim(0, seconds)
    axes.set_ylim(0, height)
    for step, width, colour in ((0.04, 0.25, "#f6cfd0"), (0.2, 0.6, "#ea9da0")):
        for x in np.arange(0, seconds + step / 2, step):
            axes.axvline(x, color=colour, linewidth=width, zorder=0)
        for y in np.arange(0, height + step / 2, step * 2.5):
            axes.axhline(y, color=colour, linewidth=width, zorder=0)
    axes.set_axis_off()


def _trace(axes: Axes, lead: Lead, x: float, y: float, seconds: float) -> None:
    t, millivolts = strip(lead, seconds, x)
    axes.plot(t + x, millivolts + y, color="#1c1c28", linewidth=0.85)
    axes.plot([x + 0.02, x + 0.02], [y - 0.18, y + 0.18], color="#1c1c28", linewidth=0.7)
    axes.text(x + 0.05, y + 0.85, lead.name, fontsize=9, weight="bold", color="#1c1c28")


def draw_ecg(file: Path) -> None:
    """Draw twelve leads of 2.5 s each and a rhythm strip of lead II."""
    width, height = 4 * LEAD_S, 4 * ROW_MV + 0.6
    figure = Figure(figsize=(10, 10 * height / (width * 2.5)), dpi=130, facecolor="#fff6f4")
    axes = figure.add_axes((0, 0, 1, 1))
    _paper(axes, width, height)
    for row, leads in enumerate(LEADS):
        for column, lead in enumerate(leads):
            _trace(axes, lead, column * LEAD_S, height - 0.6 - (row + 0.55) * ROW_MV, LEAD_S)
    _trace(axes, LEADS[1][0], 0, 0.45 * ROW_MV, width)
    note = "C. Marsh, 47    25 mm/s    10 mm/mV    drawn for training, not a recording"
    axes.text(0.1, height - 0.35, note, fontsize=8, color="#1c1c28")
    _save(figure, file, colours=48)


def _lung(side: int) -> PathPatch:
    """One lung field; `side` is -1 on the left of the picture, 1 on the right."""
    corners = [
        (0.10, 0.88), (0.26, 0.93), (0.40, 0.78), (0.43, 0.55), (0.45, 0.42), (0.46, 0.28),
        (0.46, 0.22), (0.40, 0.33), (0.28, 0.36), (0.16, 0.34), (0.10, 0.30), (0.09, 0.42),
        (0.08, 0.60), (0.07, 0.76), (0.10, 0.88),
    ]  # fmt: skip
    points = [(0.5 + side * x, y) for x, y in corners]
    codes = [Curve.MOVETO, *[Curve.CURVE3, Curve.CURVE3] * 7]
    return PathPatch(Curve(points, codes), facecolor="#22262e", edgecolor="#5b626e", linewidth=1.2)


def _ribs(axes: Axes, lungs: Mapping[int, PathPatch]) -> None:
    angle = np.linspace(0, np.pi / 2, 60)
    for number in range(8):
        top, reach = 0.88 - 0.072 * number, 0.26 + 0.024 * min(number, 6)
        for side, lung in lungs.items():
            x = 0.5 + side * (0.05 + reach * np.sin(angle) * 1.18)
            y = top + 0.05 * np.sin(2 * angle) - 0.09 * (1 - np.cos(angle))
            (rib,) = axes.plot(x, y, color="#c9ced6", linewidth=5.5, alpha=0.28)
            rib.set_clip_path(lung)


def draw_film(file: Path) -> None:
    """Draw a plain front view of a chest, clearly marked as a schematic."""
    figure = Figure(figsize=(6, 6), dpi=110, facecolor="black")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    body = [(0.02, 0.0), (0.0, 0.62), (0.08, 0.80), (0.30, 0.95), (0.40, 1.0)]
    outline = [*body, *[(1 - x, y) for x, y in reversed(body)]]
    axes.add_patch(Polygon(outline, closed=True, facecolor="#7d848e"))
    lungs = {side: _lung(side) for side in (-1, 1)}
    for lung in lungs.values():
        axes.add_patch(lung)
    _ribs(axes, lungs)
    axes.add_patch(Polygon([(0.46, 0), (0.47, 1), (0.53, 1), (0.54, 0)], facecolor="#b9bec6"))
    for y in np.arange(0.06, 0.98, 0.055):
        axes.plot([0.475, 0.525], [y, y], color="#8f959e", linewidth=1.2)
    axes.add_patch(Ellipse((0.555, 0.42), 0.46, 0.30, angle=-28, facecolor="#c3c8cf"))
    axes.add_patch(Ellipse((0.515, 0.66), 0.12, 0.24, facecolor="#bcc1c9"))
    axes.add_patch(Ellipse((0.5, 0.86), 0.035, 0.22, facecolor="#5f6671"))
    for side in (-1, 1):
        axes.plot(
            [0.5 + side * 0.04, 0.5 + side * 0.22, 0.5 + side * 0.34],
            [0.885, 0.90, 0.885], color="#d7dbe1", linewidth=8, solid_capstyle="round", alpha=0.8,
        )  # fmt: skip
    axes.text(0.05, 0.93, "R", color="white", fontsize=20, weight="bold")
    label = "SCHEMATIC - drawn for training, not a real film"
    axes.text(0.5, 0.045, label, fontsize=11, color="white", ha="center", weight="bold")
    _save(figure, file, colours=64)


def _save(figure: Figure, file: Path, *, colours: int) -> None:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", facecolor=figure.get_facecolor())
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(colours, dither=Image.Dither.NONE).save(file, optimize=True)


def main() -> None:
    """Draw everything into the scenario's media folder."""
    draw_ecg(MEDIA / "ecg.png")
    draw_film(MEDIA / "chest-xray.png")
    colin = Face(skin="#e2b091", hair="#5a4632", shirt="#9ec3d6", stubble=True, brow=3)
    teresa = Face(skin="#b98561", hair="#2b211d", shirt="#1f5f8b", long_hair=True, badge=True)
    draw_portrait(colin, MEDIA / "colin.png")
    draw_portrait(teresa, MEDIA / "teresa.png")


if __name__ == "__main__":
    main()
