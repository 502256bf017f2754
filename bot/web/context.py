"""What request handlers ask for: the running application, and ids that can be ids."""

import re
from typing import Annotated, Any, Final

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from bot.web.shapes import Problem
from bot.wiring import App
from engine.errors import NoSession

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": "What went wrong, as `application/problem+json`."}
    for status in ("4XX", 422, "5XX")
}
"""How failures look, for the documentation."""


def app_of(connection: HTTPConnection) -> App:
    """The application that this server belongs to."""
    app: App = connection.app.state.dressrun
    return app


def session_id_of(
    session_id: Annotated[str, Path(description="As POST /api/sessions gave it.")],
) -> str:
    """The id of a session, as far as one can see without looking.

    Raises:
        NoSession: it cannot be one.
    """
    if not _ID.fullmatch(session_id):
        raise NoSession
    return session_id


Running = Annotated[App, Depends(app_of)]
SessionId = Annotated[str, Depends(session_id_of)]
