"""How often a sealed fact was looked for in prompts, and how often it was found."""

from collections.abc import Iterator

from bot.bench import Figure
from bot.bench.leak import count_leaks
from bot.settings import Settings
from bot.wiring import catalog_of


def run() -> Iterator[Figure]:
    """Every shipped scenario, all questions, attacks included."""
    counted = count_leaks(catalog_of(Settings()).published())
    yield {"prompts": counted.prompts, "checks": counted.checks, "leaks": counted.leaks}
