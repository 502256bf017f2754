"""`dressrun up`: the application behind its HTTP door, until SIGTERM."""

import asyncio
import importlib.util
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from math import ceil
from socket import socket
from types import FrameType

import uvicorn

from adapters.kits import kits
from bot.afterwards.sending import Afterwards
from bot.clock import demo_clock as clock_for
from bot.crossings import Crossings
from bot.garbage import collect_seldom
from bot.grace import REQUESTS, Grace
from bot.observability import configure
from bot.platforms import Platforms, chosen, first_links, platforms_of
from bot.retention import EVERY_HOURS
from bot.settings import Settings
from bot.store.database import StoreAway
from bot.warming import Warming
from bot.web.app import create
from bot.wiring import App, running

Begin = Callable[[Settings], AbstractAsyncContextManager[App]]

ADVICE = "Check DRESSRUN_DATABASE_URL and that it runs; see: dressrun doctor --db"

FIRST = "The first administrator comes in once, within a day, by:"

STOPS = (signal.SIGTERM, signal.SIGINT)


class Server(uvicorn.Server):
    """uvicorn, saying where it is once it answers, and stopping without dying of the signal."""

    def __init__(self, config: uvicorn.Config, grace: Grace) -> None:
        super().__init__(config)
        self._grace = grace

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take SIGTERM and SIGINT as a wish to stop.

        uvicorn's own way raises the signal again when it is done, which would end the process
        before the database is closed.
        """
        before = {one: signal.signal(one, self.handle_exit) for one in STOPS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and tell whoever watches."""
        await super().startup(sockets)
        if self.started:
            host, port, *_ = self.servers[0].sockets[0].getsockname()
            sys.stdout.write(f"Dressrun is ready at {address(host, port)}\n")
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal; from now on the time of the stop counts."""
        self._grace.begin()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Let open requests end, as long as the stop can wait for them."""
        self.config.timeout_graceful_shutdown = ceil(self._grace.left(REQUESTS))
        await super().shutdown(sockets)


def server_of(app: App, platforms: Platforms) -> Server:
    """The server of an application, before it listens."""
    config = uvicorn.Config(
        create(app, platforms),
        host=app.settings.host,
        port=app.settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=1_000_000,
    )
    return Server(config, app.delivery.grace)


def run(settings: Settings, *, demo_clock: bool = False) -> int:
    """Serve on the fastest loop there is; the exit code.

    Raises:
        ValueError: a setting is wrong, or with these there can be no demo clock.
    """
    clock = clock_for(settings, chosen(settings, kits())) if demo_clock else None
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        return runner.run(serve(settings, partial(steady, partial(running, clock=clock))))


@asynccontextmanager
async def steady(begin: Begin, settings: Settings) -> AsyncGenerator[App]:
    """The application in a process of its own: what is there once it runs is there to stay.

    So it is not looked through for garbage any more; it is most of what the process holds.
    """
    async with begin(settings) as app:
        collect_seldom()
        yield app


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the fastest event loop that is installed; None for Python's own."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop]
    factory = importlib.import_module("uvloop").new_event_loop
    return factory


def address(host: str, port: int) -> str:
    """Where a server is, as it is typed into a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(settings: Settings, begin: Begin = running) -> int:
    """Serve until SIGTERM or Ctrl-C; the exit code. A stop finishes what is under way.

    `begin` puts the application together.
    """
    configure(settings.log_level)
    try:
        async with begin(settings) as app:
            platforms = platforms_of(app, kits())
            for link in await first_links(app, platforms):
                sys.stdout.write(f"{FIRST} {link}\n")
            server = server_of(app, platforms)
            schedule = app.ticker.schedule()
            schedule.every(EVERY_HOURS * 3600, app.retention.sweep, first=app.services.now())
            adapters = {one.adapter.platform: one.adapter for one in platforms.connected}
            written = Afterwards(services=app.services, delivery=app.delivery, adapters=adapters)
            written.schedule(schedule)
            crossings = Crossings(services=app.services, delivery=app.delivery, platforms=adapters)
            crossings.schedule(schedule)
            Warming(app.services).schedule(schedule)
            async with schedule.running():
                await server.serve()
            return 0 if server.started else 1
    except StoreAway as error:
        sys.stderr.write(f"The database cannot be reached ({error}). {ADVICE}\n")
        return 1
