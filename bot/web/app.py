"""The web application, put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from bot.grace import REQUESTS
from bot.platforms import Platforms
from bot.web import (
    chat,
    commands,
    documents,
    exhibits,
    health,
    pages,
    people,
    portraits,
    scenarios,
    sessions,
)
from bot.web.border import Border
from bot.web.kept import Kept
from bot.web.logins import Logins
from bot.web.origins import Origins
from bot.web.problems import install
from bot.wiring import App

ABOUT: Final = (
    "Training role-plays with simulated people. Start a session, then talk over the WebSocket "
    "/chat/{session_id}: frames are JSON text of {type, content, metadata}. Send session_start, "
    "user_message (with an event_id of your own, so that sending it again does nothing twice) and "
    "command; receive session_start, typing, assistant_delta, assistant_message, exhibit, phase, "
    "score and error. Failures are problem documents (RFC 9457) with a code."
)


NO_PLATFORMS: Final = Platforms()


def create(app: App, platforms: Platforms = NO_PLATFORMS) -> FastAPI:
    """The server of a running application, with the platforms that it connects.

    Its lifespan has to run: in it what came in is handled, and at its end what is under way.
    """
    web = FastAPI(
        title="Dressrun",
        version=health.VERSION,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    web.state.dressrun = app
    web.state.kept = Kept()
    web.state.platforms = platforms
    install(web)
    # First, so that a platform may have the front page.
    web.router.routes.extend(platforms.routes)
    for part in (
        pages, health, scenarios, sessions, commands, exhibits, documents, portraits, people, chat,
    ):  # fmt: skip
        web.include_router(part.router)
    web.add_middleware(Logins, settings=app.settings, platforms=platforms)
    if app.settings.cors_origins:
        web.add_middleware(
            CORSMiddleware,
            allow_origins=app.settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["X-Request-ID", "ETag"],
        )
    web.add_middleware(
        Border,
        origins=Origins.of(app.settings),
        bodies=platforms.bodies,
        grace=app.delivery.grace,
    )
    return web


@asynccontextmanager
async def _lifespan(web: FastAPI) -> AsyncGenerator[None]:
    app: App = web.state.dressrun
    platforms: Platforms = web.state.platforms
    async with platforms.running(app):
        yield
        await web.state.kept.finish(app.delivery.grace.left(REQUESTS))
