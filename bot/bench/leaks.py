"""How often a sealed fact was looked for in prompts and requests, and how often it was found."""

from collections.abc import Iterator

from bot.bench import Figure
from bot.bench.leak import count_leaks
from bot.bench.leak_requests import PROVIDERS, count_in_requests
from bot.settings import Settings
from bot.wiring import catalog_of, intents_of

EVERY = 12
"""Of all lines there are, one in so many is said over the wire, besides those that earn trust."""


def run() -> Iterator[Figure]:
    """Every shipped scenario: all questions and attacks; then whole sessions over the wire."""
    settings = Settings()
    shipped = catalog_of(settings).published()
    intents = intents_of(settings)
    counted = count_leaks(shipped, intents=intents)
    yield {"prompts": counted.prompts, "checks": counted.checks, "leaks": counted.leaks}
    for provider in PROVIDERS:
        sent = count_in_requests(shipped, intents=intents, providers=[provider], every=EVERY)
        yield {
            "provider": provider,
            "requests": sent.requests,
            "megabytes": round(sent.bytes / 1e6, 1),
            "checks": sent.leaks.checks,
            "leaks": sent.leaks.leaks,
        }
