"""Files that people send or authors bring: recognised by their bytes, pictures made clean.

Everything here works on bytes in memory and takes its time on large pictures: call it in a thread.
"""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, Literal

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS: Final = 40_000_000
"""Pictures with more pixels are refused before they are unpacked."""
ENDINGS: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "text/plain": ".txt",
}
"""The types that are recognised, and what a file of each is called."""
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_BY_START = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_AUDIO_BRANDS = (b"M4A ", b"M4B ")
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13}  # tab, line ends and page breaks are text

# Pillow's own bar, against pictures that are small files and huge once unpacked.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

Reason = Literal["too_large", "unknown_type", "type_not_allowed", "broken", "too_many_pixels"]


class MediaRefused(ValueError):
    """A file that is not taken. `reason` says why; nothing of the file is in the message."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture without metadata; width and height in pixels, as it is to be seen."""

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int


def media_type_of(content: bytes) -> str | None:
    """The type that a file's bytes show, whatever its name claims; None for an unknown one.

    Only the beginning is read, except that text must be UTF-8 without control characters all
    through. HTML and SVG count as plain text, so that they are never served as pages.
    """
    for start, kind in _BY_START:
        if content.startswith(start):
            return kind
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        return "audio/mp4" if content[8:12] in _AUDIO_BRANDS else "video/mp4"
    return "text/plain" if _is_text(content) else None


def checked(
    content: bytes, *, limit_bytes: int, allowed: frozenset[str] = frozenset(ENDINGS)
) -> str:
    """The type of an upload that may be taken.

    Raises:
        MediaRefused: `too_large`, `unknown_type` (an empty file too) or `type_not_allowed`.
    """
    if len(content) > limit_bytes:
        raise MediaRefused("too_large")
    kind = media_type_of(content)
    if kind is None:
        raise MediaRefused("unknown_type")
    if kind not in allowed:
        raise MediaRefused("type_not_allowed")
    return kind


def cleaned(content: bytes) -> Picture:
    """A picture encoded anew: turned as its camera meant, no metadata, the first frame only.

    JPEG stays JPEG; everything else becomes PNG, which loses nothing.

    Raises:
        MediaRefused: `unknown_type`, `broken` or `too_many_pixels`.
    """
    image = _opened(content)
    return _encoded(image, "JPEG" if media_type_of(content) == "image/jpeg" else "PNG")


def thumbnail(content: bytes, *, side: int = 320) -> Picture:
    """A small copy that fits a square of `side` pixels, never larger than the original.

    Raises:
        MediaRefused: as `cleaned`.
    """
    image = _opened(content)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _encoded(image, "JPEG" if image.mode in ("RGB", "L") else "PNG")


def _opened(content: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MediaRefused("too_many_pixels")
            return _plain(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise MediaRefused("unknown_type") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise MediaRefused("too_many_pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, MediaRefused):
            raise
        raise MediaRefused("broken") from None  # The cause would quote the file.


def _plain(image: Image.Image) -> Image.Image:
    """Grey, RGB or RGBA with eight bits a channel, and nothing but pixels."""
    if image.mode.startswith(("I", "F")):
        # Sixteen bits of grey, as scanners write; Pillow would clip instead of scaling.
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    seen_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if seen_through:
        plain = image.convert("RGBA")
    else:
        plain = image.convert("L" if image.mode in ("1", "L") else "RGB")
    plain.info = {}
    return plain


def _encoded(image: Image.Image, form: Literal["JPEG", "PNG"]) -> Picture:
    out = BytesIO()
    if form == "JPEG":
        image.save(out, form, quality=90, optimize=True)
    else:
        image.save(out, form, optimize=True)
    return Picture(
        content=out.getvalue(),
        media_type=f"image/{form.lower()}",
        width=image.width,
        height=image.height,
    )


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return bool(content) and _CONTROLS.isdisjoint(content)
