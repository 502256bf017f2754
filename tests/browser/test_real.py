"""The whole product in a real Chromium: the page, its server, the embedded persona."""

import re
import signal
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import serious
from tests.browser.conftest import PATIENCE_MS, Open, opening, tries_now
from tests.browser.real import ROOT, Server

pytestmark = pytest.mark.browser

PATIENT = "Colin Marsh"
PHONE = {"width": 320, "height": 640}
ECG = ROOT / "scenarios/clinical/chest-pain/media/ecg.png"


def begins(page: Any, scenario: str = "A weight on the chest") -> Any:
    """Start a scenario by clicking; its thread."""
    start = page.get_by_role("button", name=re.compile(f"(Start|Continue): {scenario}"))
    lists = page.locator(".main-pane .message", has=start)
    # A list takes the place of the one before it, whose buttons are gone then.
    if page.locator(".main-pane").is_visible():
        expect(page.locator(".main-pane .message").first).to_be_visible()
    older = [one.get_attribute("data-id") for one in lists.all()]
    page.get_by_role("button", name="Scenarios", exact=True).click()
    for one in older:
        expect(page.locator(f'.message[data-id="{one}"]')).to_have_count(0)
    start.first.click()
    agree = page.get_by_role("button", name="I agree, start").last
    thread = page.locator(".thread-pane .message")
    expect(agree.or_(thread.first).first).to_be_visible()
    if agree.is_visible():
        agree.click()
    expect(thread.first).to_be_visible()
    return page.locator(".thread-pane")


def says(page: Any, text: str) -> None:
    """Write in the thread."""
    page.locator("#composer-thread").fill(text)
    page.locator("#composer-thread").press("Enter")


def answer_to(thread: Any, text: str) -> Any:
    """What a character said after one of our own messages; several may speak."""
    said = f'.message.own:not(.pending):has-text("{text}")'
    return thread.locator(f"{said} ~ .message.by-character:not(.draft)").first


def in_order(thread: Any) -> list[str]:
    """The words of a thread, first to last."""
    found: list[str] = thread.locator(".message .prose").all_inner_texts()
    return found


def test_a_whole_scenario_by_clicking_and_typing_to_the_score(visit: Open) -> None:
    page = visit()
    thread = begins(page)
    says(page, "I am the doctor on call. Where exactly does it hurt?")
    expect(answer_to(thread, "Where exactly")).to_contain_text(re.compile("chest|breastbone"))
    says(page, "When did it start?")
    expect(answer_to(thread, "When did it start?")).to_be_visible()
    says(page, "!order 12-lead ECG")
    picture = thread.locator(".message img:not(.avatar img)").last
    expect(picture).to_be_visible()
    wide = "async image => { await image.decode(); return image.naturalWidth }"
    assert picture.evaluate(wide) > 100
    says(page, "!hint")
    expect(thread.locator(".message.private").last).to_be_visible()
    says(page, "!end")
    expect(thread.locator(".head")).to_contain_text("Ended")
    thread.get_by_role("button", name=re.compile("How did it go|Score")).last.click()
    # Where people are asked first how they found it themselves, the score comes after that.
    told = re.compile("How it went|Before the score")
    expect(page.locator(".message h3", has_text=told).first).to_be_visible()


def test_two_people_in_one_thread(visit: Open) -> None:
    ana = visit(who="trainee-1")
    thread = begins(ana, "Hot since Tuesday")
    address = ana.evaluate("location.hash")
    ina = visit(at=address, who="instructor-1")
    says(ana, "How is the little one drinking?")
    expect(thread.locator(".message.own").last).to_be_visible()
    there = ina.locator(".thread-pane")
    expect(there).to_contain_text("How is the little one drinking?")
    says(ina, "// I am only looking.")
    expect(thread).to_contain_text("I am only looking.")
    expect(thread.locator(".message", has_text="I am only looking.")).to_contain_text("Instructor")
    expect(there.locator(".message")).to_have_count(thread.locator(".message").count())
    assert in_order(thread) == in_order(there)


def test_a_reload_in_mid_reply_shows_the_whole_reply_once(
    browser: Any, own: Callable[..., Server]
) -> None:
    server = own(module="tests.browser.slow_server")
    with opening(browser, server.address) as visit:
        page = visit()
        thread = begins(page)
        says(page, "Does it go anywhere else?")
        server.tell("It goes down my left arm.")
        server.tell("And up into the jaw.")
        expect(thread.locator(".message.draft .prose")).to_contain_text("down my left arm")
        page.reload()
        expect(thread.locator(".message.draft .prose")).to_contain_text("down my left arm")
        server.tell("")
        whole = thread.locator(".message:not(.draft)", has_text="down my left arm.")
        expect(whole).to_have_count(1)
        expect(whole).to_contain_text("up into the jaw.")
        expect(thread.locator(".draft")).to_have_count(0)


