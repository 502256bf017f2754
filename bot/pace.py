"""How fast people may write: limits by person, thread and workspace."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import time
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from adapters.port import MessagePosted
from bot.settings import RateLimits
from engine.errors import SimulationError

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.aio.strategies import RateLimiter

Which = Literal["person", "thread", "workspace"]

MINUTE: Final = timedelta(minutes=1)
PROCESSES: Final = 8
"""So many processes are held to a limit together; each asks from its own share of it on …"""
OFTEN: Final = 100
"""… and then once more with each hundredth of the limit."""

MOST_KNOWN: Final = 10_000
"""More than so many write fast at the same time nowhere; the rest has stopped."""


class TooFast(SimulationError):
    """More was written in a minute than is answered; nothing was heard. `seconds`: wait so long."""

    code: ClassVar[str] = "too_fast"
    retryable: ClassVar[bool] = True

    def __init__(self, which: str, seconds: int) -> None:
        super().__init__(f"{which}: wait {seconds} s")
        self.which = which
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Recent:
    """How many messages all processes heard in the last minute, and how long ago the first was."""

    count: int
    oldest: timedelta = timedelta()


Everywhere = Callable[[Which, str, timedelta], Awaitable[Recent]]
"""Counts what was heard by all processes, of whom and in how long."""


@dataclass(slots=True)
class _Known:
    """What all processes heard, and how much this one has since."""

    recent: Recent
    since: int = 0


@dataclass(slots=True)
class Pace:
    """Counts messages. One a process.

    Where several processes share the work, `everywhere` counts for all. It is asked only of who
    writes so fast in this process alone that up to `PROCESSES` of them could pass the limit
    together, so of hardly anybody.
    """

    limits: RateLimits
    everywhere: Everywhere | None = None
    _limiter: "RateLimiter | None" = field(default=None, init=False)
    _known: dict[tuple[Which, str], _Known] = field(default_factory=dict, init=False)

    async def take(self, event: MessagePosted, session_id: str) -> None:
        """Count a message.

        Raises:
            TooFast: it is one too many for its person, its thread or its workspace.
            StoreAway: what other processes heard cannot be counted.
        """
        where = f"{event.user.platform}/{event.user.workspace}"
        whose: tuple[tuple[Which, int, str], ...] = (
            ("person", self.limits.person_a_minute, f"{where}/{event.user.id}"),
            ("thread", self.limits.thread_a_minute, session_id),
            ("workspace", self.limits.workspace_a_minute, where),
        )
        for which, most, who in whose:
            if most:
                await self._hit(which, most, who)

    async def _hit(self, which: Which, most: int, whose: str) -> None:
        from limits import RateLimitItemPerMinute

        limiter, item = self._made(), RateLimitItemPerMinute(most)
        if not await limiter.hit(item, which, whose):
            stats = await limiter.get_window_stats(item, which, whose)
            raise TooFast(which, max(1, round(stats.reset_time - time())))
        if self.everywhere is not None:
            await self._look_around(self.everywhere, limiter, item, which, whose)

    async def _look_around(
        self,
        everywhere: Everywhere,
        limiter: "RateLimiter",
        item: "RateLimitItem",
        which: Which,
        whose: str,
    ) -> None:
        """Hold a limit over all processes.

        Raises:
            TooFast: together they heard as much as is heard in a minute.
        """
        stats = await limiter.get_window_stats(item, which, whose)
        if (item.amount - stats.remaining) * PROCESSES <= item.amount:
            self._known.pop((which, whose), None)
            return
        known = self._known.get((which, whose))
        if known is None or known.since >= item.amount // OFTEN:
            known = _Known(await everywhere(which, whose, MINUTE))
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[which, whose] = known
        if known.recent.count + known.since >= item.amount:
            wait = MINUTE - known.recent.oldest
            known.since = item.amount  # whoever comes next looks anew
            raise TooFast(which, max(1, round(wait.total_seconds())))
        known.since += 1

    def _made(self) -> "RateLimiter":
        # Loaded with the first message, so that starting stays quick.
        if self._limiter is None:
            from limits.aio.storage import MemoryStorage
            from limits.aio.strategies import SlidingWindowCounterRateLimiter

            self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        return self._limiter
