"""A SQLite file without room, and one that somebody else holds: both can be read, not written."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

from sqlalchemy import text

from bot.store.database import Database

LARGE = 20_000
"""So many characters need pages of their own."""


@asynccontextmanager
async def full(database: Database) -> AsyncIterator[None]:
    """No page is left while the block runs. What is small may find room in one that is there."""
    with closing(sqlite3.connect(str(database.url.database))) as other:
        other.execute("VACUUM")
    await _pages(database, 1)  # SQLite takes that for as many as there are
    yield
    await _pages(database, 2**30)


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Another process writes for as long as the block runs."""
    with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def stored_again(database: Database) -> None:
    """Wait until the database says that what is written is stored."""
    async with asyncio.timeout(20):
        while not database.stores:  # noqa: ASYNC110 - as whoever asks about health
            await asyncio.sleep(0)


async def _pages(database: Database, most: int) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(f"PRAGMA max_page_count={most}"))
