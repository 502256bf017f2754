"""Run by alembic for every command. `bot.store.migrate` passes the connection in."""

from alembic import context

from bot.store.migrations.models import every_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=every_metadata() if context.config.attributes.get("compares") else None,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
    compare_type=True,
)
# The caller holds the transaction, so that checking, migrating and committing are one.
context.run_migrations()
