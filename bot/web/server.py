"""How uvicorn is to run the web application."""

import uvicorn
from fastapi import FastAPI

from bot.settings import Settings
from bot.web.app import DRAIN_SECONDS

MAX_FRAME_BYTES = 1024 * 1024
"""Beyond it a WebSocket is closed; up to it, too large a frame gets a sentence instead."""


def config_of(web: FastAPI, settings: Settings, *, port: int | None = None) -> uvicorn.Config:
    """The server's configuration. Logging is `bot.observability`'s, so uvicorn sets up none."""
    return uvicorn.Config(
        web,
        host=settings.host,
        port=settings.port if port is None else port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
