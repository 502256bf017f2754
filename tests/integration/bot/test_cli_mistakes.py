"""Mistakes of an operator on the command line: named, never a traceback, nothing given away."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`dressrun` with a data folder of its own."""

    def call(
        *arguments: str, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "bot.cli", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            env={
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "DRESSRUN_DATA_DIR": str(tmp_path / "data"),
                "DRESSRUN_LEARNED_DIR": os.environ["DRESSRUN_LEARNED_DIR"],
                "COLUMNS": "200",
                **environment,
            },
        )

    return call


def test_a_newer_database_is_named(run: Run, tmp_path: Path) -> None:
    run("migrate")
    with sqlite3.connect(tmp_path / "data" / "dressrun.db") as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("up",), ("migrate",), ("play", "chest-pain")):
        done = run(*command)
        assert done.returncode == 1
        assert done.stderr.startswith("This database was written by a newer release; install that")
        assert "Traceback" not in done.stderr
    looked = run("doctor", "--db")
    assert looked.returncode == 1
    assert looked.stdout.startswith("error")
    assert "install that one" in looked.stdout
    assert "dressrun migrate" not in looked.stdout


def test_doctor_tells_of_a_database_that_stores_nothing(run: Run, tmp_path: Path) -> None:
    run("migrate")
    assert run("doctor", "--db").stdout.startswith("ok")
    file = tmp_path / "data" / "dressrun.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = run("doctor", "--db")
    assert done.returncode == 1
    assert "answers and stored nothing, given 5 s (OperationalError SQLITE_BUSY)" in done.stdout


def test_a_password_with_an_at_is_not_quoted(run: Run) -> None:
    done = run("migrate", DRESSRUN_DATABASE_URL="postgresql://dressrun:p@ss:w0rd@db.example/x")
    assert done.returncode == 2
    assert done.stderr.strip() == "DATABASE_URL is no address of a database"


@pytest.mark.parametrize("role", ["JUDGE", "CLASSIFY", "FALLBACKS"])
def test_every_role_is_checked_at_the_start(run: Run, role: str) -> None:
    done = run("seed", **{f"DRESSRUN_MODELS__{role}": "nonsense"})
    assert done.returncode == 2
    assert done.stderr.startswith(f"DRESSRUN_MODELS__{role}: no such model provider")


def test_a_platforms_wrong_variable_is_named(run: Run) -> None:
    done = run("doctor", DRESSRUN_TERMINAL__FOO="1")
    assert done.returncode == 1
    assert "DRESSRUN_TERMINAL__FOO: Extra inputs are not permitted" in done.stdout
    played = run("play", "chest-pain", DRESSRUN_TERMINAL__FOO="1")
    assert played.returncode == 2
    assert played.stderr.startswith("DRESSRUN_TERMINAL__FOO: ")


def test_a_taken_port_ends_without_a_traceback(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("up", DRESSRUN_BIND=f"127.0.0.1:{taken.getsockname()[1]}")
    assert done.returncode != 0
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Cancelled" not in done.stderr
