"""`dressrun worker`: takes turns beside `dressrun up`, until SIGTERM.

It has no door of its own, and lets no time pass in sessions: that is for `up`, without which nobody
would see what time brings.
"""

import asyncio
import sys
from functools import partial

from adapters.kits import kits
from bot.delivery.carriers.local import SLOTS
from bot.followups import EVERY_SECONDS
from bot.observability import configure
from bot.platforms import shown_by
from bot.schedule import Schedule
from bot.serving import ADVICE, STOPS, Begin, fastest_loop, steady
from bot.settings import Settings
from bot.store.database import StoreAway
from bot.warming import Warming
from bot.wiring import App, running

ALONE = "on SQLite `dressrun up` does all the work; name a PostgreSQL in DRESSRUN_DATABASE_URL"


def run(settings: Settings) -> int:
    """Work on the fastest loop there is; the exit code.

    Raises:
        ValueError: the database is one that only one process should work on.
    """
    if not settings.on_postgres:
        raise ValueError(ALONE)
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        return runner.run(work(settings, partial(steady, running)))


def _warmed(app: App) -> Schedule:
    schedule = Schedule(app.delivery.grace)
    schedule.every(EVERY_SECONDS, app.services.simulation.prepare, first=app.services.now())
    Warming(app.services).schedule(schedule)
    return schedule


async def work(settings: Settings, begin: Begin = running) -> int:
    """Take turns until SIGTERM or Ctrl-C; the exit code. A stop finishes what is under way.

    `begin` puts the application together.
    """
    configure(settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in STOPS:
        loop.add_signal_handler(one, stop.set)
    try:
        async with begin(settings) as app, shown_by(app, kits()):
            sys.stdout.write(f"A worker is ready: {SLOTS} turns at once, {settings.carried_by}\n")
            sys.stdout.flush()
            async with _warmed(app).running():
                await stop.wait()
                app.delivery.grace.begin()
    except StoreAway as error:
        sys.stderr.write(f"The database cannot be reached ({error}). {ADVICE}\n")
        return 1
    finally:
        for one in STOPS:
            loop.remove_signal_handler(one)
    return 0
