"""How long what goes out waits for a platform that is busy or away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.outbox import Outgoing

PATIENCE: Final = timedelta(hours=1)
"""So long a row waits once it was tried; time in which nobody worked does not count."""

STANDSTILL: Final = timedelta(minutes=5)
"""A row that is late by so much was looked at by nobody meanwhile: it is the first of its lane."""


@dataclass(slots=True)
class Patience:
    """One process's own. It counts from when that began to work, or began again."""

    _since: datetime | None = None

    def begin(self, row: Outgoing, now: datetime) -> None:
        """Take note that a row is about to be tried."""
        stood_still = row.attempts > 0 and now - row.due > STANDSTILL
        if self._since is None or stood_still:
            self._since = now

    def is_over(self, row: Outgoing, now: datetime) -> bool:
        """Whether a row was tried for long enough, by a process that worked all the while."""
        first = row.attempted_at
        return first is not None and now - max(first, self._since or first) > PATIENCE
