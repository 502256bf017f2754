"""Attaches pictures and files to an exhibit's message, off the event loop."""

import asyncio
import mimetypes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from adapters.port import Chart, File, Image, Message
from bot.exhibits.csv_file import csv_bytes
from bot.exhibits.pictures import png
from bot.exhibits.scores import ScorePicture
from bot.exhibits.tables import alt_text, table_of
from engine.scenario.exhibits import BarChart, Exhibit, Media, PieChart, Radiology


async def with_pictures(
    message: Message, exhibit: Exhibit | ScorePicture, media: Callable[[str], Path]
) -> Message:
    """The message with its picture, and with an exhibit's figures as CSV where there are any."""
    if isinstance(exhibit, Media | Radiology):
        return await _with_file(message, exhibit, await file_of(media(exhibit.file)))
    picture = File(name=f"{exhibit.id}.png", media_type="image/png", content=await png(exhibit))
    if isinstance(exhibit, ScorePicture):
        return _in_its_chart(message, picture)
    table = csv_bytes(table_of(exhibit))
    csv = File(name=f"{exhibit.id}.csv", media_type="text/csv", content=table)
    message = replace(message, files=(*message.files, csv))
    if isinstance(exhibit, BarChart | PieChart):
        return _in_its_chart(message, picture)
    drawn = Image(file=picture, alt=f"{exhibit.title}: the table above, drawn", title=exhibit.title)
    return replace(message, blocks=(*message.blocks, drawn))


def _in_its_chart(message: Message, picture: File) -> Message:
    blocks = tuple(
        replace(block, picture=picture) if isinstance(block, Chart) else block
        for block in message.blocks
    )
    return replace(message, blocks=blocks)


async def file_of(path: Path) -> File:
    """A file from disk, with its media type by its ending."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(name=path.name, media_type=kind, content=await asyncio.to_thread(path.read_bytes))


async def _with_file(message: Message, exhibit: Media | Radiology, file: File) -> Message:
    if file.media_type.startswith("image/"):
        image = Image(file=file, alt=alt_text(exhibit), title=exhibit.title)
        return replace(message, blocks=(*message.blocks, image))
    return replace(message, files=(*message.files, file))
