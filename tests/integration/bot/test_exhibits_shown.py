"""Exhibits on their way out: pictures, tables and files, and nothing that waits to be earned."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Picture

from adapters.plain import plain
from adapters.port import Chart, Image, Message, Table
from bot.exhibits.shown import file_of, with_pictures
from bot.views import exhibits
from engine.scenario import Scenario
from engine.scenario.exhibits import Exhibit
from tests.integration.bot.stage import catalog

EVERY = [(one, exhibit) for one in catalog().published() for exhibit in one.exhibits]


def media(scenario: Scenario) -> Callable[[str], Path]:
    return lambda name: catalog().media(scenario.id, name)


async def shown(scenario_id: str, exhibit_id: str, *, report: bool = False) -> Message:
    scenario = catalog().get(scenario_id)
    exhibit = next(one for one in scenario.exhibits if one.id == exhibit_id)
    message = exhibits.shown(exhibit, report=report)
    return await with_pictures(message, exhibit, media(scenario))


async def test_a_chart_is_a_picture_a_table_and_a_file() -> None:
    message = await shown("coffee-roaster-profit", "contribution_chart")
    [chart] = message.blocks
    assert isinstance(chart, Chart)
    assert chart.picture is not None
    with Picture.open(io.BytesIO(chart.picture.content)) as drawn:
        assert drawn.format == "PNG"
    [file] = message.files
    assert (file.name, file.media_type) == ("contribution_chart.csv", "text/csv")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == len(chart.table.rows) + 1
    assert [row[0] for row in rows[1:]] == [row[0] for row in chart.table.rows]


@pytest.mark.parametrize(
    ("scenario_id", "exhibit_id"),
    [("coffee-roaster-profit", "profit_and_loss"), ("chest-pain", "trop"), ("chest-pain", "obs")],
)
async def test_a_table_is_words_a_picture_and_a_file(scenario_id: str, exhibit_id: str) -> None:
    message = await shown(scenario_id, exhibit_id)
    table, image = message.blocks
    assert isinstance(table, Table)
    assert isinstance(image, Image)
    assert image.alt
    assert [one.name for one in message.files] == [f"{exhibit_id}.csv"]


async def test_an_image_says_what_it_shows() -> None:
    message = await shown("chest-pain", "ecg")
    [image] = message.blocks
    assert isinstance(image, Image)
    assert image.file.content == catalog().media("chest-pain", "ecg.png").read_bytes()
    assert image.file.media_type == "image/png"
    assert image.alt.startswith("A drawn 12-lead ECG")
    assert message.files == ()


async def test_a_film_keeps_its_report_until_it_is_earned() -> None:
    report = "cardiothoracic ratio"
    before = await shown("chest-pain", "cxr")
    assert report not in repr(before)
    assert isinstance(before.blocks[0], Image)
    after = await shown("chest-pain", "cxr", report=True)
    assert report in plain(after)


@pytest.mark.parametrize(("scenario", "exhibit"), EVERY, ids=lambda one: str(one.id))
async def test_every_exhibit_can_be_shown(scenario: Scenario, exhibit: Exhibit) -> None:
    message = await with_pictures(exhibits.shown(exhibit, report=False), exhibit, media(scenario))
    words = plain(message)
    assert exhibit.title in words
    assert message.blocks
    shown_to_the_blind = [one for one in message.blocks if not isinstance(one, Image) or one.alt]
    assert len(shown_to_the_blind) == len(message.blocks)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.png", "image/png"), ("a.pdf", "application/pdf"), ("a.zzz", "application/octet-stream")],
)
async def test_a_file_has_its_kind(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(b"content")
    file = await file_of(tmp_path / name)
    assert (file.name, file.media_type, file.content) == (name, kind, b"content")
