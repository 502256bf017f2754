"""A character that a person plays, as a trainee and an instructor see it, on a real server."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import opening
from tests.browser.real import Server
from tests.browser.test_real import begins, says

pytestmark = pytest.mark.browser


def test_who_waits_for_a_person_is_told_so_and_reads_their_line_as_the_characters(
    browser: Any, own: Callable[..., Server]
) -> None:
    server = own()
    with opening(browser, server.address) as opened:
        sam = opened()
        thread = begins(sam)
        helen = opened(sam.evaluate("location.hash"), who="instructor-1")
        says(helen, "/sim take-over patient")
        expect(helen.locator(".thread-pane")).to_contain_text("You play Colin Marsh now")
        says(sam, "When did it start?")
        expect(thread).to_contain_text("A person plays Colin Marsh just now.")
        expect(thread.locator(".typing")).to_have_count(0)
        says(helen, "An hour ago, in the van.")
        line = thread.locator(".message", has_text="An hour ago, in the van.")
        expect(line.locator(".name")).to_have_text("Colin Marsh")
        expect(thread).not_to_contain_text("Instructor One An hour")
        says(sam, "And how bad is it?")
        expect(thread.locator(".typing")).to_have_text(
            "A person plays Colin Marsh: the answer comes when it is written."
        )
        says(helen, "Bad, doctor.")
        expect(thread.locator(".message", has_text="Bad, doctor.")).to_have_class(
            "message by-character"
        )
        expect(thread.locator(".typing")).to_have_count(0)
