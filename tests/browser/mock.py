"""A small server for the page alone: the local workspace's protocol over a script, in memory.

`python -m tests.browser.mock --port 8123`. It plays nothing: what it answers is fixed,
so that pictures and tests of the page need nothing else of the product. `/mock/*` breaks things.
"""

import argparse
import asyncio
import json
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.browser import mock_script as script
from tests.browser.mock_world import World

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "adapters" / "local" / "page"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

Handler = Callable[[Request], Awaitable[Response]]


class Headers:
    """The security headers that the real server sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = {"content-security-policy": CSP, "x-content-type-options": "nosniff"}
                extra["cache-control"] = "no-cache"
                message["headers"] += [(k.encode(), v.encode()) for k, v in extra.items()]
            await send(message)

        await self._app(scope, receive, with_headers)


def problem(status: int, detail: str, **more: Any) -> Response:
    body = {"type": "about:blank", "title": detail, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type="application/problem+json")


def me(request: Request) -> str:
    return request.headers.get("x-dressrun-as") or request.query_params.get("as") or "trainee-1"


def world(request: Request) -> World:
    found: World = request.app.state.world
    return found


def stored(handler: Handler) -> Handler:
    """Answers 503 while the store is away."""

    async def answer(request: Request) -> Response:
        if world(request).away:
            detail = "Nothing can be kept just now. Try again in a moment."
            return problem(503, detail, code="store_away")
        return await handler(request)

    return answer


async def start(request: Request) -> Response:
    if me(request) not in script.PEOPLE:
        return problem(401, "Open the link that you were given.", code="login_needed")
    return JSONResponse(world(request).start(me(request)))


@stored
async def messages(request: Request) -> Response:
    before = int(request.query_params.get("before", 0)) or None
    limit = int(request.query_params.get("limit", 50))
    found = world(request).page(request.path_params["key"], me(request), before, limit)
    return JSONResponse(found)


async def search(request: Request) -> Response:
    found = world(request).search(request.query_params["q"], me(request))
    place = request.query_params.get("place")
    return JSONResponse({"messages": [m for m in found if place in (None, m["place"])][:50]})


@stored
async def say(request: Request) -> Response:
    body = await request.json()
    w, place = world(request), request.path_params["key"]
    if w.heard(body["event_id"]):
        return JSONResponse({"event_id": body["event_id"]}, 202)
    files = [w.uploads[one] for one in body["files"]]
    w.say(place, me(request), body["text"], event_id=body["event_id"], files=files)
    w.spawn(script.reply(w, place, me(request), body["text"]))
    return JSONResponse({"event_id": body["event_id"]}, 202)


@stored
async def command(request: Request) -> Response:
    body = await request.json()
    w, place = world(request), request.path_params["key"]
    form = script.command(w, place, me(request), body["name"], body["text"])
    return JSONResponse({"form": form} if form else {}, 200 if form else 202)


@stored
async def press(request: Request) -> Response:
    body = await request.json()
    w, place = world(request), request.path_params["key"]
    form = script.press(w, place, me(request), body["choice"])
    return JSONResponse({"form": form} if form else {}, 200 if form else 202)


@stored
async def forms(request: Request) -> Response:
    body = await request.json()
    errors = script.errors(body["values"])
    if errors:
        return problem(422, "Some fields need another look.", errors=errors)
    script.filled(world(request), request.path_params["key"], me(request), body["values"])
    return JSONResponse({}, 202)


async def complete(request: Request) -> Response:
    body = await request.json()
    return JSONResponse({"items": script.complete(body["option"], body["typed"])})


async def edit(request: Request) -> Response:
    body = await request.json()
    world(request).change(body["message"], text=body["text"], edited=True)
    return JSONResponse({})


async def delete(request: Request) -> Response:
    body = await request.json()
    world(request).change(body["message"], text="", deleted=True)
    return JSONResponse({})


async def read(request: Request) -> Response:
    body = await request.json()
    world(request).read[(me(request), request.path_params["key"])] = body["seq"]
    return JSONResponse({})


async def stop(request: Request) -> Response:
    world(request).stopped.add(request.path_params["key"])
    return JSONResponse({})


async def upload(request: Request) -> Response:
    media_type = request.headers["content-type"]
    if not media_type.startswith(("image/", "text/", "application/pdf")):
        return problem(415, "Only pictures, text and PDF can be sent.", code="wrong_type")
    name, content = request.query_params["name"], await request.body()
    return JSONResponse(world(request).keep(name, media_type, content), 201)


async def files(request: Request) -> Response:
    kept = world(request).contents.get(request.path_params["id"])
    if kept:
        return Response(kept[1], media_type=kept[0])
    return FileResponse(ROOT / "scenarios" / script.MEDIA[request.path_params["id"]])


async def table(request: Request) -> Response:
    return Response("Analyte,Result\r\nTroponin,12\r\n", media_type="text/csv")


async def direct(request: Request) -> Response:
    person = (await request.json())["person"]
    return JSONResponse({"place": world(request).direct(me(request), person)})


async def broken(request: Request) -> Response:
    """Breaks and mends: `anew` is a fresh world, `drop` and `restart` end all sockets.

    `draft` is a reply that stands still while it grows.
    """
    w = world(request)
    match request.path_params["what"]:
        case "anew":
            await w.drop()
            request.app.state.world = begun()
        case "drop":
            await w.drop()
        case "restart":
            await w.drop(1012)
        case "down" | "up" as what:
            w.away = what == "down"
            w.tell({"type": what})
        case "refuse" | "accept" as what:
            w.refusing = what == "refuse"
        case "say":
            query = request.query_params
            w.say(query["place"], query["as"], query["text"])
        case "draft":
            query = request.query_params
            w.post(query["place"], query["text"], speaker=script.COLIN, draft=True)
    return Response()


async def live(socket: WebSocket) -> None:
    w: World = socket.app.state.world
    if w.refusing:
        await socket.close(1013)
        return
    await socket.accept()
    person, after = socket.query_params["as"], int(socket.query_params["after"])
    queue = w.follow(socket, person, after)
    sender = asyncio.create_task(_send(socket, queue))
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        sender.cancel()
        w.leave(socket)


async def _send(socket: WebSocket, queue: "asyncio.Queue[Any]") -> None:
    while True:
        await socket.send_text(json.dumps(await queue.get()))


async def index(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html")


def begun() -> World:
    found = World(script.PEOPLE, script.COMMANDS)
    script.begin(found)
    return found


def app() -> Starlette:
    api = "/local/api"
    at = f"{api}/places/{{key}}"
    post = {"methods": ["POST"]}
    routes = [
        Route("/", index),
        Route(f"{api}/start", start),
        Route(f"{api}/search", search),
        Route(f"{at}/messages", messages),
        Route(f"{at}/messages", say, **post),
        Route(f"{at}/commands", command, **post),
        Route(f"{at}/press", press, **post),
        Route(f"{at}/forms", forms, **post),
        Route(f"{at}/edit", edit, **post),
        Route(f"{at}/delete", delete, **post),
        Route(f"{at}/read", read, **post),
        Route(f"{at}/stop", stop, **post),
        Route(f"{api}/complete", complete, **post),
        Route(f"{api}/uploads", upload, **post),
        Route(f"{api}/dm", direct, **post),
        Route("/local/files/{id}/{name}", files),
        Route("/local/tables/{id}/{name}", table),
        Route("/mock/{what}", broken, **post),
        WebSocketRoute("/local/live", live),
        Mount("/local/page", StaticFiles(directory=PAGE)),
    ]

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncGenerator[None]:
        application.state.world = begun()
        yield

    return Starlette(routes=routes, middleware=[Middleware(Headers)], lifespan=lifespan)


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--port", type=int, default=8123)
    with socket.create_server(("127.0.0.1", reader.parse_args().port)) as listening:
        # Whoever connects from now on is answered, as soon as the server is up.
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server = uvicorn.Server(uvicorn.Config(app(), log_level="warning"))
        server.run(sockets=[listening])


if __name__ == "__main__":
    main()
