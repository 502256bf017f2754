"""Figures about sessions, from what they led to."""

from collections.abc import Sequence

from bot.effects import Effect, MarkThread
from bot.observability import METRICS


def count_ended(effects: Sequence[Effect]) -> None:
    """Count a session as over where its thread is marked so."""
    for one in effects:
        if isinstance(one, MarkThread) and one.ended:
            METRICS.ended.labels(one.ended).inc()
