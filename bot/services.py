"""What handlers may use. Built once, in `bot.wiring`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from adapters.clock import Clock
from bot import portraits
from bot.hub import Hub
from bot.models import Models, embedded_models
from bot.pace import Pace
from bot.settings import RateLimits, Settings
from bot.standing import Look
from bot.store.database import Database
from engine.archive import Archive
from engine.assessment import Assessment
from engine.catalog import Catalog
from engine.errors import UnknownMedia, UnknownScenario
from engine.simulation import Simulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The engine's faces and what the application keeps beside them."""

    settings: Settings
    database: Database
    catalog: Catalog
    simulation: Simulation
    assessment: Assessment
    archive: Archive
    hub: Hub
    now: Callable[[], datetime]
    standing: Look
    models: Models = field(default_factory=embedded_models)
    pace: Pace = field(default_factory=lambda: Pace(RateLimits()))
    clock: Clock | None = None

    def media(self, scenario_id: str) -> Callable[[str], Path]:
        """Finds the files of a scenario's media folder."""
        return lambda filename: self.catalog.media(scenario_id, filename)

    def picture(self, scenario_id: str, filename: str) -> str | None:
        """The address of a character's picture, for whoever reaches us; None for nobody."""
        root = self.settings.reached_at
        try:
            return (
                f"{root}{portraits.address(self.catalog, scenario_id, filename)}" if root else None
            )
        except (UnknownScenario, UnknownMedia):
            return None  # It was taken away since the session began.
