"""The tables of Procrastinate, beside ours where it carries work.

They are its own: made by its own schema, changed by its own migrations in their order. We keep only
which migration was the last.
"""

from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import Connection, inspect, text

from bot.store.database import StoreAway, StoreRefused

_VERSIONS: Final = "queue_schema"
_FIRST: Final = "procrastinate_jobs"


class ForeignQueue(Exception):
    """Another program keeps Procrastinate's tables in this database; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("another program keeps a job queue there; give Dressrun its own database")


def head() -> str:
    """The last migration of the release of Procrastinate that is installed."""
    return migrations()[-1].stem


def stored(connection: Connection) -> str | None:
    """The last migration that was applied to a database; None for none."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    found: str | None = connection.scalar(text(f"SELECT version FROM {_VERSIONS}"))  # noqa: S608
    return found


def upgrade(connection: Connection) -> str:
    """Bring Procrastinate's tables to the installed release; the last migration.

    Runs in the caller's transaction. A database that a newer release has changed stays as it is.

    Raises:
        ForeignQueue: the tables are there and we did not make them.
        StoreAway, StoreRefused: the database failed.
    """
    before = stored(connection)
    if before is not None and before >= head():
        return before
    if before is None:
        if inspect(connection).has_table(_FIRST):
            raise ForeignQueue
        _run(connection, _whole())
        connection.execute(text(f"CREATE TABLE {_VERSIONS} (version text PRIMARY KEY)"))
    else:
        for file in migrations():
            if file.stem > before:
                _run(connection, file.read_text(encoding="utf-8"))
        connection.execute(text(f"DELETE FROM {_VERSIONS}"))  # noqa: S608
    insert = text(f"INSERT INTO {_VERSIONS} VALUES (:version)")  # noqa: S608
    connection.execute(insert, {"version": head()})
    return head()


def _whole() -> str:
    from procrastinate.schema import SchemaManager

    return SchemaManager.get_schema()


def migrations() -> list[Path]:
    """The installed release's migrations, first to last."""
    from procrastinate.schema import SchemaManager

    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _run(connection: Connection, script: str) -> None:
    """Run many statements: only the driver itself takes them at once."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("Procrastinate runs on PostgreSQL")
    try:
        driver.execute(script.encode())
    except psycopg.OperationalError as error:
        raise StoreAway(_words(error)) from None
    except psycopg.Error as error:
        raise StoreRefused(_words(error)) from None


def _words(error: psycopg.Error) -> str:
    return f"{type(error).__name__} {error.sqlstate or ''}".strip()
