"""How fast messages may follow each other in one channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.clock import Clock
from adapters.errors import RateLimited
from adapters.lately import Lately
from adapters.slack.limits import BURST, PER_SECOND

PATIENCE: Final = 2.0
"""Seconds that one message waits here; for longer, the caller lets others go first."""

_REMEMBERED: Final = 1000


@dataclass(slots=True)
class _Channel:
    """`left` messages may go at once, as of `at`; `shut_for` was told to wait until `until`."""

    left: float
    at: datetime
    until: datetime | None = None
    shut_for: str = ""


class Pace:
    """A second between messages, after a short burst."""

    def __init__(self, clock: Clock, per_second: float = PER_SECOND) -> None:
        self._clock = clock
        self._rate = per_second
        self._channels: Lately[tuple[str, str], _Channel] = Lately(_REMEMBERED)

    async def turn(self, tenant: str, channel: str, thread: str) -> None:
        """Wait until a message may go.

        Raises:
            RateLimited: that is too long to wait here.
        """
        one = self._filled(tenant, channel)
        now = self._clock.now()
        if one.until is not None and one.until > now and one.shut_for != thread:
            # Slack told another thread of this channel to wait; so does it mean this one.
            raise RateLimited((one.until - now).total_seconds())
        wait = max(0.0, (1 - one.left) / self._rate)
        if wait > PATIENCE:
            raise RateLimited(wait)
        one.left -= 1
        if wait:
            await self._clock.sleep(wait)

    def shut(self, tenant: str, channel: str, thread: str, seconds: float) -> None:
        """Slack said to wait."""
        one = self._filled(tenant, channel)
        one.until, one.shut_for = self._clock.now() + timedelta(seconds=seconds), thread

    def _filled(self, tenant: str, channel: str) -> _Channel:
        now = self._clock.now()
        one = self._channels.get((tenant, channel)) or _Channel(BURST, now)
        passed = (now - one.at).total_seconds()
        one.left, one.at = min(BURST, one.left + passed * self._rate), now
        self._channels.put((tenant, channel), one)
        return one
