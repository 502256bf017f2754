"""The one alembic environment: every table of engine, bot and kits, one line of revisions."""
