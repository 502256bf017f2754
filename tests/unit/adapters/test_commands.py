"""The typed grammar."""

import pytest

from adapters.commands import Typed, root, typed


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/sim start chest-pain", Typed("start", "chest-pain")),
        ("  /SIM START x  ", Typed("start", "x")),
        ("/sim", Typed("", "")),
        ("/sim note two\nlines", Typed("note", "two\nlines")),
        ("/sim note\ntwo\nlines here", Typed("note", "two\nlines here")),
        ("!end", Typed("end", "")),
        ("!take-over please", Typed("take-over", "please")),
        ("!ënde", Typed("ënde", "")),
        ("\u200b!end", Typed("end", "")),
    ],
)
def test_commands(line: str, expected: Typed) -> None:
    assert typed(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        "!",
        "!!",
        "!!!stop",
        "! end",
        "!?",
        "!5",
        "/simulate",
        "/ sim",
        "say !end",
        "//x",
    ],
)
def test_things_people_say(line: str) -> None:
    assert typed(line) is None


def test_what_stands_after_the_root() -> None:
    assert root(" Start  chest-pain ") == Typed("start", "chest-pain")
    assert root("") == Typed("", "")
