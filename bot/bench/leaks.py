"""How often a sealed fact was looked for in prompts, and how often it was found."""

from collections.abc import Iterator

from bot.bench import Figure
from bot.bench.leak import count_leaks
from bot.settings import Settings
from bot.wiring import catalog_of, intents_of


def run() -> Iterator[Figure]:
    """Every shipped scenario, all questions, attacks included."""
    settings = Settings()
    shipped = catalog_of(settings).published()
    counted = count_leaks(shipped, intents=intents_of(settings))
    yield {"prompts": counted.prompts, "checks": counted.checks, "leaks": counted.leaks}
