"""Letting go of what was deleted, after the transaction that deleted it."""

import structlog

from bot.store.database import Database, StoreAway, StoreRefused

log = structlog.get_logger(__name__)


async def settle(database: Database) -> None:
    """Empty the database's own log of deleted content, as far as that can be done now.

    Never fails, for what was asked is done and the answer stands: the retention sweep settles
    again.
    """
    try:
        await database.settle()
    except (StoreAway, StoreRefused) as error:
        log.warning("not_settled", code=error.code)
