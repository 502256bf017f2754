"""The card of a session in its thread, in a real Chromium against the mock server."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

Open = Callable[..., Any]


def test_no_button_stands_in_a_thread_twice(open_page: Open) -> None:
    page = open_page("#/s1")
    thread = page.locator(".thread-pane")
    expect(thread.get_by_role("button", name="Hint", exact=True)).to_be_visible()
    expect(thread.get_by_role("button", name="Hint", exact=True)).to_have_count(1)
