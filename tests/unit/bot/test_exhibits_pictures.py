"""Exhibits as pictures."""

import asyncio
import subprocess
import sys
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import TypeAdapter

from bot.exhibits.charts import Drawable, png_of
from bot.exhibits.drawing import PALETTE, ROOM, Ruler
from bot.exhibits.pictures import png

DRAWABLE: TypeAdapter[Drawable] = TypeAdapter(Drawable)


def drawable(**fields: object) -> Drawable:
    return DRAWABLE.validate_python({"id": "one", "title": "The title"} | fields)


def values(flag: str) -> Drawable:
    rows = [{"name": "Troponin I", "value": 168, "unit": "ng/L", "ref": "<34", "flag": flag}]
    return drawable(kind="lab", rows=rows)


def bars(labels: list[str], figures: list[float], unit: str = "$M") -> Drawable:
    return drawable(kind="chart", chart="bar", labels=labels, values=figures, unit=unit)


def pie(labels: list[str], figures: list[float], total: str = "") -> Drawable:
    return drawable(kind="chart", chart="pie", labels=labels, values=figures, total=total)


def table(rows: list[list[str | float]], columns: list[str]) -> Drawable:
    return drawable(kind="chart", chart="table", columns=columns, rows=rows, unit="$M")


EVERY = {
    "lab": values("HH"),
    "vitals": drawable(kind="vitals", rows=[{"name": "Pulse", "value": 108, "flag": "A"}]),
    "table": table([["Sales", 44.0], ["A very long name " * 20, -3.5]], ["Line", "2024"]),
    "upright": bars(["2024", "2025"], [4.5, -2]),
    "lying": bars(["A rather long reason " * 6, "Other"], [12_400, -22], "customers"),
    "pie": pie(["Cafés", "Web", "None"], [60, 40, 0], "$48M and $2M"),
    "crowd": pie([f"Firm {number}" for number in range(30)], [100 / 30] * 30),
    "long table": table([["row", 1]] * 60, ["a", "b"]),
    "odd letters": bars(["日本", "😀", "$x_1^2$ \\frac"], [1, 2, 3], "$"),
    "huge": bars(["a", "b"], [1.7e308, -1.7e308]),
    "tiny": bars(["a", "b"], [5e-324, 0]),
    "no figures": bars(["a"], []),
    "no shares": pie(["a", "b"], [0, 0]),
}


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("one", EVERY.values(), ids=EVERY)
def test_every_picture_is_a_png_as_wide_as_it_should_be(one: Drawable) -> None:
    content = png_of(one)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert opened(content).width == 1000
    assert opened(content).height < 12_000


def test_the_same_exhibit_gives_the_same_bytes() -> None:
    assert png_of(EVERY["lab"]) == png_of(EVERY["lab"])


def test_a_picture_says_nothing_about_how_it_was_made() -> None:
    content = png_of(EVERY["pie"])
    assert set(opened(content).info) == {"dpi"}
    assert b"tEXt" not in content
    assert b"atplotlib" not in content


def test_the_ground_is_light() -> None:
    picture = opened(png_of(EVERY["pie"])).convert("L")
    assert picture.getpixel((2, 2)) == 255


def test_a_flag_changes_both_the_letters_and_the_colour() -> None:
    pictures = {flag: png_of(values(flag)) for flag in ("", "L", "H", "LL", "HH", "A")}
    assert len(set(pictures.values())) == len(pictures)
    grey = {flag: opened(content).convert("L").tobytes() for flag, content in pictures.items()}
    assert len(set(grey.values())) == len(grey)


def test_the_colours_of_slices_are_in_the_picture() -> None:
    pixels = opened(png_of(EVERY["pie"])).convert("RGB").tobytes()
    for colour in PALETTE[:2]:
        assert bytes.fromhex(colour[1:]) * 20 in pixels


def test_wrapped_lines_fit_and_lose_nothing() -> None:
    ruler = Ruler()
    text = "Supercalifragilistic " * 3 + "w" * 200
    lines = ruler.wrapped(text, 240)
    assert all(ruler.width(line) <= 240 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    cut = ruler.wrapped(text, 240, most=2)
    assert len(cut) == 2
    assert cut[-1].endswith("…")
    assert ruler.wrapped("", ROOM) == ("",)


def test_machine_settings_do_not_change_a_picture() -> None:
    import matplotlib as mpl

    before = png_of(EVERY["upright"])
    with mpl.rc_context({"font.size": 3, "text.color": "red", "lines.linewidth": 9}):
        assert png_of(EVERY["upright"]) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=40).filter(str.strip),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_any_bars_can_be_drawn(pairs: list[tuple[str, float]]) -> None:
    one = bars([label for label, _figure in pairs], [figure for _label, figure in pairs])
    assert opened(png_of(one)).width == 1000


async def test_a_picture_is_drawn_once_for_all_who_wait() -> None:
    one = bars(["only", "here"], [17, 4])
    pictures = await asyncio.gather(*(png(one) for _each in range(8)))
    assert all(each is pictures[0] for each in pictures)
    assert await png(bars(["only", "here"], [17, 4])) is pictures[0]
    assert await png(bars(["only", "here"], [17, 5])) != pictures[0]


def test_importing_draws_in_no_library_and_drawing_no_pyplot() -> None:
    code = """
import sys
import bot.exhibits, bot.exhibits.charts, bot.exhibits.csv_file, bot.exhibits.pictures
import bot.exhibits.tables
assert not [name for name in sys.modules if name.split(".")[0] in ("matplotlib", "PIL", "numpy")]
from bot.exhibits.charts import png_of
from engine.scenario.exhibits import BarChart
png_of(BarChart(id="a", title="T", kind="chart", chart="bar", labels=("x",), values=(1.0,)))
assert "matplotlib" in sys.modules
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # noqa: S603
