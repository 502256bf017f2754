"""The composition root: settings in, a running application out."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

import scenarios
from adapters.clock import Clock, SystemClock
from adapters.kit import KitSettings, PlatformKit
from bot import hearers
from bot.delivery import later, watching
from bot.delivery.pipeline import Delivery
from bot.dialogue import Dialogue
from bot.followups import Ticker
from bot.heard import HeardLately
from bot.hub import Hub
from bot.journal import StoredJournal
from bot.models import Models, budgets_of, chosen_of, models_of
from bot.pace import Pace
from bot.retention import Retention
from bot.router import Router
from bot.services import Services
from bot.settings import Settings, kit_section, setting_problem
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.resting import StoredShelf
from engine.archive import Archive
from engine.assessment import Assessment
from engine.catalog import Catalog
from engine.classify import Reader
from engine.intents import Intents, load_packs
from engine.llm.port import Model
from engine.scenario import Scenario
from engine.shelf import Shelf
from engine.simulation import Simulation
from engine.store import spending


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running application."""

    settings: Settings
    services: Services
    dialogue: Dialogue
    router: Router
    delivery: Delivery
    ticker: Ticker
    retention: Retention
    clock: Clock


def shipped_scenarios() -> Path:
    """The folder of the scenarios that come with the product."""
    return Path(next(iter(scenarios.__path__)))


def catalog_of(settings: Settings) -> Catalog:
    """The scenarios of `SCENARIOS_DIR` and the shipped ones; of two with one id, the former."""
    own = () if settings.scenarios_dir is None else (settings.scenarios_dir,)
    return Catalog(*own, shipped_scenarios())


def intents_of(settings: Settings) -> Intents:
    """The shipped intent packs, and those in `SCENARIOS_DIR/intents`.

    Raises:
        BadPack: a file there is no pack; the text says which.
    """
    folders = [shipped_scenarios() / "intents"]
    if settings.scenarios_dir is not None:
        folders.append(settings.scenarios_dir / "intents")
    return load_packs(*folders)


def reader_of(settings: Settings, intents: Intents | None = None) -> Callable[[Scenario], Reader]:
    """Makes readers, which keep what they learn in `LEARNED_DIR` for the next process.

    The packs are read with the first of them, so that starting stays quick, unless they are given.
    """
    packs = cache(lambda: intents_of(settings) if intents is None else intents)
    shelf = Shelf(settings.learned)
    return lambda scenario: Reader(scenario, packs(), shelf)


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[App]:
    """The application, migrated and ready; everything is closed in order at the end.

    Raises:
        StoreAway: the database cannot be reached.
        ValueError: a setting names something that does not exist; the text says which.
    """
    clock = clock or SystemClock()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        await upgrade(settings.database, queue=settings.carried_by == "procrastinate")
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        app = assembled(settings, database, clock.now, clock)
        stack.push_async_callback(app.services.models.clients.aclose)
        await StoredShelf(database).revive(app.services.models.keys, clock.now())
        async with database.transaction() as tx:
            await spending.look_again(tx, clock.now())
            await hearers.tell(tx, app.services.models.heard_by, clock.now())
        yield app


def assembled(
    settings: Settings,
    database: Database,
    now: Callable[[], datetime],
    clock: Clock,
    model: Model | None = None,
) -> App:
    """The parts put together over an open database. `model` speaks in place of the one set.

    Raises:
        ValueError: a setting names no model that can be reached; the text says which.
    """
    models = models_of(chosen_of(settings), StoredShelf(database), now)
    journal = StoredJournal(database)
    simulation = _simulation(settings, model or models.persona, models.classify, now, journal)
    hub = Hub()
    services = Services(
        settings=settings,
        database=database,
        catalog=catalog_of(settings),
        simulation=simulation,
        assessment=_assessment(settings, simulation, models, now, journal),
        archive=Archive(simulation.read),
        models=models,
        pace=Pace(settings.limits, HeardLately(database, now) if settings.on_postgres else None),
        hub=hub,
        now=now,
        standing=partial(watching.standing, turn_seconds=settings.turn_seconds),
        clock=clock,
    )
    dialogue = Dialogue(database, simulation, settings.turn_seconds, hub)
    router = Router(services, dialogue)
    # The embedded persona answers at once: nothing of it is worth showing before the whole.
    worth = not models.persona.is_ours
    delivery = Delivery(services=services, router=router, worth_growing=worth)
    return App(
        settings=settings,
        services=services,
        dialogue=dialogue,
        router=router,
        delivery=delivery,
        ticker=Ticker(services, delivery),
        retention=Retention(database, simulation, now),
        clock=clock,
    )


def _simulation(
    settings: Settings,
    persona: Model,
    listener: Model,
    now: Callable[[], datetime],
    journal: StoredJournal,
) -> Simulation:
    return Simulation(
        persona,
        now=now,
        id_of=lambda: uuid4().hex,
        reader_of=reader_of(settings),
        at_due=later.arm,
        listener=listener,
        budgets=budgets_of(settings),
        journal=journal,
    )


def _assessment(
    settings: Settings,
    simulation: Simulation,
    models: Models,
    now: Callable[[], datetime],
    journal: StoredJournal,
) -> Assessment:
    return Assessment(
        simulation.read,
        now=now,
        judge=models.judge,
        coach=models.coach,
        budgets=budgets_of(settings),
        journal=journal,
    )


def section_of(kit: PlatformKit) -> KitSettings:
    """What is set for a platform.

    Raises:
        ValueError: something there is wrong; a line for each variable, values left out.
    """
    try:
        return kit.settings_model(**kit_section(kit.name))
    except ValidationError as error:
        lines = [setting_problem((kit.name, *one["loc"]), one["msg"]) for one in error.errors()]
        raise ValueError("\n".join(lines)) from None
