"""Fixtures for every test: fresh databases of both kinds, made only where they are asked for."""

import atexit
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.garbage import collect_seldom
from bot.store.database import Database
from tests.databases import BACKENDS, Files, Server, postgres_server
from tests.locks import Watched

settings.register_profile("shared", deadline=None)  # a busy machine breaks no promise
settings.load_profile("shared")

LEARNED = "DRESSRUN_LEARNED_DIR"
MEMORY = Path("/dev/shm")  # noqa: S108 - not for secrets
ROOM = 2 * 1024**3
"""Bytes that a run may need there: it has used a quarter of them."""


def pytest_configure(config: pytest.Config) -> None:
    """One folder for what all tests and their processes learn of scenarios, empty at first."""
    if hasattr(config, "workerinput"):
        return
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        # Tests wait much for disks, and lose nothing when the power fails.
        os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="dressrun-", dir=MEMORY)
        Path(tempfile.tempdir).chmod(0o711)  # the user PostgreSQL runs as goes through it
        # After the server has stopped, which it does as late as that.
        atexit.register(shutil.rmtree, tempfile.tempdir, ignore_errors=True)
    os.environ[LEARNED] = tempfile.mkdtemp(prefix="dressrun-learned-")


def pytest_collection_finish() -> None:
    """Look for garbage as our processes do: thousands of tests are no garbage, again and again."""
    collect_seldom()


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests that wait for processes leave theirs idle."""
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests noted to be seen (`told`), whichever worker ran them."""
    passed = terminalreporter.stats.get("passed", [])
    told = [line for one in passed for name, line in one.user_properties if name == "told"]
    if told:
        terminalreporter.section("told")
        for line in sorted(told):
            terminalreporter.line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(LEARNED), ignore_errors=True)


@pytest.fixture(scope="session")
def run_id(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One name for all workers of a run."""
    workers = getattr(request.config, "workerinput", None)
    if workers is not None:
        return str(workers["testrunuid"])
    return f"{tmp_path_factory.getbasetemp().name}-{id(request.config):x}"


@pytest.fixture(scope="session")
def postgres(run_id: str) -> Iterator[Server]:
    """A real PostgreSQL server."""
    with postgres_server(run_id) as server:
        yield server


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Real SQLite files."""
    return Files(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Files | Server:
    """Each kind of database in turn."""
    chosen: Files | Server = request.getfixturevalue(
        "files" if request.param == "sqlite" else "postgres"
    )
    return chosen


@pytest.fixture
def empty_url(backend: Files | Server) -> Iterator[str]:
    """A database without tables, on each kind of database."""
    with backend.database(migrated=False) as url:
        yield url


@pytest.fixture
def database_url(backend: Files | Server) -> Iterator[str]:
    """A fresh database with every table, on each kind of database."""
    with backend.database(migrated=True) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A `Database` with every table, on each kind of database; it is left with no lock too late."""
    opened = Watched(database_url)
    yield opened
    await opened.close()
    assert opened.wrong == []


@pytest.fixture
async def sqlite(files: Files) -> AsyncIterator[Database]:
    """A `Database` with every table, on SQLite alone: for tests that are not about databases."""
    with files.database(migrated=True) as url:
        opened = Database(url)
        yield opened
        await opened.close()
