"""What a sentence is made of."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.features import (
    STOP_SHARE,
    Concepts,
    features_of,
    idf_of,
    weighed,
    weight_of,
)
from engine.words import stems

CONCEPTS = Concepts(
    [
        ["blood pressure", "hypertension"],
        ["blood", "bleeding"],
        ["blood pressure tablets", "medicine"],
        ["pressure", "tension"],
    ]
)


def meant(text: str) -> list[str]:
    return list(CONCEPTS.of(stems(text)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("blood pressure tablets", ["c:2"]),
        ("blood pressure", ["c:0"]),
        ("hypertension", ["c:0"]),
        ("blood", ["c:1"]),
        ("pressure of blood", ["c:3", "c:1"]),
        ("Bleeding? Blood pressures!", ["c:1", "c:0"]),
        ("a red parrot", ["w:red", "w:parrot"]),
        ("do you have it", []),
        ("", []),
    ],
)
def test_the_longest_phrase_wins_and_words_keep_their_order(text: str, found: list[str]) -> None:
    assert meant(text) == found


def test_a_word_of_two_groups_belongs_to_the_first() -> None:
    twice = Concepts([["chest", "breast"], ["breast", "bosom"]])
    assert list(twice.of(stems("breast bosom"))) == ["c:0", "c:1"]


def test_a_sentence_has_words_neighbours_concepts_and_letters() -> None:
    found = features_of("Is the blood pressure high?", CONCEPTS)
    assert {"w:blood", "b:blood pressur", "c:0", "g: blo"} <= set(found)
    assert "p:c:0|w:high" in found
    assert features_of("is THE blood-pressure high", CONCEPTS) == found


def test_words_of_one_concept_share_it() -> None:
    one, other = (set(features_of(text, CONCEPTS)) for text in ("hypertension", "blood pressure"))
    assert "c:0" in one & other


def test_words_that_carry_little_weigh_little() -> None:
    assert weight_of("w:the") == pytest.approx(weight_of("w:blood") * STOP_SHARE)
    assert weight_of("b:do you") == pytest.approx(weight_of("b:red parrot") * STOP_SHARE)
    assert weight_of("b:the parrot") == weight_of("b:red parrot")
    assert weight_of("g: blo") < weight_of("b:red parrot") < weight_of("w:blood")
    assert weight_of("w:blood") < weight_of("c:0"), "what is meant counts more than how it is said"


def test_what_is_rare_weighs_more() -> None:
    documents = [Counter(text.split()) for text in ("w:pain w:arm", "w:pain w:leg", "w:pain")]
    idf = idf_of(documents)
    assert idf["w:arm"] == idf["w:leg"] > idf["w:pain"] > 0


@given(st.text(max_size=80))
def test_weighed_features_have_length_one(text: str) -> None:
    counts = features_of(text, CONCEPTS)
    found = weighed(counts, {}, unseen=2.0)
    length = math.sqrt(sum(weight**2 for weight in found.values()))
    assert set(found) == set(counts)
    assert length == pytest.approx(1.0) if counts else not found
