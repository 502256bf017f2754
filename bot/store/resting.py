"""The shelf of models that rest, in the database, where every process sees it."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Database, StoreAway
from engine.llm.breaker import Rest
from engine.store import breakers


@dataclass(frozen=True, slots=True)
class StoredShelf:
    """A `Shelf`; each step is a transaction of its own.

    While the database is away nothing rests and nobody probes: no turn can be stored then either.
    """

    database: Database

    async def look(self, key: str) -> Rest | None:
        """How a model rests."""
        try:
            async with self.database.reading() as tx:
                return await breakers.look(tx, key)
        except StoreAway:
            return None

    async def take_probe(self, key: str, token: str, now: datetime, until: datetime) -> bool:
        """Let one try it."""
        try:
            async with self.database.transaction() as tx:
                return await breakers.take_probe(tx, key, token, now, until)
        except StoreAway:
            return False

    async def put(self, key: str, rest: Rest, *, probe: str | None, now: datetime) -> None:
        """Let it rest."""
        with suppress(StoreAway):
            async with self.database.transaction() as tx:
                await breakers.put(tx, key, rest, probe=probe, now=now)

    async def succeed(self, key: str, probe: str, now: datetime) -> None:
        """A probe went well."""
        with suppress(StoreAway):
            async with self.database.transaction() as tx:
                await breakers.succeed(tx, key, probe, now)

    async def release(self, key: str, probe: str, now: datetime) -> None:
        """A probe told nothing."""
        with suppress(StoreAway):
            async with self.database.transaction() as tx:
                await breakers.release(tx, key, probe, now)

    async def revive(self, keys: Collection[str], now: datetime) -> None:
        """Settings were read anew: what was down until they change may be tried once more."""
        if not keys:
            return
        with suppress(StoreAway):
            async with self.database.transaction() as tx:
                await breakers.revive(tx, keys, now)
                await breakers.prune(tx, keys, now)
