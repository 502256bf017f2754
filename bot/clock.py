"""A clock that can be put forward, for showing on one's own machine what time brings."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.clock import Clock, SystemClock
from bot.settings import Settings

FILE: Final = "demo-clock"
"""In the data folder: by how many seconds the clock was put forward."""

OWN: Final = "local"
"""The one platform whose people are made up."""

_SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_STEP: Final = re.compile(r"\+?\s*(\d{1,3})\s*([mhdw])[a-z]*", re.IGNORECASE)
_FURTHEST: Final = timedelta(days=366)


class BadStep(ValueError):
    """That is no span by which the clock can be put forward. The text can be shown."""


class DemoClock:
    """The machine's clock and a span that only grows, kept in a file over restarts."""

    def __init__(self, file: Path, real: Clock | None = None) -> None:
        self._file = file
        self._real = real or SystemClock()
        self._ahead = timedelta(seconds=_read(file))

    def now(self) -> datetime:
        """The made-up time."""
        return self._real.now() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait in real time: whoever paces what is shown does not hurry because it is tomorrow."""
        await self._real.sleep(seconds)

    def forward(self, by: timedelta) -> datetime:
        """Put the clock forward; the time it is now."""
        ahead = self._ahead + by
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{int(ahead.total_seconds())}\n", encoding="ascii")
        fresh.replace(self._file)
        self._ahead = ahead
        return self.now()


def step(text: str) -> timedelta:
    """A span written as `+1d`, `3h`, `+90m` or `2w`.

    Raises:
        BadStep: it is none, or longer than a year.
    """
    found = _STEP.fullmatch(text.strip())
    span = timedelta(seconds=int(found[1]) * _SECONDS[found[2].lower()]) if found else timedelta()
    if not timedelta() < span <= _FURTHEST:
        raise BadStep("write it as +1d, +3h or +30m; at most a year at once")
    return span


def demo_clock(settings: Settings, platforms: Iterable[str]) -> DemoClock:
    """The demo clock of a server that only made-up people of this machine can reach.

    Raises:
        ValueError: others could reach it, or rely on its time; the text says what to change.
    """
    real = sorted(set(platforms) - {OWN})
    why = ""
    if settings.profile == "prod":
        why = "with DRESSRUN_PROFILE=prod; leave that out"
    elif not settings.on_loopback:
        why = "where others reach the server; set DRESSRUN_BIND=127.0.0.1:8000"
    elif settings.public_url:
        why = "with a public address; unset DRESSRUN_PUBLIC_URL"
    elif settings.on_postgres:
        why = "on PostgreSQL, which others may share; unset DRESSRUN_DATABASE_URL"
    elif real:
        why = f"with real people on {', '.join(real)}; leave its settings out"
    if why:
        raise ValueError(f"--demo-clock does not work {why}")
    return DemoClock(settings.data_dir / FILE)


def _read(file: Path) -> int:
    try:
        return max(0, int(file.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return 0
