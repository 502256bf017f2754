"""The alarm about a cache that is missed reaches the log and the figures, and holds no words."""

from datetime import UTC, datetime

import structlog

from bot.models import chosen_of, models_of
from bot.observability import METRICS
from bot.settings import Settings
from engine.llm.breaker import OwnShelf
from engine.llm.caching import CacheMissed

MISSED = CacheMissed(model="openai:gpt-6-luna", turn=9, share=0.1, tokens=5000)


def counted() -> int:
    line = b'dressrun_model_cache_missed_total{model="openai:gpt-6-luna"} '
    found = [one for one in METRICS.page().splitlines() if one.startswith(line)]
    return int(float(found[0].split()[-1])) if found else 0


def test_a_missed_cache_is_logged_and_counted() -> None:
    models = models_of(chosen_of(Settings()), OwnShelf(), lambda: datetime.now(UTC))
    before = counted()
    with structlog.testing.capture_logs() as logs:
        models.clients.missed(MISSED)
    assert counted() == before + 1
    assert logs == [
        {
            "event": "model_cache_missed",
            "log_level": "warning",
            "model": "openai:gpt-6-luna",
            "turn": 9,
            "share": 0.1,
            "tokens": 5000,
        }
    ]
