"""Ranking things by example sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching import Matcher

EXAMPLES = [
    ("start", ["when did it start", "since when do you have it"]),
    ("smoke", ["do you smoke", "how many cigarettes a day"]),
    ("spread", ["does the pain spread anywhere", "does it go to your arm"]),
    ("family", ["any heart disease in the family", "are your parents alive"]),
]
MATCHER = Matcher(EXAMPLES)


@pytest.mark.parametrize(
    ("id_", "text"), [(id_, text) for id_, texts in EXAMPLES for text in texts]
)
def test_an_example_is_a_perfect_match(id_: str, text: str) -> None:
    best = MATCHER.rank(text.upper() + "?!")[0]
    assert (best.id, round(best.score, 6)) == (id_, 1.0)


@pytest.mark.parametrize(
    ("text", "id_"),
    [("Are you a smoker who smokes?", "smoke"), ("whn did it strat", "start"),
     ("Is there a family history of heart disease?", "family"), ("Does it spread?", "spread")],
)  # fmt: skip
def test_near_wordings_and_typos_find_the_nearest(text: str, id_: str) -> None:
    assert MATCHER.rank(text)[0].id == id_


@pytest.mark.parametrize("text", ["", "?!", "xyzzy plugh", "日本"])
def test_foreign_words_match_nothing_well(text: str) -> None:
    assert all(one.score < 0.2 for one in MATCHER.rank(text))


@given(st.text(max_size=120))
def test_scores_are_sorted_bounded_and_the_same_again(text: str) -> None:
    ranked = MATCHER.rank(text)
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert len({one.id for one in ranked}) == len(ranked)
    assert ranked == MATCHER.rank(text)


def test_stock_phrases_weigh_less_than_what_is_meant() -> None:
    matcher = Matcher([("arm", ["do you have pain in your arm"]), ("dog", ["do you have a dog"])])
    ranked = matcher.rank("do you have a parrot")
    assert all(one.score < 0.5 for one in ranked)


def test_nothing_to_match_is_no_error() -> None:
    assert Matcher([]).rank("anything") == ()
