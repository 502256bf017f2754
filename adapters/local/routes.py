"""The workspace over HTTP and WebSocket."""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route, WebSocketRoute
from starlette.types import Scope

from adapters.errors import DeliveryFailed, NotRunning, PlatformDown
from adapters.local import access, accounts, page, parse
from adapters.local.access import NoAccess
from adapters.local.adapter import LocalAdapter
from adapters.local.desk import AlreadyDone, Desk, NotThere
from adapters.local.doorkeeper import READING, Doorkeeper, asking_of
from adapters.local.limits import LIMITS
from adapters.local.offers import Replaced
from adapters.local.parse import BadRequest
from adapters.local.pictures import ENDINGS, WrongType
from adapters.local.rows import Body, Person
from adapters.local.sockets import Sockets

UPLOADS: Final = "/local/api/uploads"
ROOM: Final = 64 * 1024
"""Bytes that may stand around an uploaded file."""

_SHOWN: Final = ("image/png", "image/jpeg", "image/webp", "audio/", "application/pdf")
_FILE_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"

_REPLACED: Final = "Something newer took the place of this. See the newest message here."

_PROBLEMS: Final[Mapping[type[Exception], tuple[int, str, str]]] = {
    NotThere: (404, "not_found", "There is no such thing here. Load the page again."),
    Replaced: (409, "replaced", _REPLACED),
    NotRunning: (503, "not_running", "The server is starting or stopping. Try again."),
    PlatformDown: (503, "store_away", "Nothing can be kept just now. Try again in a moment."),
    DeliveryFailed: (500, "failed", "That did not work. Try something else."),
    WrongType: (415, "wrong_type", f"Send one of these kinds: {', '.join(ENDINGS)}."),
}

Handler = Callable[[Request, Person], Awaitable[Response]]


class TooMuch(Exception):
    """More was sent than is read."""


def problem(status: int, code: str, detail: str, **more: object) -> Response:
    """A problem document. Nothing in it repeats what was sent."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    headers = {"Retry-After": "2"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse({**body, **more}, status, headers, "application/problem+json")


def routes_of(adapter: LocalAdapter) -> list[BaseRoute]:
    """Every route of the workspace."""
    door = Doorkeeper(adapter)
    web = _Web(adapter, door)
    at = "/local/api/places/{key}"
    acts = {
        f"{at}/messages": web.desk.say,
        f"{at}/edit": web.desk.edit,
        f"{at}/delete": web.desk.delete,
        f"{at}/commands": web.desk.command,
        f"{at}/press": web.desk.press,
        f"{at}/forms": web.desk.send_form,
        f"{at}/read": web.desk.read,
        f"{at}/stop": web.desk.stop,
    }
    reads: dict[str, Handler] = {
        "/local/api/start": web.start,
        f"{at}/messages": web.history,
        "/local/api/search": web.search,
        "/local/files/{id}/{name}": web.file,
        "/local/tables/{message}/{at:int}.csv": web.table,
    }
    posts: dict[str, Handler] = {
        "/local/api/complete": web.complete,
        "/local/api/dm": web.dm,
        UPLOADS: web.upload,
        "/local/api/logout": web.logout,
    }
    return [
        _Route("/", web.page),
        _Route("/local/page/{path:path}", page.asset),
        _Route("/local/link/{token}", web.link, methods=["GET", "POST"]),
        *(_Route(path, web.known(one)) for path, one in reads.items()),
        *(_Route(path, web.known(web.acted(one)), methods=["POST"]) for path, one in acts.items()),
        *(_Route(path, web.known(one), methods=["POST"]) for path, one in posts.items()),
        WebSocketRoute("/local/live", Sockets(adapter.feed, door).live),
    ]


class _Route(Route):
    """A route that the server's log and figures know by its path."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it takes a request; the request then knows its route."""
        match, child = super().matches(scope)
        return match, {**child, "route": self}


