"""A browser and the mock server for the page's tests. Only with `-m browser`."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs playwright and the system's Chromium")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    # Not even imported otherwise: playwright need not be there.
    return True if "browser" not in (config.getoption("-m") or "") else None


@pytest.fixture
def base() -> Iterator[str]:
    """A fresh mock server's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "tests.browser.mock", "--port", str(port)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.fail("no Chromium on this system: install it, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, base: str) -> Iterator[Open]:
    """Opens the page; at the end nothing may have failed in its scripts or against its CSP."""
    wrong: list[str] = []
    contexts: list[Any] = []

    def opened(at: str = "", who: str = "trainee-1", tab_of: Any = None, **context: Any) -> Any:
        home = tab_of.context if tab_of else browser.new_context(**context)
        if not tab_of:
            contexts.append(home)
        page = home.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: _violation(line.text) and wrong.append(line.text))
        page.goto(f"{base}/?as={who}{at}")
        page.locator(".composer:visible").first.wait_for()
        return page

    yield opened
    for one in contexts:
        one.close()
    assert wrong == []


def _violation(text: str) -> bool:
    return "Content Security Policy" in text


@pytest.fixture
def breaks(base: str) -> Callable[[str], None]:
    """Breaks or mends something of the mock server: drop, down, up, refuse, accept, say?…"""

    def broken(what: str) -> None:
        urllib.request.urlopen(f"{base}/mock/{what}", data=b"", timeout=5)  # noqa: S310

    return broken
