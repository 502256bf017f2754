"""The page for somebody who is not logged in. It needs no other file: those ask for a login too."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from fastapi import Response
from fastapi.responses import HTMLResponse

from bot.observability import METRICS
from bot.views import login

ASKS = 'Bearer realm="dressrun"'
"""How a program is told that it needs a login."""


def page(*, keeps_cookies: bool) -> Response:
    """Says how to get in. `keeps_cookies`: a browser would keep a login under this address."""
    import jinja2  # only who is not logged in needs it

    METRICS.errors.labels("login_needed").inc()
    html = jinja2.Environment(autoescape=True).from_string(_text("templates", "sign_in.html"))
    style = _text("assets", "sign_in.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "WWW-Authenticate": ASKS}
    shown = html.render(login=login, style=style, keeps_cookies=keeps_cookies)
    return HTMLResponse(shown, 401, headers)


@cache
def _text(folder: str, name: str) -> str:
    return files(__package__).joinpath(folder, name).read_text(encoding="utf-8").strip()
