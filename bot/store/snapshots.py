"""Reading several things as they stood at one moment, while others write."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database

_AS_IT_STANDS: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


@asynccontextmanager
async def snapshot(database: Database) -> AsyncGenerator[AsyncSession]:
    """As `Database.reading`, but all statements see the same moment.

    That costs PostgreSQL a transaction; on SQLite each that reads is like this.

    Raises:
        StoreAway, StoreRefused: as `Database.reading`.
    """
    if database.dialect != "postgresql":
        async with database.reading() as session:
            yield session
        return
    async with database.transaction() as session:
        await session.execute(_AS_IT_STANDS)
        yield session
