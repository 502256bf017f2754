"""How long a stop may take, all of it together."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

GRACE_SECONDS: Final = 20.0

REQUESTS: Final = 0.75
"""The part of it that open requests have, so that turns may still come to their end after them."""
WORK: Final = 0.9
"""The part that turns and jobs have; the rest is for giving back what is then left."""
LATE: Final = 0.95
"""The part by which what was cut short has ended; the rest is for giving its lanes back."""
LEAST_SECONDS: Final = 0.25
"""So long each of the few things has that end after that, also where nothing is left."""


@dataclass(slots=True, kw_only=True)
class Grace:
    """One limit for everything that a stop waits for, as it waits for one thing after another.

    One a process. `clock` is in seconds, and nobody sets it.
    """

    seconds: float = GRACE_SECONDS
    clock: Callable[[], float] = time.monotonic
    _began: float | None = field(default=None, init=False)

    @property
    def has_begun(self) -> bool:
        """Whether a stop was asked for."""
        return self._began is not None

    def begin(self) -> None:
        """A stop was asked for. Asking again gives no more time."""
        if self._began is None:
            self._began = self.clock()

    def renew(self) -> None:
        """Work begins, so no stop is under way."""
        self._began = None

    def left(self, part: float = 1.0) -> float:
        """So many seconds are left of this part of it; it begins now if it has not."""
        now = self.clock()
        if self._began is None:
            self._began = now
        return max(0.0, self._began + self.seconds * part - now)

    def at_least(self, part: float = 1.0) -> float:
        """As `left`, and a little also where nothing is left: what is cut short has to end."""
        return max(self.left(part), LEAST_SECONDS)
