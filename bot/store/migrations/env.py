"""Run by alembic for every command. `bot.store.migrate` passes the connection in."""

from typing import Literal

from alembic import context

from bot.store.migrations.models import every_metadata
from engine.store.tables import UTCDateTime


def plainly(kind: str, value: object, _context: object) -> str | Literal[False]:
    """Write our own types in a draft as what they are, since revisions outlive our code."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=every_metadata() if context.config.attributes.get("compares") else None,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
    compare_type=True,
    render_item=plainly,
)
# The caller holds the transaction, so that checking, migrating and committing are one.
context.run_migrations()
