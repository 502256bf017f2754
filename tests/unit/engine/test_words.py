"""Words out of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.words import (
    LONGEST_PART,
    MOST_PARTS,
    asks,
    clean,
    content_stems,
    normal,
    parts,
    says,
    sentences,
    stem,
    stems,
)

TEXT = st.text(max_size=200)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("What's THAT, then?", "what is that then"),
        ("I don\u2019t know\u2026", "i do not know"),
        ("can't, won't, I'd, they're", "can not will not i would they are"),
        ("P&L and R&D", "pl and rd"),
        ("Ruth's  dog\n\tbarks", "ruth dog barks"),
        ("  ", ""),
        ("\uff28\uff45\uff4c\uff4c\uff4f", "hello"),
        ("ig\u200bnore", "ignore"),
        ("Größe 12,5 °C", "größe 12 5 c"),
        ("日本語 です", "日本語 です"),
    ],
)
def test_normal_form(text: str, plain: str) -> None:
    assert normal(text) == plain


@given(TEXT)
def test_normal_form_is_stable_and_clean_hides_nothing(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert clean(clean(text)) == clean(text)
    assert not any(mark in clean(text) for mark in "\u200b\u202e\x00\x07")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("smoking", "smokes"), ("smoked", "smoke"), ("allergies", "allergy"), ("began", "begin"),
        ("children", "child"), ("running", "runs"), ("tablets", "tablet"), ("worries", "worry"),
        ("died", "dying"),
    ],
)  # fmt: skip
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("pain", "paint"), ("arm", "army"), ("dog", "dot")])
def test_other_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_stems_keep_their_order_and_content_leaves_the_small_words_out() -> None:
    assert stems("The dogs ran") == ("the", "dog", "run")
    assert content_stems("Could you tell me about the dogs, please?") == ("dog",)


@pytest.mark.parametrize(
    ("text", "phrase", "held"),
    [("Say it: RED light!", "red light", True), ("the redlights", "red light", False),
     ("light red", "red light", False), ("anything", "", False)],
)  # fmt: skip
def test_whole_words_in_order(text: str, phrase: str, held: bool) -> None:
    assert says(text, phrase) is held or not phrase


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Where is it?", True),
        ("where is it", True),
        ("It hurts?", True),
        ("Tell me about it", True),
        ("I would like to know more", True),
        ("and any allergies", True),
        ("on a scale of 1-10 how ready are you", True),
        ("It hurts.", False),
        ("What we say stays between us.", False),
        ("What I'd like to do is examine you.", False),
        ("Don't worry.", False),
        ("Don't you smoke", True),
        ("Have a seat.", False),
        ("Have you a seat", True),
        ("Any time.", False),
        ("Will do", False),
        ("", False),
    ],
)
def test_what_asks(text: str, asked: bool) -> None:
    assert asks(text) is asked


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Where is it? When did it start?", ["Where is it?", "When did it start?"]),
        ("Where is it and when did it start?", ["Where is it", "when did it start?"]),
        ("Hello. Do you smoke, do you drink?", ["Hello.", "Do you smoke", "do you drink?"]),
        ("Do you smoke and drink?", ["Do you smoke and drink?"]),
        ("Tell me, where is it?", ["Tell me, where is it?"]),
        ("Could you tell me, do you sleep?", ["Could you tell me, do you sleep?"]),
        ("Where is it, and tell me how it feels", ["Where is it", "tell me how it feels"]),
        ("It is cold, and what a day.", ["It is cold, and what a day."]),
        ("One\nTwo", ["One", "Two"]),
        ("hi, this is Sam, how can I help", ["hi, this is Sam", "how can I help"]),
        ("On a scale of 1-10 how ready are you", ["On a scale of 1-10 how ready are you"]),
        (
            "When you think about that, what worries you?",
            ["When you think about that, what worries you?"],
        ),
        ("If I press here, does it hurt?", ["If I press here, does it hurt?"]),
        ("Since it began, have you slept?", ["Since it began, have you slept?"]),
        ("What worries you, when you think of it?", ["What worries you, when you think of it?"]),
        (
            "When you walk, does it hurt and how long does it last?",
            ["When you walk, does it hurt", "how long does it last?"],
        ),
        ("When did it start, how bad is it?", ["When did it start", "how bad is it?"]),
        (
            "Tell me where it is, when it started",
            ["Tell me where it is", "when it started"],
        ),
        ("", []),
    ],
)  # fmt: skip
def test_the_parts_of_a_message(text: str, found: list[str]) -> None:
    assert list(parts(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "a\n" * 2500,
        "why?\n" * 1000,
        "what is it and " * 330,
        "do you smoke, " * 350,
        " ".join(f"w{number}" for number in range(900)),
        "Hm. Why is that? " * 290,
    ],
)
def test_a_long_message_has_few_short_parts(text: str) -> None:
    found = parts(text)
    assert len(found) <= 2 * MOST_PARTS
    assert all(len(part.split()) <= LONGEST_PART for part in found)
    assert " ".join(found).split()[-1] == text.split()[-1] or text.rstrip().endswith("and")


def test_a_question_after_many_short_lines_is_still_one_of_its_own() -> None:
    assert parts("ok\n" * 100 + "Where does it hurt?")[-1] == "Where does it hurt?"


@given(TEXT)
def test_parts_lose_no_word(text: str) -> None:
    joined = " ".join(parts(text))
    assert [word for word in normal(text).split() if word != "and"] == [
        word for word in normal(joined).split() if word != "and"
    ]
    assert all(piece.strip() == piece for piece in sentences(text))
