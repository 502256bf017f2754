"""Lets one piece of work run with nothing beside it in this process but what waits for nobody."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from bot.delivery import leases
from bot.delivery.leases import Lease
from bot.store.database import Database

MOST_TRIES: Final = 5
"""What was taken so often and never given back is tried alone."""

MOST_ALONE: Final = 2
"""What was begun so often alone, and never ended, is given up.

Nobody knows what came beside it without waiting (see `Isolation.beside`): whoever wants out.
"""


def is_suspect(lease: Lease) -> bool:
    """Whether what is due on a lane may be what ends processes."""
    return lease.tried.died > MOST_TRIES


async def begun_alone(
    database: Database, lease: Lease, give_up_first: Callable[[Lease], Awaitable[None]]
) -> Lease:
    """Begin a suspect: give up on what ended its process while nothing ran beside it.

    Of anything else it is kept that it begins alone now, in case that ends us.

    Raises:
        LeaseLost, StoreAway.
    """
    tried = lease.tried
    if tried.alone >= MOST_ALONE:
        await give_up_first(lease)
        return replace(lease, tries=0)
    lease = replace(lease, tries=replace(tried, alone=tried.alone + 1).packed)
    async with database.transaction() as tx:
        await leases.begin_alone(tx, lease)
    return lease


@dataclass(slots=True)
class Isolation:
    """One a process. Whoever wants to be alone waits for what runs, and what comes for them."""

    _running: int = 0
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def beside(self, *, waits: bool = True) -> AsyncGenerator[None]:
        """Run beside others; unless it `waits`, also beside one that is alone."""
        if waits and self._alone.locked():
            async with self._alone:
                self._running += 1
        else:
            self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[None]:
        """Run alone."""
        async with self._alone:
            while self._running:
                self._idle.clear()
                await self._idle.wait()
            yield
