"""The clients of the vendors' libraries: one a provider and access, shared by the process.

Importing a library takes seconds and making a client takes a TLS context, so both wait for the
first call, and happen beside the event loop.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from engine.errors import ModelUnavailable
from engine.llm.access import Access
from engine.llm.caching import CacheMissed
from engine.llm.port import Deadline

SIMULTANEOUS = 300
"""So many calls of one client run at once; others wait for their turn until their deadline."""

TO_BEGIN = 2.0
"""Seconds that a call should have left for its first piece; nobody waits for a place longer."""


class Client(Protocol):
    """What all clients have in common."""

    async def close(self) -> None:
        """Close all connections."""
        ...


Made = TypeVar("Made", bound=Client)


class Clients:
    """Makes clients when they are first wanted, and closes them all. For one event loop."""

    def __init__(
        self,
        simultaneous: int = SIMULTANEOUS,
        missed: Callable[[CacheMissed], None] = lambda _: None,
    ) -> None:
        """Take how many calls may run at once, and who hears of a cache that is missed."""
        self.missed = missed
        self._simultaneous = simultaneous
        self._made: dict[tuple[str, Access], Any] = {}
        self._places: dict[tuple[str, Access], asyncio.Semaphore] = {}
        self._making = asyncio.Lock()

    async def get(self, provider: str, access: Access, make: Callable[[Access], Made]) -> Made:
        """The client of an access, made by `make` in a thread the first time."""
        key = (provider, access)
        if key not in self._made:
            async with self._making:
                if key not in self._made:
                    self._made[key] = await asyncio.to_thread(make, access)
        client: Made = self._made[key]
        return client

    @asynccontextmanager
    async def place(
        self, model: str, provider: str, access: Access, deadline: Deadline
    ) -> AsyncGenerator[None]:
        """Wait for a place among the calls that run at once; a free one is given in any case.

        Raises:
            ModelUnavailable: `no_time`, there was none while a first piece could still come in
                time. Nothing was sent, and the provider is not to blame.
        """
        key = (provider, access)
        places = self._places.setdefault(key, asyncio.Semaphore(self._simultaneous))
        if not await _in_time(places.acquire(), min(deadline.at, deadline.first - TO_BEGIN)):
            raise ModelUnavailable(model, "no_time")
        try:
            yield
        finally:
            places.release()

    async def aclose(self) -> None:
        """Close every client. They are made again when they are wanted."""
        made, self._made = self._made, {}
        for client in made.values():
            await client.close()


async def _in_time(waiting: Awaitable[bool], until: float) -> bool:
    try:
        async with asyncio.timeout_at(None if math.isinf(until) else until):
            return await waiting
    except TimeoutError:
        return False
