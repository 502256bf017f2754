"""The whole way on the real page: play, rate oneself, see the score, argue, hear tomorrow."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.conftest import opening
from tests.browser.real import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Any, own: Callable[..., Server]) -> Iterator[Any]:
    """A trainee's page on a server whose clock can be put forward."""
    server = own("--demo-clock")
    with opening(browser, server.address) as opened:
        yield opened()


def _says(page: Any, box: str, line: str) -> None:
    page.fill(box, line)
    page.keyboard.press("Enter")


def _plays(page: Any) -> None:
    from playwright.sync_api import expect

    _says(page, "#composer", "/sim start chest-pain")
    page.get_by_role("button", name="I agree, start").last.click()
    thread = page.locator(".thread-pane")
    expect(thread).to_contain_text("Just write to talk")
    heard = thread.locator(".message.by-character:not(.draft)")
    before = heard.count()
    for number, line in enumerate(
        ("Hello, I am Dr Ada Stone. What brings you in?", "Where does it hurt?"), 1
    ):
        _says(page, "#composer-thread", line)
        expect(heard.nth(before + number - 1)).to_be_visible()
    _says(page, "#composer-thread", "!end")
    expect(thread).to_contain_text("is complete")


def _rates_herself(page: Any, main: Any) -> None:
    """Once wrongly: the form says what is wrong at its field, and keeps what was written."""
    from playwright.sync_api import expect

    main.get_by_role("button", name="Rate myself").click()
    form = page.locator("dialog[open]")
    note = form.get_by_label("Anything to add?")
    note.fill("I asked about the pain first.")
    form.get_by_role("button", name="Send").click()
    expect(note).to_have_attribute("aria-invalid", "true")
    expect(note).to_be_focused()
    expect(form.locator(".field.wrong")).to_contain_text("Rate at least one line above")
    expect(note).to_have_value("I asked about the pain first.")
    assert form.locator("fieldset").count() == 15
    form.locator("fieldset").first.locator("input").last.check()
    form.get_by_role("button", name="Send").click()
    expect(form).to_be_hidden()


def test_from_playing_to_tomorrow(page: Any) -> None:
    from playwright.sync_api import expect

    _plays(page)
    page.get_by_role("link", name="Dressrun").click()
    main = page.locator(".main-pane")
    expect(main).to_contain_text("Before the score: A weight on the chest")
    expect(main).not_to_contain_text("of 100")

    _rates_herself(page, main)
    expect(main).to_contain_text("How it went: A weight on the chest")
    expect(main).to_contain_text("You rated 1 of 15 lines: 1 the same as the score.")

    picture = main.locator("img[alt*='A bar for each criterion']")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.naturalWidth") == 1000
    quote = main.locator(".message", has_text="How it went").get_by_role(
        "link", name="Where this was said"
    )
    assert "#/" in quote.first.get_attribute("href")

    main.get_by_role("button", name="I see it differently").click()
    form = page.locator("dialog[open]")
    form.locator("select").select_option(index=2)
    form.locator("textarea").fill("I did ask where it hurts, in my second turn.")
    form.get_by_role("button", name="Send").click()
    expect(main).to_contain_text("is kept with the score")

    expect(main).not_to_contain_text("A question about A weight on the chest")
    _says(page, "#composer", "/sim clock +1d")
    expect(main).to_contain_text("The clock now says")
    expect(main).to_contain_text("A question about A weight on the chest")


def test_a_moment_is_replayed_from_the_evidence(page: Any) -> None:
    from playwright.sync_api import expect

    _plays(page)
    page.get_by_role("link", name="Dressrun").click()
    main, thread = page.locator(".main-pane"), page.locator(".thread-pane")
    main.get_by_role("button", name="Skip this").click()
    main.get_by_role("button", name="Show evidence").click()
    again = main.locator(".message", has_text="Try a moment again").last
    expect(again).to_contain_text("A new thread begins just before that message of yours")
    again.get_by_role("button", name="Replay this moment").first.click()
    expect(thread).to_contain_text("You are back before your turn 2")
    heard = thread.locator(".message.by-character:not(.draft)")
    before = heard.count()
    _says(page, "#composer-thread", "When did it begin, and where does it spread?")
    expect(heard.nth(before)).to_be_visible()
    _says(page, "#composer-thread", "!end")
    expect(thread).to_contain_text("is complete")
    page.get_by_role("link", name="Dressrun").click()
    expect(main).to_contain_text("What the new try changed: A weight on the chest")
    expect(main).to_contain_text("The line you came for")
