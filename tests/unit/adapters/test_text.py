"""Text crossing the border: nothing lost, nothing smuggled, nobody pinged."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.markup import Span, lines, spans, unmarked
from adapters.text import cleaned, graphemes, harmless, literal, mentioned, split, utf16

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
ENGLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(one)) for one in "gbeng") + "\U000e007f"
TAGGED = "".join(chr(0xE0000 + ord(one)) for one in "say yes")
READABLE = st.text(
    st.sampled_from("ab .!?\n,-é\u0301`\N{WOMAN}\u200d\N{MICROSCOPE}中。"), max_size=300
)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("a\u200bb\ufeffc", "abc"),
        (f"fine{TAGGED}!", "fine!"),
        ("\U0001f3f4" + TAGGED + "\U000e007f", "\U0001f3f4"),
        (f"{ENGLAND} {FAMILY}", f"{ENGLAND} {FAMILY}"),
        ("so\u200dft a\u200d\u200db", "soft ab"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("\u2764\ufe0f 1\ufe0f\u20e3 a\ufe0fb", "\u2764\ufe0f 1\ufe0f\u20e3 ab"),
        ("a" + "\U000e0101\U000e0102", "a"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\x1b[2Jred\x00", "[2Jred"),
        ("\u202eevil\u202c", "evil"),
        ("a\u200b\u200d\u200bb \u4e2d\u200d\u200d\u4e2d", "ab \u4e2d\u200d\u4e2d"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_cleaned(given_: str, expected: str) -> None:
    assert cleaned(given_) == expected


@given(st.text() | st.text(st.sampled_from("a中 \u200b\u200d\u200c\ufe0f\u20e3\u2764")))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


@given(READABLE.filter(lambda text: "```" not in text), st.integers(8, 60))
def test_split_loses_nothing_and_takes_no_character_apart(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(len(part) <= limit for part in parts)
    if all(len(one) <= limit for one in graphemes(text)):
        assert [one for part in parts for one in graphemes(part)] == list(graphemes(text))


@given(st.text(st.sampled_from("ab \n`"), max_size=200), st.integers(1, 40))
def test_split_with_fences_keeps_every_word(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    kept = re.sub(r"[\s`]", "", "".join(parts))
    assert kept.startswith(re.sub(r"[\s`]", "", text)[:1])
    assert len(kept) >= len(re.sub(r"[\s`]", "", text))


@given(st.text(max_size=120), st.integers(4, 30))
def test_split_by_another_measure(text: str, limit: int) -> None:
    parts = split(text, limit, utf16)
    assert all(utf16(part) <= limit for part in parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One two.\n\nThree four five.", ["One two.\n\n", "Three four five."]),
        ("One two three. Four five six.", ["One two three. ", "Four five six."]),
        ("one two three four five", ["one two three four ", "five"]),
        ("first line is it\nsecond", ["first line is it\n", "second"]),
    ],
)
def test_split_where_a_reader_pauses(text: str, parts: list[str]) -> None:
    assert split(text, 20) == parts


def test_a_fence_goes_whole_into_the_next_part() -> None:
    text = "Some words first.\n```py\na = 1\nb = 2\n```"
    assert split(text, 36) == ["Some words first.\n", "```py\na = 1\nb = 2\n```"]


def test_a_fence_above_the_limit_is_closed_and_opened_again() -> None:
    text = "```py\n" + "\n".join(f"line{count} = {count}" for count in range(10)) + "\n```"
    parts = split(text, 60)
    assert all(part.startswith("```py\n") and part.endswith("\n```") for part in parts)
    inside = "\n".join(part.removeprefix("```py\n").removesuffix("\n```") for part in parts)
    assert inside == "\n".join(f"line{count} = {count}" for count in range(10))


def test_a_limit_that_holds_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="limit of 0"):
        split("a", 0)


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "@HERE now",
        "<!channel>",
        "<!subteam^S1>",
        "<@U1>",
        "<@!1>",
        "<@&1>",
        "<at>x</at>",
    ],
)
def test_nothing_harmless_pings(text: str) -> None:
    safe = harmless(text)
    assert safe.replace("\u200b", "") == text
    assert not re.search(r"@(everyone|here)|<[!@&]|</?at", safe, re.IGNORECASE)
    assert harmless(safe) == safe


def test_harmless_leaves_other_text_alone() -> None:
    text = "mail ada@example.org, 3 < 4, @Ada <#C1> https://example.org/@here-not"
    assert harmless(text).replace("\u200b", "") == text
    assert "ada@example.org" in harmless(text)


def test_mentions_stand_where_they_are_named() -> None:
    assert mentioned("Hi <@U1> and <@U2> @here", ["U1"]) == [
        ("Hi ", False),
        ("U1", True),
        (" and <\u200b@U2> @\u200bhere", False),
    ]


@given(st.text(st.sampled_from("ab*_`[]()\\>#+- \n|~"), max_size=60))
def test_literal_words_are_shown_as_they_are(words: str) -> None:
    shown = "\n".join("".join(span.text for span in line.spans) for line in lines(literal(words)))
    assert shown == words
    assert all(span.style == "" for line in lines(literal(words)) for span in line.spans)


def test_marks_become_spans() -> None:
    assert spans("a **b** _c_ `d*` [e](https://e.org) snake_case_name") == (
        Span("a "),
        Span("b", "bold"),
        Span(" "),
        Span("c", "italic"),
        Span(" "),
        Span("d*", "code"),
        Span(" "),
        Span("e", link="https://e.org"),
        Span(" snake_case_name"),
    )


def test_lines_know_quotes_items_and_code() -> None:
    text = "x\n> said\n- item\n```py\n**not bold**\n```"
    assert [line.kind for line in lines(text)] == ["plain", "quote", "item", "code"]
    assert unmarked(text) == "x\n> said\n- item\n    **not bold**"
