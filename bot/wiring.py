"""The composition root: settings in, a running application out."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError

import scenarios
from adapters.clock import Clock, SystemClock
from adapters.kit import KitSettings, PlatformKit
from bot.delivery import later, watching
from bot.delivery.pipeline import Delivery
from bot.dialogue import Dialogue
from bot.followups import Ticker
from bot.hub import Hub
from bot.retention import Retention
from bot.router import Router
from bot.services import Services
from bot.settings import Settings, kit_section, setting_problem
from bot.store.database import Database
from bot.store.migrate import upgrade
from engine.archive import Archive
from engine.assessment import Assessment
from engine.catalog import Catalog
from engine.classify import Reader
from engine.intents import Intents, load_packs
from engine.llm.port import Model
from engine.llm.select import BadModelChoice, ModelNotBuilt, build, parse_choice
from engine.scenario import Scenario
from engine.simulation import Simulation


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


def _reader_of(settings: Settings) -> Callable[[Scenario], Reader]:
    """Makes readers; the packs are read with the first of them, so that starting stays quick."""
    packs = cache(lambda: intents_of(settings))
    return lambda scenario: Reader(scenario, packs())


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
        yield assembled(settings, database, clock.now, clock)


def assembled(
    settings: Settings,
    database: Database,
    now: Callable[[], datetime],
    clock: Clock,
    model: Model | None = None,
) -> App:
    """The parts put together over an open database. `model` speaks in place of the one set."""
    simulation = Simulation(
        model or models_of(settings)["persona"],
        now=now,
        id_of=lambda: uuid4().hex,
        reader_of=_reader_of(settings),
        at_due=later.arm,
    )
    hub = Hub()
    services = Services(
        settings=settings,
        database=database,
        catalog=catalog_of(settings),
        simulation=simulation,
        assessment=Assessment(simulation.read, now=now),
        archive=Archive(simulation.read),
        hub=hub,
        now=now,
        standing=watching.standing,
        clock=clock,
    )
    dialogue = Dialogue(database, simulation, settings.turn_seconds, hub)
    router = Router(services, dialogue)
    # The embedded persona answers at once: nothing of it is worth showing before the whole.
    worth = parse_choice(settings.models.persona).provider != "embedded"
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


def models_of(settings: Settings) -> Mapping[str, Model]:
    """The model of each role that is set. Those of `fallbacks` are checked and not in it.

    Raises:
        ValueError: a setting names no model that this release has; the text says which setting.
    """
    chosen = settings.models.model_dump()
    fallbacks = [one for one in chosen.pop("fallbacks").split(",") if one.strip()]
    for choice in fallbacks:
        _built("fallbacks", choice)
    return {role: _built(role, choice) for role, choice in chosen.items() if choice}


def _built(role: str, choice: str) -> Model:
    try:
        return build(parse_choice(choice))
    except (BadModelChoice, ModelNotBuilt) as error:
        raise ValueError(f"DRESSRUN_MODELS__{role.upper()}: {error}") from None


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
