"""Makes the pictures of the page again: `make demo-shots`, or with names of those to make.

All are of the real server and the embedded persona; only a reply that stands still while it grows,
and a form with a mistake in it, are from servers of our own.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import CHROMIUM, PATIENCE_MS
from tests.browser.real import ROOT, Server
from tests.browser.test_real import answer_to, begins, says

PICTURES: Final = ROOT / "docs" / "pictures"
README: Final = ROOT / "docs" / "workspace.png"
DESK: Final = {"width": 1280, "height": 800}
WIDE: Final = {"width": 1920, "height": 1080}
PHONE: Final = {"width": 390, "height": 800}


def thread(browser: Any, folder: Path) -> None:
    """The first page, the cards, and a conversation with an exhibit on every kind of screen."""
    with running(Server(folder)) as server:
        page = opened(browser, server, viewport=DESK)
        page.get_by_role("button", name="See the scenarios").wait_for()
        shoot(page, PICTURES / "first-page.png")
        page.get_by_role("button", name="Scenarios", exact=True).click()
        page.get_by_role("button", name=re.compile("Start: A weight")).wait_for()
        page.locator(".card").first.scroll_into_view_if_needed()
        shoot(page, PICTURES / "scenarios.png")
        there = begins(page)
        talk(page, there)
        address = page.evaluate("location.hash")
        shoot(page, README)
        for name, more in LOOKS.items():
            other = opened(browser, server, address, **more)
            expect(other.locator(".thread-pane .message")).to_have_count(
                there.locator(".message").count()
            )
            shoot(other, PICTURES / f"{name}.png")
        says(page, "!end")
        expect(there.locator(".head")).to_contain_text("Ended")
        page.get_by_role("button", name="Wider or narrower").click()
        shoot(page, PICTURES / "ended.png")


LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "wide": {"viewport": WIDE},
    "phone": {"viewport": PHONE, "device_scale_factor": 2},
}


def talk(page: Any, there: Any) -> None:
    """A little of a conversation, with an order and its result."""
    for line in (
        "Hello Mr Marsh, I am the doctor looking after you. Where exactly is the pain?",
        "That sounds frightening. When did it start?",
    ):
        says(page, line)
        expect(answer_to(there, line)).to_be_visible()
    says(page, "!order 12-lead ECG")
    picture = there.locator(".message img:not(.avatar img)").last
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")


def streaming(browser: Any, folder: Path) -> None:
    """A reply while it grows."""
    with running(Server(folder, module="tests.browser.slow_server")) as server:
        page = opened(browser, server, viewport=DESK)
        there = begins(page)
        says(page, "Does the pain go anywhere else?")
        for line in ("It goes down my left arm, like I've been carrying something.", "And my jaw"):
            server.tell(line)
        expect(there.locator(".message.draft .prose")).to_contain_text("down my left arm")
        shoot(page, PICTURES / "streaming.png")
        server.tell("")
        expect(there.locator(".draft")).to_have_count(0)


def sign_in(browser: Any, folder: Path) -> None:
    """What somebody sees who is not logged in."""
    with running(Server(folder, DRESSRUN_PUBLIC_URL="https://dressrun.example.org")) as server:
        page = browser.new_context(viewport=DESK).new_page()
        page.goto(server.address)
        shoot(page, PICTURES / "sign-in.png")


def form(browser: Any, folder: Path) -> None:
    """A form with a mistake in it."""
    with running(Server(folder, module="tests.browser.mock")) as server:
        page = opened(browser, server, "#/s1", viewport=DESK)
        page.get_by_role("button", name="Submit", exact=True).click()
        dialog = page.get_by_role("dialog", name="Hand over")
        dialog.get_by_label("Situation").fill("short")
        dialog.get_by_label("Within the hour").check()
        dialog.get_by_label("Pain, 0 to 10").fill("4")
        dialog.get_by_role("button", name="Hand it over").click()
        expect(dialog).to_contain_text("Say a little more")
        shoot(page, PICTURES / "form.png")


MADE: Final[Mapping[str, Callable[[Any, Path], None]]] = {
    "thread": thread,
    "streaming": streaming,
    "sign-in": sign_in,
    "form": form,
}


def opened(browser: Any, server: Server, at: str = "", **look: Any) -> Any:
    """The page, standing still."""
    context = browser.new_context(reduced_motion="reduce", **look)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.address}/?as=trainee-1{at}")
    page.locator(".composer:visible").first.wait_for()
    return page


_DRAWN: Final = """() => {
  // One that is out of sight is not loaded, and would never be decoded.
  const seen = one => one.checkVisibility() && one.getBoundingClientRect().bottom > 0
    && one.getBoundingClientRect().top < innerHeight;
  return Promise.all([...document.images].filter(seen).map(one => one.decode().catch(() => 0)));
}"""
"""Waits until every picture in sight is drawn."""


def shoot(page: Any, to: Path) -> None:
    """Make a picture once everything stands still."""
    page.evaluate(_DRAWN)
    page.mouse.move(0, 0)
    to.parent.mkdir(exist_ok=True)
    page.screenshot(path=to)
    sys.stdout.write(f"{to.relative_to(ROOT)}: {to.stat().st_size // 1024} kB\n")


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Start a server, and end it."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    """Make all, or those that are named."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        for name in sys.argv[1:] or MADE:
            with tempfile.TemporaryDirectory() as folder:
                MADE[name](browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
