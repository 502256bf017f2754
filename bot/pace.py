"""How fast people may write: limits by person, thread and workspace, kept in this process."""

from dataclasses import dataclass, field
from time import time
from typing import TYPE_CHECKING, ClassVar

from adapters.port import MessagePosted
from bot.settings import RateLimits
from engine.errors import SimulationError

if TYPE_CHECKING:
    from limits.aio.strategies import RateLimiter


class TooFast(SimulationError):
    """More was written in a minute than is answered; nothing was heard. `seconds`: wait so long."""

    code: ClassVar[str] = "too_fast"
    retryable: ClassVar[bool] = True

    def __init__(self, which: str, seconds: int) -> None:
        super().__init__(f"{which}: wait {seconds} s")
        self.which = which
        self.seconds = seconds


@dataclass(slots=True)
class Pace:
    """Counts messages. One a process; several processes count each for themselves.

    So at worst a limit is as many times higher as there are processes; what costs money is held by
    the budgets, which all processes share.
    """

    limits: RateLimits
    _limiter: "RateLimiter | None" = field(default=None, init=False)

    async def take(self, event: MessagePosted, session_id: str) -> None:
        """Count a message.

        Raises:
            TooFast: it is one too many for its person, its thread or its workspace.
        """
        where = f"{event.user.platform}/{event.user.workspace}"
        for which, most, whose in (
            ("person", self.limits.person_a_minute, f"{where}/{event.user.id}"),
            ("thread", self.limits.thread_a_minute, session_id),
            ("workspace", self.limits.workspace_a_minute, where),
        ):
            if most:
                await self._hit(which, most, whose)

    async def _hit(self, which: str, most: int, whose: str) -> None:
        from limits import RateLimitItemPerMinute

        limiter, item = self._made(), RateLimitItemPerMinute(most)
        if not await limiter.hit(item, which, whose):
            stats = await limiter.get_window_stats(item, which, whose)
            raise TooFast(which, max(1, round(stats.reset_time - time())))

    def _made(self) -> "RateLimiter":
        # Loaded with the first message, so that starting stays quick.
        if self._limiter is None:
            from limits.aio.storage import MemoryStorage
            from limits.aio.strategies import SlidingWindowCounterRateLimiter

            self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        return self._limiter
