"""How the connection is, from what happens on it; nothing is asked for this."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from adapters.clock import Clock
from adapters.port import AdapterHealth

Level = Literal["degraded", "down"]

FORGOTTEN: Final = timedelta(seconds=60)
"""After so long a passing trouble is over if it did not come again."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    level: Level
    until: datetime | None


class Pulse:
    """Collects what is wrong, and tells the worst of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._troubles: dict[str, _Trouble] = {}
        self._since = clock.now()
        self._told = ""
        self._heard: datetime | None = None
        self._back: datetime | None = None

    def lasting(self, code: str, level: Level = "down") -> None:
        """Something is wrong until `over` says that it is not."""
        self._troubles[code] = _Trouble(level, None)
        self._look()

    def passing(self, code: str, level: Level = "degraded") -> None:
        """Something went wrong just now."""
        self._troubles[code] = _Trouble(level, self._clock.now() + FORGOTTEN)
        self._look()

    def over(self, *codes: str) -> None:
        """It is right again."""
        for code in codes:
            self._troubles.pop(code, None)
        self._look()

    def heard(self) -> None:
        """Something came in."""
        self._heard = self._clock.now()

    def back(self) -> None:
        """We hear again; what was sent meanwhile may be lost."""
        self._back = self._clock.now()

    @property
    def last_heard(self) -> datetime | None:
        """When something came in last."""
        return self._heard

    def health(self) -> AdapterHealth:
        """The worst there is."""
        self._look()
        level = self._troubles[self._told].level if self._told else "up"
        return AdapterHealth(
            state=level, since=self._since, code=self._told, heard=self._heard, back=self._back
        )

    def _look(self) -> None:
        now = self._clock.now()
        for code, one in list(self._troubles.items()):
            if one.until is not None and one.until <= now:
                del self._troubles[code]
        worst = sorted(self._troubles, key=lambda code: self._troubles[code].level != "down")
        told = worst[0] if worst else ""
        if told != self._told:
            self._told, self._since = told, now
