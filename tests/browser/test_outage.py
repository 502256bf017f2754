"""An outage as the page shows it, on a clock that stands: what is true, and back at once."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, opening
from tests.browser.real import Server

pytestmark = pytest.mark.browser

Breaks = Callable[[str], None]

LATER = 1000
"""Seconds, later than any of these tests lasts."""

INTERRUPTED = "The reply was interrupted. It comes again by itself."

TRIES = """async () => {
  const { createLive } = await import('/local/page/js/live.js');
  window.tries = [];
  const there = async () => { tries.push(Date.now()); return false; };
  createLive({ url: () => '', after: () => 0, take() {}, net() {}, there }).now();
}"""
"""A stream to a server that never answers; it notes when it asked."""

CARET = "node => getComputedStyle(node, '::after').content"

WATCH = """() => {
  window.changes = 0;
  const list = document.querySelector('.main-pane .list');
  const said = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(all => { changes += all.length; }).observe(list, said);
}"""


def standing(page: Any) -> Any:
    """The page, whose clock goes on only when it is told to."""
    page.clock.install(time=0)
    page.clock.pause_at(LATER)
    return page


def loses(page: Any, breaks: Breaks, how: str = "drop") -> None:
    """Lose the connection; from then on no time passes, and what comes back does so at once."""
    page.clock.install(time=0)
    breaks("refuse")
    breaks(how)
    expect(page.locator(".notice")).to_be_visible()
    page.clock.pause_at(LATER)


def test_however_long_an_outage_lasts_the_page_asks_every_three_seconds(open_page: Open) -> None:
    page = standing(open_page("#/general"))
    page.evaluate(TRIES)
    page.clock.run_for(120_000)
    asked = page.evaluate("tries")
    assert len(asked) > 40
    assert max(after - before for before, after in pairwise(asked)) <= 3000


def test_a_message_that_gets_through_brings_the_stream_back_at_once(
    open_page: Open, breaks: Breaks
) -> None:
    page = open_page("#/general")
    loses(page, breaks)
    breaks("say?place=general&as=trainee-2&text=meanwhile")
    breaks("accept")
    page.fill("#composer", "I am still here")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_be_hidden()
    expect(page.locator(".message.pending")).to_have_count(0)
    words = page.locator(".main-pane .message .prose").all_inner_texts()
    assert words[-2:] == ["meanwhile", "I am still here"]


@pytest.mark.parametrize(
    ("where", "event"), [("window", "online"), ("document", "visibilitychange")]
)
def test_a_network_or_a_tab_that_is_back_tries_at_once(
    open_page: Open, breaks: Breaks, where: str, event: str
) -> None:
    page = open_page("#/general")
    loses(page, breaks)
    breaks("accept")
    page.evaluate(f"{where}.dispatchEvent(new Event('{event}'))")
    expect(page.locator(".notice")).to_be_hidden()


@pytest.mark.parametrize("how", ["drop", "restart", "down"])
def test_a_reply_that_cannot_go_on_is_said_to_come_again(
    open_page: Open, breaks: Breaks, how: str
) -> None:
    page = open_page("#/s1")
    note = page.locator(".thread-pane .composer-note")
    draft = page.locator(".thread-pane .message.draft")
    breaks("draft?place=s1&text=It+came+on+while+I")
    expect(note).to_contain_text("A reply is being written.")
    last = draft.locator(".prose p").last
    assert last.evaluate(CARET) != "none"
    if how == "down":
        breaks("down")
    else:
        loses(page, breaks, how)
    expect(note).to_have_text(INTERRUPTED)
    expect(note.locator(".spin, button")).to_have_count(0)
    expect(draft).to_contain_text("(unfinished)")
    assert last.evaluate(CARET) == "none"
    breaks("accept")
    breaks("up")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(note).to_contain_text("Stop it")
    expect(draft).not_to_contain_text("(unfinished)")


def test_what_is_not_sent_yet_stays_so_while_it_is_tried(open_page: Open, breaks: Breaks) -> None:
    page = standing(open_page("#/general"))
    breaks("down")
    for words in ("first", "second"):
        page.fill("#composer", words)
        page.keyboard.press("Enter")
    waiting = page.locator(".message.waiting")
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("It is safe here, and is sent by itself.")
    tried: list[str] = []
    page.on("request", lambda one: tried.append(one.url))
    page.evaluate(WATCH)
    # One at a time: the next says that the one before it was taken in.
    while len(tried) < 3:
        waiting.last.get_by_role("button", name="Try again").click()
    assert page.evaluate("changes") == 0
    breaks("up")
    expect(page.locator(".message.pending")).to_have_count(0)


def test_what_waits_outlives_a_reload(open_page: Open, breaks: Breaks) -> None:
    page = open_page("#/general")
    breaks("down")
    page.fill("#composer", "Not to be lost")
    page.keyboard.press("Enter")
    expect(page.locator(".message.waiting")).to_have_count(1)
    page.reload()
    expect(page.locator("#composer")).to_have_value("Not to be lost")


def test_a_stop_is_told_of_and_the_page_is_back_by_itself(
    browser: Any, own: Callable[..., Server]
) -> None:
    server = own()
    with opening(browser, server.address) as visit:
        page = visit(at="#/interviews")
        page.fill("#composer", "Good morning")
        page.keyboard.press("Enter")
        # Only the stream shows it as said.
        expect(page.locator(".main-pane .message.own")).to_contain_text("Good morning")
        notice = page.locator(".notice")
        server.stop()
        expect(notice).to_contain_text("The server is restarting.")
        server.start()
        expect(notice).to_be_hidden()
