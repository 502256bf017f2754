"""`dressrun up`: the application behind its HTTP door, until SIGTERM."""

import sys

import structlog
import uvicorn

from bot.observability import configure
from bot.settings import Settings
from bot.store.database import StoreAway
from bot.web.app import create
from bot.wiring import running

log = structlog.get_logger(__name__)

ADVICE = "Check DRESSRUN_DATABASE_URL and that it runs; see: dressrun doctor --db"

GRACE_SECONDS = 20
"""So long running requests may take to finish once a stop is asked for."""


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; the exit code. A stop finishes what is under way."""
    configure(settings.log_level)
    try:
        async with running(settings) as app:
            server = uvicorn.Server(
                uvicorn.Config(
                    create(app),
                    host=settings.host,
                    port=settings.port,
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    timeout_graceful_shutdown=GRACE_SECONDS,
                    ws_max_size=1_000_000,
                )
            )
            scheduler = app.ticker.scheduler()
            scheduler.start()
            try:
                await server.serve()
            finally:
                scheduler.shutdown(wait=False)
            return 0 if server.started else 1
    except StoreAway as error:
        sys.stderr.write(f"The database cannot be reached ({error}). {ADVICE}\n")
        return 1
