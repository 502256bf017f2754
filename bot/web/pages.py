"""Pages for people: a front page, and the API's documentation without anything from outside."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from bot.views.library import DOMAINS
from bot.web.context import Running
from bot.web.health import VERSION

if TYPE_CHECKING:
    from jinja2 import Template

router = APIRouter(include_in_schema=False)

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS: Final = {"page.css": "text/css", "docs.js": "text/javascript"}
_PLAIN: Final = re.compile(r"[^a-z_]+")
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@router.get("/", response_class=HTMLResponse)
async def home(app: Running) -> Response:
    """What can be played, and how."""
    return _page(
        "home.html",
        scenarios=app.services.catalog.published(),
        domains=DOMAINS,
        host=app.settings.bind,
        version=VERSION,
    )


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> Response:
    """The API, with a form to try each call."""
    return _documentation(request, tries=True)


@router.get("/redoc", response_class=HTMLResponse)
async def redoc(request: Request) -> Response:
    """The API, to read."""
    return _documentation(request, tries=False)


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """A file that the pages use."""
    if name not in _ASSETS:
        raise HTTPException(404)
    return Response(
        _text("assets", name),
        media_type=_ASSETS[name],
        headers={"Cache-Control": "public, max-age=3600"},
    )


def _documentation(request: Request, *, tries: bool) -> Response:
    document: Mapping[str, Any] = request.app.openapi()
    return _page(
        "docs.html",
        title=document["info"]["title"],
        version=document["info"]["version"],
        about=document["info"].get("description", ""),
        operations=list(_operations(document)),
        shapes=document.get("components", {}).get("schemas", {}),
        type_of=_type_of,
        tries=tries,
    )


def _operations(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                told = methods[method]
                body = told.get("requestBody", {}).get("content", {})
                yield {
                    "id": f"{method}{_PLAIN.sub('-', path)}",
                    "method": method.upper(),
                    "path": path,
                    "summary": told.get("summary", ""),
                    "description": told.get("description", ""),
                    "parameters": told.get("parameters", ()),
                    "body": next((one["schema"] for one in body.values()), None),
                    "answers": [
                        (status, one["description"], _answer(one))
                        for status, one in told["responses"].items()
                    ],
                }


def _answer(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((one.get("schema") for one in told.get("content", {}).values()), None)


def _type_of(schema: Mapping[str, Any] | None) -> str:
    """A schema in a few words, such as `TurnLine[]` or `text or null`."""
    if not schema:
        return ""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type_of(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum") or [schema["const"]]
        return " | ".join(f"“{value}”" for value in values)
    kind = str(schema.get("format") or schema.get("type") or "anything")
    if kind == "array":
        return f"{_type_of(schema.get('items'))}[]"
    return {"string": "text", "date-time": "time"}.get(kind, kind)


def _page(template: str, **values: object) -> Response:
    html = _template(template).render(**values)
    return HTMLResponse(html, headers={"Content-Security-Policy": PAGE_POLICY})


@cache
def _template(name: str) -> "Template":
    import jinja2  # only who looks at a page needs it

    environment = jinja2.Environment(autoescape=True)
    return environment.from_string(_text("templates", name))


@cache
def _text(folder: str, name: str) -> str:
    return files(__package__).joinpath(folder, name).read_text(encoding="utf-8")
