"""Every failure of the API as a problem document (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bot.failures import Expected
from bot.observability import METRICS
from bot.people import NoPerson
from bot.web.shapes import Shape
from bot.web.words import WebError, told, words_of

MEDIA_TYPE: Final = "application/problem+json"

EXPECTED: Final = (*Expected, WebError, NoPerson)
"""Failures that have words; anything else is a bug."""

# What is not here is about what was sent: 422.
STATUS: Final[Mapping[str, int]] = {
    "session_ended": 409,
    "session_paused": 409,
    "not_allowed_now": 409,
    "sequence_taken": 409,
    "already_stored": 409,
    "no_session": 404,
    "no_person": 404,
    "no_exhibit": 404,
    "unknown_scenario": 404,
    "unknown_media": 404,
    "not_seated": 403,
    "not_you": 403,
    "not_allowed": 403,
    "consent_needed": 403,
    "too_many": 429,
    "too_fast": 429,
    "store_refused": 500,
    "no_scenario_version": 500,
    "failed": 500,
    "store_away": 503,
    "model_unavailable": 503,
}
_CODES: Final = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "bad_request",
}
_RETRY_SECONDS: Final = 5


def problem(
    request_id: str,
    status: int,
    code: str,
    detail: str,
    *,
    retryable: bool = False,
    more: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document. Nothing in it repeats what was sent."""
    METRICS.errors.labels(code).inc()
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "retryable": retryable,
        "request_id": request_id,
        **(more or {}),
    }
    shown = dict(headers or {})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        shown["Retry-After"] = str(_RETRY_SECONDS)
    return Response(orjson.dumps(body), status, shown, MEDIA_TYPE)


def request_id_of(request: Request) -> str:
    """The id that this request has in answers and logs."""
    return str(getattr(request.state, "request_id", ""))


def install(web: FastAPI) -> None:
    """Answer every failure with a problem document."""
    for kind in EXPECTED:
        web.add_exception_handler(kind, _expected)
    web.add_exception_handler(RequestValidationError, _invalid)
    web.add_exception_handler(HTTPException, _http)


async def _expected(request: Request, error: Exception) -> Response:
    what = told(error)
    status = STATUS.get(what.code, 422)
    return problem(request_id_of(request), status, what.code, what.words, retryable=what.retryable)


async def _invalid(request: Request, error: Exception) -> Response:
    found: Sequence[Mapping[str, object]] = (
        error.errors() if isinstance(error, RequestValidationError) else ()
    )
    # Where and what, but not pydantic's `input`: that is what was sent.
    wrong = [{"where": ".".join(_parts(one["loc"])), "what": str(one["msg"])} for one in found]
    words = words_of("bad_request")
    return problem(request_id_of(request), 422, "bad_request", words, more={"errors": wrong})


def _parts(where: object) -> list[str]:
    """The place of a mistake, without keys of the client's own: people's words may be in them."""
    first, *more = where if isinstance(where, tuple) else (where,)
    ours = {name for shape in Shape.__subclasses__() for name in shape.model_fields}
    named = first != "body"  # every other part of a request has names of ours only
    return [str(first), *(str(one) for one in more if named or one in ours or type(one) is int)]


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code = _CODES.get(status, "failed")
    words = words_of(code) or HTTPStatus(status).phrase
    return problem(request_id_of(request), status, code, words, headers=headers)
