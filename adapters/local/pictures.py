"""Files that people send: what they really are, and pictures made anew without what hides in them.

Slow work, for a thread of its own.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Final

from adapters.local.limits import MOST_PIXELS, THUMB
from adapters.text import cleaned

if TYPE_CHECKING:
    from PIL.Image import Image

_PICTURES: Final = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/png",
    "WEBP": "image/webp",
}
_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_TEXTS: Final = {"txt": "text/plain", "md": "text/plain", "csv": "text/csv", "json": "text/plain"}
_SOUNDS: Final = {
    "mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "ogg": ("audio/ogg", (b"OggS",)),
    "wav": ("audio/wav", (b"RIFF",)),
    "webm": ("audio/webm", (b"\x1aE\xdf\xa3",)),
    "pdf": ("application/pdf", (b"%PDF-",)),
}
ENDINGS: Final = ("png", "jpg", "jpeg", "gif", "webp", *_SOUNDS, *_TEXTS)
"""What may be sent, by the end of its name."""


class WrongType(Exception):
    """This is no file of a kind that is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file as it is kept. `thumb` is a small picture of a picture."""

    name: str
    media_type: str
    content: bytes
    thumb: bytes | None = None


def taken(name: str, content: bytes) -> Taken:
    """A file that somebody sent, as it may be kept.

    Raises:
        WrongType: it is of another kind, or not what its name says.
    """
    name = _name(name)
    ending = name.rpartition(".")[2].lower()
    if content.startswith(_STARTS) and ending not in _SOUNDS:
        return _picture(name, content)
    if ending in _SOUNDS:
        media_type, starts = _SOUNDS[ending]
        if content.startswith(starts):
            return Taken(name=name, media_type=media_type, content=content)
    if ending in _TEXTS and _is_text(content):
        return Taken(name=name, media_type=_TEXTS[ending], content=content)
    raise WrongType


def _name(given: str) -> str:
    """The last part of a path on any system, without what nobody sees."""
    last = PurePosixPath(PureWindowsPath(cleaned(given).replace("\n", " ")).name).name
    return last[-100:] or "file"


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _picture(name: str, content: bytes) -> Taken:
    from PIL import Image  # only who sends a picture needs it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=tuple(_PICTURES)) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise WrongType
                kind = str(opened.format)
                upright = _upright(opened)
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, Warning) as error:
        raise WrongType from error
    except Image.DecompressionBombError as error:
        raise WrongType from error
    media_type = _PICTURES[kind]
    small = upright.copy()
    small.thumbnail((THUMB, THUMB))
    wide = max(upright.size) > THUMB
    return Taken(
        name=_renamed(name, media_type),
        media_type=media_type,
        content=_saved(upright, media_type),
        thumb=_saved(small, media_type) if wide else None,
    )


def _upright(opened: "Image") -> "Image":
    """The picture turned as it was meant, with nothing else of what its file told."""
    from PIL import ImageOps

    opened.load()
    turned = ImageOps.exif_transpose(opened)
    has_alpha = turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info
    plain = turned.convert("RGBA" if has_alpha else "RGB")
    plain.info = {}
    return plain


def _saved(image: "Image", media_type: str) -> bytes:
    out = BytesIO()
    if media_type == "image/jpeg":
        image.convert("RGB").save(out, format="JPEG", quality=88, optimize=True)
    elif media_type == "image/webp":
        image.save(out, format="WEBP", quality=88)
    else:
        image.save(out, format="PNG", optimize=True)
    return out.getvalue()


def _renamed(name: str, media_type: str) -> str:
    ending = {"image/jpeg": "jpg"}.get(media_type, media_type.partition("/")[2])
    stem, dot, last = name.rpartition(".")
    if last.lower() in {"jpg", "jpeg"} and ending == "jpg":
        return name
    return f"{stem if dot else name}.{ending}"
