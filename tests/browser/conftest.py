"""A browser and the mock server for the page's tests. Only with `-m browser`."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.real import Server

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 60_000
"""Waiting for a condition: machines are shared, and a scenario is read when it is first played."""

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs playwright and the system's Chromium")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    # Not even imported otherwise: playwright need not be there.
    return True if "browser" not in (config.getoption("-m") or "") else None


@pytest.fixture(scope="session")
def mock() -> Iterator[str]:
    """The address of the mock server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "tests.browser.mock", "--port", str(port)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture
def base(mock: str) -> str:
    """The address of the mock server, as if it had just begun."""
    _told(mock, "anew")
    return mock


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    if CHROMIUM is None:
        pytest.fail("no Chromium on this system: install it, or set CHROMIUM to its path")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, base: str) -> Iterator[Open]:
    """Opens the mock's page; as `opening`."""
    with opening(browser, base) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server for tests that leave it alone; each takes another channel or person."""
    server = Server(tmp_path_factory.mktemp("shared"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a real server for one test alone."""
    started: list[Server] = []

    def start(*more: str, **given: Any) -> Server:
        server = Server(tmp_path, *more, **given)
        started.append(server)
        server.start()
        return server

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def visit(browser: Any, shared: Server) -> Iterator[Open]:
    """Opens the real page; as `opening`."""
    with opening(browser, shared.address) as opened:
        yield opened


@contextmanager
def opening(browser: Any, base: str) -> Iterator[Open]:
    """Opens pages; at the end nothing may have failed in their scripts or against their CSP."""
    wrong: list[str] = []
    contexts: list[Any] = []

    def opened(at: str = "", who: str = "trainee-1", tab_of: Any = None, **context: Any) -> Any:
        home = tab_of.context if tab_of else browser.new_context(**context)
        if not tab_of:
            contexts.append(home)
        page = home.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: _violation(line.text) and wrong.append(line.text))
        page.goto(f"{base}/?as={who}{at}")
        page.locator(".composer:visible").first.wait_for()
        return page

    yield opened
    for one in contexts:
        one.close()
    assert wrong == []


def tries_now(page: Any) -> None:
    """Press "Try now", unless the page itself was faster: it is gone then."""
    page.evaluate("document.querySelector('.notice:not([hidden]) button')?.click()")


def _violation(text: str) -> bool:
    return "Content Security Policy" in text


@pytest.fixture
def breaks(base: str) -> Callable[[str], None]:
    """Breaks or mends something of the mock server: drop, down, up, refuse, accept, say?…"""

    def broken(what: str) -> None:
        _told(base, what)

    return broken


def _told(mock: str, what: str) -> None:
    patience = PATIENCE_MS / 1000
    urllib.request.urlopen(f"{mock}/mock/{what}", data=b"", timeout=patience).close()  # noqa: S310
