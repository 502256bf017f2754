"""Files of people and authors: recognised by their bytes, pictures made clean."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.exhibits.media import (
    ENDINGS,
    PICTURES,
    MediaRefused,
    checked,
    cleaned,
    media_type_of,
    thumbnail,
)


def saved(
    form: str, mode: str = "RGB", size: tuple[int, int] = (40, 20), **options: object
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 1).save(out, form, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (saved("PNG"), "image/png"),
        (saved("JPEG"), "image/jpeg"),
        (saved("GIF", "P"), "image/gif"),
        (saved("WEBP"), "image/webp"),
        (b"%PDF-1.7\n\x00", "application/pdf"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00AVI ", None),
        (b"OggS\x00", "audio/ogg"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        ("Grüße\n".encode(), "text/plain"),
        (b"<svg onload='x()'>", "text/plain"),
        (b"MZ\x00\x01", None),
        (b"\xff\xfe\xfd", None),
        (b"", None),
    ],
)
def test_a_files_bytes_say_what_it_is(content: bytes, kind: str | None) -> None:
    assert media_type_of(content) == kind
    assert kind is None or kind in ENDINGS


@pytest.mark.parametrize(
    ("content", "limit", "reason"),
    [
        (b"hello", 4, "too_large"),
        (b"\x00\x01", 100, "unknown_type"),
        (b"hello", 100, "type_not_allowed"),
    ],
)
def test_uploads_that_are_not_taken(content: bytes, limit: int, reason: str) -> None:
    with pytest.raises(MediaRefused) as caught:
        checked(content, limit_bytes=limit, allowed=PICTURES)
    assert caught.value.reason == reason


def test_an_upload_that_is_taken() -> None:
    assert checked(b"hello", limit_bytes=5) == "text/plain"
    assert checked(saved("PNG"), limit_bytes=10_000, allowed=PICTURES) == "image/png"


def test_metadata_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif[0x9C9B] = "Who took it"
    photo = cleaned(saved("JPEG", exif=exif, comment=b"a comment", dpi=(72, 72)))
    assert photo.media_type == "image/jpeg"
    assert not opened(photo.content).getexif()
    for word in (b"camera", b"comment", b"Exif"):
        assert word not in photo.content
    info = PngInfo()
    info.add_text("Author", "somebody")
    assert b"somebody" not in cleaned(saved("PNG", pnginfo=info)).content


def test_a_photo_is_turned_as_its_camera_meant() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = cleaned(saved("JPEG", exif=exif))
    assert (photo.width, photo.height) == (20, 40)
    assert opened(photo.content).size == (20, 40)


@pytest.mark.parametrize(
    ("form", "mode", "kind", "kept"),
    [
        ("PNG", "RGBA", "image/png", "RGBA"),
        ("PNG", "P", "image/png", "RGB"),
        ("PNG", "1", "image/png", "L"),
        ("PNG", "LA", "image/png", "RGBA"),
        ("GIF", "P", "image/png", "RGB"),
        ("WEBP", "RGBA", "image/png", "RGBA"),
        ("JPEG", "CMYK", "image/jpeg", "RGB"),
        ("JPEG", "L", "image/jpeg", "L"),
    ],
)
def test_every_kind_becomes_a_plain_picture(form: str, mode: str, kind: str, kept: str) -> None:
    picture = cleaned(saved(form, mode))
    assert picture.media_type == kind
    assert opened(picture.content).mode == kept


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    out = BytesIO()
    Image.new("I;16", (4, 4), 0x8000).save(out, "PNG")
    assert opened(cleaned(out.getvalue()).content).getpixel((0, 0)) == 128


def test_see_through_colours_stay_see_through() -> None:
    out = BytesIO()
    Image.new("P", (4, 4), 0).save(out, "PNG", transparency=0)
    assert opened(cleaned(out.getvalue()).content).getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_thumbnail_fits_and_never_grows() -> None:
    small = thumbnail(saved("PNG", size=(1200, 600)), side=300)
    assert (small.width, small.height) == (300, 150)
    assert small.media_type == "image/jpeg"
    assert thumbnail(saved("PNG", "RGBA"), side=300).width == 40


def huge_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be of this size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (huge_png(8000, 8000), "too_many_pixels"),
        (huge_png(60_000, 60_000), "too_many_pixels"),
        (saved("PNG")[:60], "broken"),
        (saved("JPEG", size=(200, 200))[:400], "broken"),
        (b"hello", "unknown_type"),
        (saved("BMP"), "unknown_type"),
    ],
)
def test_pictures_that_are_not_taken(content: bytes, reason: str) -> None:
    for make in (cleaned, thumbnail):
        with pytest.raises(MediaRefused) as caught:
            make(content)
        assert caught.value.reason == reason
