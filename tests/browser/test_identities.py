"""Who a tab is, and what it shows of whom, in a real Chromium against the mock server."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

Open = Callable[..., Any]


def test_a_place_has_its_messages_again_for_whoever_the_tab_becomes(open_page: Open) -> None:
    page = open_page("#/general")
    first = page.locator(".main-pane .message").first
    expect(first).to_be_visible()
    for name in ("Dr. Helen Brandt", "Sam Okafor"):
        page.get_by_role("link", name=name).last.click()
        expect(page.locator(".as")).to_contain_text(name)
        expect(first).to_be_visible()
        expect(page.locator(".main-pane .bones")).to_have_count(0)


_WITH_THE_BOT = """() => fetch("/local/api/dm", {
  method: "POST", headers: {"content-type": "application/json", "x-dressrun-as": "trainee-1"},
  body: JSON.stringify({person: "dressrun"})})"""


def test_a_direct_message_with_the_product_has_its_name_and_sign(open_page: Open) -> None:
    page = open_page("#/general")
    page.evaluate(_WITH_THE_BOT)
    entry = page.locator(".places .dm a", has_text="Dressrun")
    expect(entry).to_be_visible()
    expect(entry.locator("img")).to_have_attribute("src", "/local/page/icon.svg")
    entry.click()
    expect(page.locator(".main-pane > .head")).to_contain_text("Dressrun")
