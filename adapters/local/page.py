"""The page's own files, and what comes with a file that is sent from it."""

import base64
import hashlib
import re
from email.message import Message as Header
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_TYPES: Final = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
    "webmanifest": "application/manifest+json",
}
_PATH: Final = re.compile(r"(?:[A-Za-z0-9_-]+/){0,4}[A-Za-z0-9_-][A-Za-z0-9._-]*")
_NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_ASKED_FOR_ELSEWHERE: Final = ("index.html", "enter.html", "enter.css")


def index(request: Request) -> Response:
    """The page itself."""
    return _sent(request, "index.html")


async def asset(request: Request) -> Response:
    """A file of the page."""
    path = str(request.path_params["path"])
    if path in _ASKED_FOR_ELSEWHERE:
        return Response(status_code=404)
    return _sent(request, path)


def enter() -> Response:
    """A button that uses up a link: what only looks at links must not.

    It needs no other file, since those are for who is in.
    """
    style = _text("enter.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    headers = {
        **_HEADERS,
        "Content-Security-Policy": f"{_NOTHING}; style-src 'sha256-{digest}'",
        # Without any, a browser does not say either which page the button is on.
        "Referrer-Policy": "same-origin",
    }
    html = _text("enter.html").replace("[[style]]", style)
    return Response(html, media_type="text/html", headers=headers)


def part_of(content_type: str, body: bytes) -> tuple[str, bytes]:
    """The name and content of the first file in a form, or the whole body without a name."""
    header = Header()
    header["Content-Type"] = content_type
    border = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not border:
        return "", body
    _, _, rest = (b"\r\n" + body).partition(b"\r\n--" + border.encode() + b"\r\n")
    head, _, content = rest.partition(b"\r\n\r\n")
    content, _, _ = content.partition(b"\r\n--" + border.encode())
    found = re.search(rb'filename="([^"\r\n]*)"', head)
    return found[1].decode("utf-8", "replace") if found else "", content


def quoted(name: str) -> str:
    """A file's name for a header."""
    return f"filename*=UTF-8''{quote(name, safe='')}"


def _sent(request: Request, path: str) -> Response:
    found = _read(path)
    if found is None:
        return Response("This page is not there.", 404, _HEADERS, "text/plain")
    content, tag, media_type = found
    headers = {**_HEADERS, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


@cache
def _text(name: str) -> str:
    return files(__package__).joinpath("page", name).read_text(encoding="utf-8").strip()


@cache
def _read(path: str) -> tuple[bytes, str, str] | None:
    media_type = _TYPES.get(path.rpartition(".")[2])
    if media_type is None or not _PATH.fullmatch(path):
        return None
    file = files(__package__).joinpath("page", *path.split("/"))
    if not file.is_file():
        return None
    content = file.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"', media_type
