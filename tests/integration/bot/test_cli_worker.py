"""`dressrun worker`, and what carries work, from the command line."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`dressrun` with a data folder of its own."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "bot.cli", *arguments],
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


def test_a_worker_is_refused_on_sqlite(run: Run) -> None:
    done = run("worker")
    assert done.returncode == 2
    assert "name a PostgreSQL in DRESSRUN_DATABASE_URL" in done.stderr


def test_procrastinate_on_sqlite_says_what_to_do(run: Run) -> None:
    done = run("doctor", DRESSRUN_CARRIER="procrastinate")
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "DRESSRUN_CARRIER: procrastinate needs PostgreSQL; name one in DRESSRUN_DATABASE_URL"
    )


def test_doctor_tells_how_delivery_stands(run: Run) -> None:
    run("migrate")
    done = run("doctor", "--jobs")
    assert done.returncode == 0
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert ["ok", "delivery", "Messages get through."] in lines
    assert ["ok", "delivery", "To handle: 0"] in lines


def test_starting_does_not_load_procrastinate() -> None:
    code = (
        "import sys, bot.serving, bot.working, bot.web.app; "
        "sys.exit('procrastinate' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
