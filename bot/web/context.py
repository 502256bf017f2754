"""What request handlers ask for: the running application, and ids that can be ids."""

import re
from typing import Annotated, Any, Final

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from bot.platforms import Visitor
from bot.web import callers
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


def visitor_of(connection: HTTPConnection) -> Visitor | None:
    """Who is logged in; None for whoever may act for anybody.

    That is everybody where nobody has to log in, and an administrator elsewhere, whose programs
    act for people as programs on this machine do.
    """
    found: Visitor | None = connection.scope["state"]["visitor"]
    return None if found is not None and found.is_admin else found


Running = Annotated[App, Depends(app_of)]
Who = Annotated[Visitor | None, Depends(visitor_of)]


async def seen_session_of(
    app: Running, who: Who, session_id: Annotated[str, Depends(session_id_of)]
) -> str:
    """The id of a session that whoever asks may read.

    Raises:
        NoSession: there is none, or it is not theirs to read.
    """
    return await seen(app, who, session_id)


async def seen(app: App, who: Visitor | None, session_id: str) -> str:
    """The same, for an id that did not come as a part of the address."""
    session_id_of(session_id)
    if who is not None:
        async with app.services.database.reading() as tx:
            record, _, state = await app.services.simulation.read(tx, session_id)
            await callers.require_seen(tx, record, state, who)
    return session_id


SessionId = Annotated[str, Depends(seen_session_of)]