def test_restarts_in_mid_session_lose_nothing_and_double_nothing(
    browser: Any, own: Callable[..., Server]
) -> None:
    server = own()
    asked = ["Where does it hurt?", "When did it start?", "Have you had this before?"]
    asked += ["Do you smoke?", "Are you allergic to anything?"]
    with opening(browser, server.address) as visit:
        page = visit()
        thread = begins(page)
        says(page, asked[0])
        expect(answer_to(thread, asked[0])).to_be_visible()
        for by, before, during in (
            (signal.SIGKILL, asked[1], asked[2]),
            (signal.SIGTERM, asked[3], asked[4]),
        ):
            says(page, before)
            expect(thread.locator(".message.own:not(.pending)", has_text=before)).to_be_visible()
            server.stop(by)
            says(page, during)
            expect(thread.locator(".message.waiting")).to_have_count(1)
            server.start()
            tries_now(page)
            expect(thread.locator(".message.pending")).to_have_count(0)
            # What was written meanwhile may be answered together, but after it.
            expect(answer_to(thread, during)).to_be_visible()
        words = in_order(thread)
        page.reload()
        expect(answer_to(thread, asked[-1])).to_be_visible()
        assert in_order(thread) == words
    assert [one for one in words if one in asked] == asked


def test_everything_by_keyboard(visit: Open) -> None:
    page = visit(who="trainee-2")
    keys = page.keyboard
    keys.press("Control+k")
    keys.type("service")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="service")).to_be_visible()
    keys.type("/start customer")
    expect(page.get_by_role("option").first).to_be_visible()
    keys.press("Tab")
    keys.press("Enter")
    agree = page.get_by_role("button", name="I agree, start")
    expect(agree).to_be_visible()
    agree.focus()
    keys.press("Enter")
    thread = page.locator(".thread-pane")
    expect(page.locator("#composer-thread")).to_be_focused()
    expect(thread.locator(".message").first).to_be_visible()
    keys.type("Good morning, what can I do for you?")
    keys.press("Enter")
    expect(answer_to(thread, "Good morning")).to_be_visible()
    keys.type("!pause")
    keys.press("Escape")
    keys.press("Enter")
    expect(thread.locator(".head")).to_contain_text("Paused")


@pytest.mark.parametrize("text", ['<script>window.hacked=1</script><img src=x onerror="hacked=1">'])
def test_script_and_markup_are_shown_as_text(visit: Open, text: str) -> None:
    page = visit(at="#/interviews")
    page.fill("#composer", text)
    page.keyboard.press("Enter")
    last = page.locator(".main-pane .message:not(.pending) .prose").last
    expect(last).to_have_text(text)
    assert page.evaluate("window.hacked") is None


def test_a_file_is_sent_and_found_again(visit: Open) -> None:
    page = visit(at="#/phone")
    page.locator(".main-pane input[type=file]").set_input_files(ECG)
    expect(page.locator(".chip:not(.busy)")).to_contain_text("ecg.png")
    page.fill("#composer", "The tracing of the quiet patient")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Show ecg.png").locator("img")).to_be_visible()
    page.keyboard.press("Control+Shift+f")
    page.get_by_role("searchbox").fill("quiet patient")
    page.locator(".result").first.click()
    expect(page.locator(".message.target")).to_contain_text("quiet patient")


def test_a_phone_of_320_pixels_never_scrolls_sideways(visit: Open) -> None:
    page = visit(at="#/welcome", who="trainee-2", viewport=PHONE)
    assert sideways(page) == []
    page.locator(".pane:visible .only-narrow:visible").first.click()
    expect(page.get_by_role("button", name="Scenarios", exact=True)).to_be_visible()
    assert sideways(page) == []
    thread = begins(page, "A weight on the chest")
    says(page, "!order 12-lead ECG")
    expect(thread.locator(".message img:not(.avatar img)").last).to_be_visible()
    assert sideways(page) == []


def sideways(page: Any) -> list[str]:
    """What is wider than its place."""
    wide = """[document.documentElement, document.body, ...document.querySelectorAll('.scroller')]
        .filter(e => e.scrollWidth > e.clientWidth).map(e => e.className || e.tagName)"""
    found: list[str] = page.evaluate(wide)
    return found


@pytest.mark.parametrize(("scheme", "who"), [("light", "instructor-1"), ("dark", "admin")])
def test_no_serious_violations_of_the_accessibility_rules(
    visit: Open, scheme: str, who: str
) -> None:
    calm = {"color_scheme": scheme, "reduced_motion": "reduce", "bypass_csp": True}
    page = visit(at="#/welcome", who=who, **calm)
    assert serious(page) == []
    thread = begins(page, "A weight on the chest")
    says(page, "!order 12-lead ECG")
    expect(thread.locator(".message img:not(.avatar img)").last).to_be_visible()
    assert serious(page) == []
    says(page, "!end")
    expect(thread.locator(".head")).to_contain_text("Ended")
    assert serious(page) == []


def test_a_link_lets_in_once_and_signing_out_lets_nobody_in(
    browser: Any, own: Callable[..., Server]
) -> None:
    server = own(host="0.0.0.0")  # noqa: S104 - as a container is started
    [line] = [one for one in server.said if "administrator" in one]
    link = line.split()[-1]
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    root = link.partition("/local/")[0]
    page.goto(root)
    expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()
    assert serious(page) == []
    page.goto(link)
    assert serious(page) == []
    page.get_by_role("button", name="Enter the workspace").click()
    expect(page.locator(".as")).to_contain_text("Administrator")
    thread = begins(page)
    says(page, "Where does it hurt?")
    expect(answer_to(thread, "Where does it hurt?")).to_be_visible()
    expect(page.locator(".identities")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()
    context.close()
    server.stop()
    server.start()
    assert not [one for one in server.said[2:] if "administrator" in one]
