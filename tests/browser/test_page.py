"""The page in a real Chromium, against the mock server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from adapters.markup import lines
from tests.browser.accessibility import serious
from tests.browser.conftest import tries_now

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
Breaks = Callable[[str], None]

PHONE = {"width": 320, "height": 640}


def texts(page: Any, where: str = ".main-pane") -> list[str]:
    return page.locator(f"{where} .message .prose").all_inner_texts()


def test_a_newcomer_is_with_a_patient_after_two_presses(open_page: Open) -> None:
    page = open_page("#/empty")
    page.get_by_role("button", name="See the scenarios").click()
    page.get_by_role("button", name="Start: A weight on the chest").click()
    expect(page.locator(".thread-pane")).to_contain_text("Hello, doctor. I'm Colin.")
    page.keyboard.type("Where does it hurt?")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-pane .draft")).to_be_visible()
    expect(page.locator(".thread-pane")).to_contain_text("down my left arm.")


def test_script_and_markup_in_a_message_are_shown_as_text(open_page: Open) -> None:
    page = open_page("#/general")
    expect(page.locator(".main-pane")).to_contain_text("<script>window.hacked=1</script>")
    page.fill("#composer", '<b onclick="x">**bold**</b> [a](javascript:alert(1)) <@admin>')
    page.keyboard.press("Enter")
    last = page.locator(".main-pane .message:not(.pending) .prose").last
    expect(last).to_have_text('<b onclick="x">bold</b> [a](javascript:alert(1)) @Alex Admin')
    assert last.locator("b, a").count() == 0
    assert page.evaluate("window.hacked") is None


MARKED = (
    "plain **bold _x_** and _italic_, `code **x**`, snake_case_name, _é_ é_x_",
    "> quote\n>\n- item **b**\n-no item\n```\n**verbatim**\n```\nafter",
    r"\*\*not bold\*\* \_ [a \] b](https://example.org/x_y_z) [x](ftp://no) [",
    "**a**b** ** c **\n\n`",
)


@pytest.mark.parametrize("text", MARKED)
def test_marks_mean_the_same_as_on_every_other_platform(open_page: Open, text: str) -> None:
    page = open_page()
    read = "async text => (await import('/local/page/js/markup.js')).lines(text)"
    found = [
        (line["kind"], [(one["text"], one["style"], one["link"]) for one in line["spans"]])
        for line in page.evaluate(read, text)
    ]
    assert found == [
        (line.kind, [(one.text, one.style, one.link) for one in line.spans]) for line in lines(text)
    ]


def test_after_a_lost_connection_nothing_is_missing_and_nothing_twice(
    open_page: Open, breaks: Breaks
) -> None:
    page = open_page("#/general")
    breaks("refuse")
    breaks("drop")
    for word in ("one", "two"):
        breaks(f"say?place=general&as=trainee-2&text={word}")
    expect(page.locator(".notice")).to_contain_text("connection is lost")
    breaks("accept")
    tries_now(page)
    expect(page.locator(".notice")).to_be_hidden()
    breaks("say?place=general&as=trainee-2&text=three")
    expect(page.locator(".main-pane .prose").last).to_have_text("three")
    assert texts(page)[-3:] == ["one", "two", "three"]


def test_what_could_not_be_stored_is_kept_and_sent_once_when_it_can(
    open_page: Open, breaks: Breaks
) -> None:
    page = open_page("#/general")
    breaks("down")
    for word in ("first", "second"):
        page.fill("#composer", word)
        page.keyboard.press("Enter")
    expect(page.locator(".message.waiting").first).to_contain_text("Not sent yet")
    expect(page.locator(".notice")).to_contain_text("cannot be taken in just now")
    breaks("up")
    expect(page.locator(".message.pending")).to_have_count(0)
    assert texts(page)[-2:] == ["first", "second"]


def test_a_reload_in_mid_reply_shows_the_whole_reply_once(open_page: Open) -> None:
    page = open_page("#/s1")
    page.fill("#composer-thread", "Does it go anywhere else?")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-pane .draft .prose")).to_contain_text("carrying")
    page.reload()
    reply = page.locator(".thread-pane .message", has_text="down my left arm.")
    expect(reply).to_have_count(1)
    expect(page.locator(".thread-pane .draft")).to_have_count(0)


def test_a_page_of_messages_that_comes_late_undoes_no_change(open_page: Open) -> None:
    page = open_page("#/s1")
    page.fill("#composer-thread", "Does it go anywhere else?")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-pane .draft .prose")).to_contain_text("carrying")

    def held_back(route: Any) -> None:
        early = route.fetch()
        while any(one["draft"] for one in route.fetch().json()["messages"]):
            pass
        route.fulfill(response=early)

    page.route("**/places/s1/messages*", held_back)
    page.reload()
    reply = page.locator(".thread-pane .message", has_text="down my left arm.")
    expect(reply).to_have_count(1)
    expect(page.locator(".thread-pane .draft")).to_have_count(0)


def test_unsent_text_outlives_a_reload_and_stays_in_its_place(open_page: Open) -> None:
    page = open_page("#/general")
    page.keyboard.type("not yet")
    page.reload()
    expect(page.locator("#composer")).to_have_value("not yet")
    page.get_by_role("link", name="quiet corner").click()
    expect(page.locator("#composer")).to_have_value("")


def test_two_identities_in_two_tabs(open_page: Open) -> None:
    sam = open_page("#/general")
    priya = open_page("#/empty", who="trainee-2", tab_of=sam)
    sam.keyboard.type("Anybody here?")
    sam.keyboard.press("Enter")
    badge = priya.get_by_role("link", name="general").locator(".count")
    expect(badge).to_be_visible()
    priya.get_by_role("link", name="general").click()
    expect(priya.locator(".main-pane .message").last).to_contain_text("Sam Okafor")
    expect(badge).to_be_hidden()
    expect(sam.locator(".as")).to_contain_text("Sam Okafor")
    sam.get_by_role("link", name="Dr. Helen Brandt").last.click()
    expect(sam.locator(".as")).to_contain_text("Instructor")
    expect(priya.locator(".as")).to_contain_text("Priya Nair")


def test_everything_by_keyboard(open_page: Open) -> None:
    page = open_page("#/general")
    keys = page.keyboard
    keys.press("Control+k")
    keys.type("quiet")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="quiet corner")).to_be_visible()
    keys.type("/start wei")
    expect(page.get_by_role("option", name="A weight on the chest")).to_be_visible()
    keys.press("Tab")
    expect(page.locator("#composer")).to_have_value("/start chest-pain ")
    keys.press("Enter")
    expect(page.locator(".thread-pane")).to_contain_text("I'm Colin")
    keys.type("!pause")
    keys.press("Escape")
    keys.press("Enter")
    expect(page.locator(".thread-pane .head")).to_contain_text("Paused")
    keys.press("Shift+Tab")
    keys.press("F6")
    keys.press("Escape")
    expect(page.locator(".thread-pane")).to_be_hidden()
    page.locator(".main-pane .scroller").focus()
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(page.locator(".main-pane .scroller")).to_be_focused()


def test_who_types_faster_than_the_offers_come_loses_no_word(open_page: Open) -> None:
    page = open_page("#/general")
    held: list[Any] = []
    page.route("**/local/api/complete", lambda one: held.append(one))
    composer = page.locator("#composer")
    with page.expect_request("**/local/api/complete"):
        composer.fill("/start wei")
        page.keyboard.press("Tab")
    expect(composer).to_have_value("/start wei")
    expect(composer).to_be_focused()
    for one in held:
        one.continue_()
    expect(composer).to_have_value("/start chest-pain ")


def test_an_aside_is_no_command_however_slowly_it_is_typed(open_page: Open) -> None:
    page = open_page("#/s1")
    composer = page.locator("#composer-thread")
    composer.fill("/")
    expect(page.get_by_role("option").first).to_be_visible()
    composer.fill("// I am only looking.")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Enter")
    mine = page.locator(".thread-pane .message.own:not(.pending)").last
    expect(mine).to_contain_text("I am only looking.")


def test_a_whole_command_is_sent_as_it_stands(open_page: Open) -> None:
    page = open_page("#/s1")
    thread = page.locator(".thread-pane")
    page.locator("#composer-thread").fill("!pause")
    page.keyboard.press("Enter")
    expect(thread.locator(".head")).to_contain_text("Paused")


def test_an_enter_that_waits_for_offers_sends_nothing_to_another_place(open_page: Open) -> None:
    page = open_page("#/general")
    hangs: list[Any] = []
    sent: list[str] = []
    page.route("**/local/api/complete", lambda route: hangs.append(route))
    page.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    with page.expect_request("**/local/api/complete"):
        page.fill("#composer", "/start che")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="quiet corner").click()
    expect(page.locator("#composer")).to_have_value("")
    hangs[0].fulfill(json={"items": []})
    page.get_by_role("link", name="general").click()
    expect(page.locator("#composer")).to_have_value("/start che")
    assert not [one for one in sent if one.endswith(("/commands", "/messages"))]


def test_an_enter_waits_for_offers_no_longer_than_a_moment(open_page: Open) -> None:
    page = open_page("#/general")
    page.route("**/local/api/complete", lambda _route: None)
    with page.expect_request("**/local/api/complete"):
        page.fill("#composer", "/start chest-pain")
    with page.expect_request("**/commands", timeout=10_000):
        page.keyboard.press("Enter")


def test_a_form_keeps_the_answers_and_says_what_is_wrong_where(open_page: Open) -> None:
    page = open_page("#/s1")
    page.get_by_role("button", name="Submit", exact=True).click()
    dialog = page.get_by_role("dialog", name="Hand over")
    dialog.get_by_role("button", name="Hand it over").click()
    expect(dialog.get_by_label("Situation")).to_be_focused()
    dialog.get_by_label("Situation").fill("short")
    dialog.get_by_label("Within the hour").check()
    dialog.get_by_label("Pain, 0 to 10").fill("4")
    dialog.get_by_role("button", name="Hand it over").click()
    expect(dialog).to_contain_text("Say a little more")
    expect(dialog.get_by_label("Situation")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Situation").fill("A man of 58 with a heart attack")
    dialog.get_by_role("button", name="Hand it over").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".thread-pane")).to_contain_text("Your handover was given.")


def test_files_are_sent_with_a_thumbnail(open_page: Open) -> None:
    page = open_page("#/general")
    picture = Path(__file__).parents[2] / "scenarios/clinical/chest-pain/media/ecg.png"
    page.locator(".main-pane input[type=file]").set_input_files(picture)
    expect(page.locator(".chip:not(.busy)")).to_contain_text("ecg.png")
    page.locator("#composer").press("Enter")
    expect(page.get_by_role("button", name="Show ecg.png").locator("img")).to_be_visible()


def test_search_leads_to_the_message(open_page: Open) -> None:
    page = open_page("#/empty")
    page.keyboard.press("Control+Shift+f")
    page.get_by_role("searchbox").fill("parked van")
    page.locator(".result").first.click()
    expect(page.locator(".message.target")).to_contain_text("parked van")


@pytest.mark.parametrize("at", ["#/empty", "#/general", "#/s1"])
def test_a_phone_of_320_pixels_never_scrolls_sideways(open_page: Open, at: str) -> None:
    page = open_page(at, viewport=PHONE)
    width = "Math.max(document.body.scrollWidth, document.documentElement.scrollWidth)"
    assert page.evaluate(width) == 320
    wide = "[...document.querySelectorAll('.scroller')].filter(e => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{wide}.length") == 0
    back = page.locator(".pane:visible .only-narrow:visible")
    while back.count() and not page.locator(".sidebar").is_visible():
        back.first.click()
    expect(page.get_by_role("button", name="Scenarios", exact=True)).to_be_visible()
    assert page.evaluate(width) == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("at", ["#/empty", "#/general", "#/s1"])
def test_no_serious_violations_of_the_accessibility_rules(
    open_page: Open, at: str, scheme: str
) -> None:
    page = open_page(at, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    if at == "#/empty":
        page.get_by_role("button", name="See the scenarios").click()
        page.locator(".card").first.wait_for()
    assert serious(page) == []
    if at == "#/s1":
        page.get_by_role("button", name="Submit", exact=True).click()
        page.get_by_role("button", name="Hand it over").click()
        assert serious(page) == []


def test_the_page_weighs_less_than_300_kilobytes() -> None:
    page = Path(__file__).parents[2] / "adapters" / "local" / "page"
    assert sum(file.stat().st_size for file in page.rglob("*") if file.is_file()) <= 300_000