class _Web:
    """Requests in, answers out."""

    def __init__(self, adapter: LocalAdapter, door: Doorkeeper) -> None:
        self._adapter = adapter
        self._door = door
        self.desk = Desk(adapter)

    # --- who asks ------------------------------------------------------------------------------

    def known(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """A handler for somebody who was let in; what fails becomes a problem document."""

        async def handled(request: Request) -> Response:
            try:
                return await handler(request, await self._door.who(request))
            except NoAccess as error:
                return problem(access.STATUS[error.code], error.code, access.WORDS[error.code])
            except BadRequest as error:
                detail = f"This cannot be read: {error.what}. Load the page again."
                return problem(422, "bad_request", detail)
            except AlreadyDone:
                return JSONResponse({}, 202)
            except TooMuch:
                detail = f"At most {LIMITS.upload_bytes // 1024**2} MB. Send a smaller file."
                return problem(413, "too_large", detail)
            except tuple(_PROBLEMS) as error:
                return problem(
                    *next(one for kind, one in _PROBLEMS.items() if isinstance(error, kind))
                )

        return handled

    # --- pages ---------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """The page; what it may show, the API decides."""
        return page.index(request)

    async def link(self, request: Request) -> Response:
        """Log in by a link: a look at it does nothing yet, its button does."""
        token = request.path_params["token"]
        if request.method in READING:
            return page.enter()
        try:
            self._adapter.gate.require_own_page(asking_of(request))
        except NoAccess as error:
            return problem(access.STATUS[error.code], error.code, access.WORDS[error.code])
        async with self._adapter.database.transaction() as tx:
            session = await accounts.enter(tx, token, self._adapter.clock.now())
        if session is None:
            detail = "This link was used before, or is too old. Ask for a new one."
            return problem(401, "login_needed", detail)
        answer = RedirectResponse("/", 303)
        seconds = int(accounts.SESSION.total_seconds())
        answer.set_cookie(
            access.COOKIE, session, max_age=seconds, secure=True, httponly=True, samesite="lax"
        )
        return answer

    async def logout(self, request: Request, me: Person) -> Response:
        """End this browser's session."""
        async with self._adapter.database.transaction() as tx:
            await accounts.leave(tx, request.cookies.get(access.COOKIE, ""))
        self._adapter.feed.ring()  # Its other tabs are told nothing more from now on.
        answer = JSONResponse({})
        answer.delete_cookie(access.COOKIE, secure=True, httponly=True, samesite="lax")
        return answer

    # --- reading -------------------------------------------------------------------------------

    async def start(self, request: Request, me: Person) -> Response:
        """All that a page needs to begin."""
        body = await self.desk.start(me)
        return JSONResponse({**body, "csrf": await self._door.csrf(request)})

    async def history(self, request: Request, me: Person) -> Response:
        """A page of messages."""
        key, asked = request.path_params["key"], request.query_params
        before = parse.number(asked.get("before"), "before")
        limit = parse.number(asked.get("limit"), "limit") or 50
        return JSONResponse(await self.desk.history(me, key, before, limit))

    async def search(self, request: Request, me: Person) -> Response:
        """Messages that hold some words."""
        asked = request.query_params
        return JSONResponse(await self.desk.search(me, asked.get("q", ""), asked.get("place")))

    async def file(self, request: Request, me: Person) -> Response:
        """A file; only kinds that cannot act are shown in the browser itself."""
        small = request.query_params.get("small") == "1"
        upload, content = await self.desk.file(me, request.path_params["id"], small=small)
        shown = upload.media_type.startswith(_SHOWN)
        name = page.quoted(upload.name)
        return Response(
            content,
            media_type=upload.media_type if shown else "application/octet-stream",
            headers={
                "Content-Disposition": f"{'inline' if shown else 'attachment'}; {name}",
                "Content-Security-Policy": _FILE_POLICY,
                "Cache-Control": "private, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def table(self, request: Request, me: Person) -> Response:
        """A table as CSV."""
        given = request.path_params
        text = await self.desk.table(me, given["message"], given["at"])
        headers = {"Content-Disposition": 'attachment; filename="table.csv"'}
        return Response("\ufeff" + text, media_type="text/csv", headers=headers)

    # --- acting --------------------------------------------------------------------------------

    def acted(self, act: Callable[[Person, str, Body], Awaitable[Body]]) -> Handler:
        """A handler of something done in a place."""

        async def handled(request: Request, me: Person) -> Response:
            done = await act(me, request.path_params["key"], await _json(request))
            if "errors" in done:
                detail = "Please look at the marked fields."
                return problem(422, "form_errors", detail, errors=done["errors"])
            return JSONResponse(done, 202)

        return handled

    async def complete(self, request: Request, me: Person) -> Response:
        """Completions."""
        return JSONResponse(await self.desk.complete(me, await _json(request)))

    async def dm(self, request: Request, me: Person) -> Response:
        """A direct message."""
        return JSONResponse(await self.desk.dm(me, await _json(request)))

    async def upload(self, request: Request, me: Person) -> Response:
        """A file, as a form's one part or as the whole body."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > LIMITS.upload_bytes + ROOM:
                raise TooMuch
        name, content = page.part_of(request.headers.get("content-type", ""), bytes(body))
        if len(content) > LIMITS.upload_bytes:
            raise TooMuch
        given = request.query_params.get("name") or name
        return JSONResponse(await self.desk.upload(me, given, content), 201)


async def _json(request: Request) -> Body:
    try:
        found = json.loads(await request.body() or b"{}")
    except ValueError:
        raise BadRequest("body") from None
    if not isinstance(found, dict):
        raise BadRequest("body")
    return found
