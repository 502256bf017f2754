"""The database goes away under the real page: a notice says so, and what was written comes once."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import opening
from tests.browser.real import Server
from tests.browser.test_real import answer_to, begins, in_order, says

pytestmark = pytest.mark.browser

NOTICE = "Messages cannot be taken in just now. What you write is safe here"


def test_what_is_written_while_the_database_is_away_comes_once(
    browser: Any, own: Callable[..., Server]
) -> None:
    server = own(module="tests.browser.away_server")
    with opening(browser, server.address) as visit:
        page = visit()
        thread = begins(page)
        says(page, "Where does it hurt?")
        expect(answer_to(thread, "Where does it hurt?")).to_be_visible()
        notice = page.locator(".notice", has_text=NOTICE)
        expect(notice).to_be_hidden()
        server.tell("away")
        expect(notice).to_be_visible()
        says(page, "When did it start?")
        expect(thread.locator(".message.waiting")).to_contain_text("is sent by itself")
        server.tell("back")
        expect(notice).to_be_hidden()
        expect(thread.locator(".message.pending")).to_have_count(0)
        expect(answer_to(thread, "When did it start?")).to_be_visible()
        assert in_order(thread).count("When did it start?") == 1
