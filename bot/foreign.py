"""Files of other programs, read with limits: JSON, lines of JSON, pictures of cards, databases."""

import base64
import binascii
import json
import sqlite3
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.importers import CannotImport

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 20_000_000
MAX_CARD = 8_000_000
MAX_PIXELS = 40_000_000
MAX_ROWS = 100_000
PORTRAIT = 512
PNG = b"\x89PNG\r\n\x1a\n"
SQLITE = b"SQLite format 3\x00"
TABLES = ("scenarios", "sessions", "messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card's JSON, and its picture without it, if it came in one."""

    data: object
    picture: bytes = b""


def read_bytes(file: Path) -> bytes:
    """The whole file.

    Raises:
        CannotImport: it cannot be read, is empty or too large.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CannotImport(f"cannot be read ({why}): look whether its name is right") from None
    if len(raw) > MAX_BYTES:
        raise CannotImport(f"larger than {MAX_BYTES // 1_000_000} MB: split it")
    if not raw.strip():
        raise CannotImport("empty: look whether it was saved")
    return raw


def json_of(raw: bytes) -> object:
    """The value that bytes hold as JSON.

    Raises:
        CannotImport: they hold none; the text names the line.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CannotImport("not UTF-8 text: save it as UTF-8") from None
    except json.JSONDecodeError as error:
        told = f"not JSON, in line {error.lineno}, column {error.colno}"
        raise CannotImport(f"{told}: correct it, or export it again") from None
    except (ValueError, RecursionError):
        raise CannotImport("not JSON that can be read: export it again") from None


def records_of(raw: bytes) -> list[object]:
    """One record or several: an object, a list of them, or an object a line.

    Raises:
        CannotImport: it is none of these; the text names the line.
    """
    try:
        whole = json_of(raw)
    except CannotImport:
        lines = raw.splitlines()
        if len(lines) < 2 or not _is_object(lines[0]):
            raise
        return [_of_line(one, number) for number, one in enumerate(lines, 1) if one.strip()]
    return whole if isinstance(whole, list) else [whole]


def _is_object(raw: bytes) -> bool:
    try:
        return isinstance(json_of(raw), dict)
    except CannotImport:
        return False


def _of_line(raw: bytes, number: int) -> object:
    try:
        return json_of(raw)
    except CannotImport:
        told = f"line {number} is not JSON"
        raise CannotImport(f"{told}: correct it, or export the file again") from None


def card_of(raw: bytes) -> Card:
    """A character card: its JSON, or a PNG that holds it in its chunk `ccv3` or `chara`.

    Raises:
        CannotImport: there is no card in it.
    """
    if not raw.startswith(PNG):
        return Card(data=json_of(raw))
    chunks, picture = _opened(raw)
    encoded = chunks.get("ccv3") or chunks.get("chara")
    if encoded is None:
        raise CannotImport("no card in this picture: save it with a card editor, or as JSON")
    if len(encoded) > MAX_CARD:
        raise CannotImport(f"the card is larger than {MAX_CARD // 1_000_000} MB: make it smaller")
    try:
        inner = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise CannotImport("the card in this picture is damaged: save it again") from None
    return Card(data=json_of(inner), picture=picture)


def _opened(raw: bytes) -> tuple[dict[str, str], bytes]:
    """The texts written into a PNG, and its picture."""
    from PIL import Image

    too_large = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=("PNG",)) as image:
                _require_small(image)
                image.load()  # reads the texts behind the picture as well
                texts = {str(key): str(text) for key, text in getattr(image, "text", {}).items()}
                return texts, _portrait(image)
    except CannotImport:
        raise
    except too_large:
        raise CannotImport("the picture is too large: make it smaller") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise CannotImport("the picture is damaged: save the card again") from None


def _require_small(image: "Image.Image") -> None:
    if image.width * image.height > MAX_PIXELS:
        raise CannotImport("the picture is too large: make it smaller")


def _portrait(image: "Image.Image") -> bytes:
    """The picture alone, small, without anything written into its file."""
    small = image.convert("RGBA")
    small.thumbnail((PORTRAIT, PORTRAIT))
    out = BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()


def tables_of(file: Path, raw: bytes) -> object:
    """Tables of sample data: an object of lists in JSON, or a SQLite database.

    Raises:
        CannotImport: it is neither.
    """
    return _database(file) if raw.startswith(SQLITE) else json_of(raw)


def _database(file: Path) -> dict[str, list[dict[str, object]]]:
    uri = f"file:{quote(str(file.resolve()))}?mode=ro&immutable=1"
    found: dict[str, list[dict[str, object]]] = {}
    try:
        opened = sqlite3.connect(uri, uri=True)
        try:
            opened.row_factory = sqlite3.Row
            there = {row[0] for row in opened.execute("SELECT name FROM sqlite_master")}
            for table in TABLES:
                if table in there:
                    rows = opened.execute(f"SELECT * FROM {table} LIMIT {MAX_ROWS}")  # noqa: S608 - a constant
                    found[table] = [dict(row) for row in rows]
        finally:
            opened.close()
    except (sqlite3.Error, UnicodeDecodeError):
        raise CannotImport("the database is damaged: export it again") from None
    return found
