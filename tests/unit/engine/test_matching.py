"""Ranking things by example sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.features import Concepts
from engine.matching import Match, Matcher

EXAMPLES = {
    "start": ["when did it start", "since when do you have it"],
    "smoke": ["do you smoke", "how many cigarettes a day"],
    "spread": ["does the pain spread anywhere", "does it go to your arm"],
    "family": ["any heart disease in the family", "are your parents alive"],
}
PAIRS = [(id_, text) for id_, texts in EXAMPLES.items() for text in texts]
NO_CONCEPTS = Concepts([])
MATCHER = Matcher(PAIRS, NO_CONCEPTS)


def best(matcher: Matcher, text: str) -> Match:
    return matcher.rank(text)[0]


@pytest.mark.parametrize(("id_", "text"), PAIRS)
def test_an_own_example_ranks_first_by_far(id_: str, text: str) -> None:
    first, second, *_ = MATCHER.rank(text.upper() + "?!")
    assert first.id == id_
    assert first.score > 0.7
    assert second.score < 0.2


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Are you a smoker who smokes?", "smoke"),
        ("whn did it strat", "start"),
        ("Is there a family history of heart disease?", "family"),
        ("Does it spread?", "spread"),
    ],
)
def test_near_wordings_and_typos_find_what_is_meant(text: str, id_: str) -> None:
    first, second, *_ = MATCHER.rank(text)
    assert first.id == id_
    assert first.score > 2 * second.score


@pytest.mark.parametrize("text", ["", "?!", "xyzzy plugh", "日本"])
def test_foreign_words_match_nothing(text: str) -> None:
    assert all(abs(one.score) < 0.05 for one in MATCHER.rank(text))
    assert MATCHER.nearest(text) is None


@given(st.text(max_size=120))
def test_every_thing_is_ranked_once_in_order_and_the_same_again(text: str) -> None:
    ranked = MATCHER.rank(text)
    scores = [one.score for one in ranked]
    assert sorted(one.id for one in ranked) == sorted(EXAMPLES)
    assert scores == sorted(scores, reverse=True)
    assert all(-0.5 < score < 1.5 for score in scores)
    assert ranked == Matcher(PAIRS, NO_CONCEPTS).rank(text)


def test_ties_stand_in_the_order_they_were_given() -> None:
    assert [one.id for one in MATCHER.rank("xyzzy")] == list(EXAMPLES)


def test_learning_early_changes_nothing() -> None:
    early = Matcher(PAIRS, NO_CONCEPTS)
    early.learn()
    early.learn()
    for text in ("do you smoke", "whn did it strat", "xyzzy"):
        assert early.rank(text) == MATCHER.rank(text)
        assert early.nearest(text) == MATCHER.nearest(text)


def test_an_example_given_twice_counts_once() -> None:
    assert Matcher(PAIRS * 2, NO_CONCEPTS).rank("do you smoke") == MATCHER.rank("do you smoke")


def test_stock_phrases_weigh_less_than_what_is_meant() -> None:
    pairs = [("arm", "do you have pain in your arm"), ("dog", "do you have a dog")]
    ranked = Matcher(pairs, NO_CONCEPTS).rank("do you have a parrot")
    assert all(one.score < 0.5 for one in ranked)


def test_nothing_to_match_is_no_error() -> None:
    empty = Matcher([], NO_CONCEPTS)
    empty.learn()
    assert empty.ids == ()
    assert empty.rank("anything").ids == ()
    assert empty.nearest("anything") is None


def test_a_concept_stands_for_words_that_no_example_has() -> None:
    concepts = Concepts([["cigarettes", "tobacco"], ["parents", "mother", "father"]])
    knowing = Matcher(PAIRS, concepts)
    for text, id_ in (("tobacco", "smoke"), ("is your father still with us", "family")):
        assert best(knowing, text).id == id_
        assert best(knowing, text).score > 1.3 * max(0.15, best(MATCHER, text).score)


TABLETS = Matcher(
    [
        ("tablets", "what tablets do you take"),
        ("tablets", "which tablets are you on"),
        ("tablets", "do the tablets help you"),
        ("tablets", "how many tablets a day"),
        ("drawer", "is there something in the drawer with the tablets"),
        ("sleep", "do you sleep in the day"),
    ],
    NO_CONCEPTS,
)


def test_the_nearest_view_knows_an_example_by_itself() -> None:
    words = "is there something in the drawer with the tablets"
    nearest = TABLETS.nearest(words)
    assert nearest is not None
    assert (nearest.id, round(nearest.score, 5)) == ("drawer", 1.0)
    assert best(TABLETS, words).id == "drawer"


def test_the_learned_view_weighs_all_examples_of_a_thing() -> None:
    """A word that runs through the examples of a thing speaks for it more than one example can."""
    words = "tablets"
    nearest = TABLETS.nearest(words)
    assert nearest is not None
    assert best(TABLETS, words).id == "tablets"
    assert best(TABLETS, words).score > nearest.score
    [drawer] = [one for one in TABLETS.rank(words) if one.id == "drawer"]
    assert drawer.score < best(TABLETS, words).score / 2


@pytest.mark.parametrize(
    ("text", "id_"),
    [("are you into tobacco", "smoke"), ("did your dad have cardiac trouble", "family")],
)
def test_words_that_mean_the_same_are_understood_without_a_concept(text: str, id_: str) -> None:
    assert best(MATCHER, text).id == id_
    assert best(MATCHER, text).meant > 0.3


OTHERS = [("~work", "what is your work"), ("~work", "do you smoke?"), ("~pets", "have you a dog")]


def test_what_asks_for_something_else_is_ranked_too() -> None:
    matcher = Matcher(PAIRS, NO_CONCEPTS, OTHERS)
    assert best(matcher, "have you got a dog").id == "~pets"
    assert best(matcher, "what sort of work do you do").id == "~work"


def test_what_is_the_same_as_an_example_is_nothing_else() -> None:
    matcher = Matcher(PAIRS, NO_CONCEPTS, OTHERS)
    first, second, *_ = matcher.rank("do you smoke")
    assert first.id == "smoke"
    assert first.score > 0.7
    assert second.score < 0.25


def test_how_much_of_a_question_a_thing_knows() -> None:
    concepts = Concepts([["arm", "shoulder"]])
    matcher = Matcher(PAIRS, concepts)
    assert matcher.covered("does the pain spread", "spread") == 1.0
    assert matcher.covered("what do you do", "spread") == 1.0, "no words that carry meaning"
    assert matcher.covered("the shoulder", "spread") == 1.0, "by its concept"
    ache, parrot = (matcher.covered(f"the {word}", "spread") for word in ("ache", "parrot"))
    assert 1.0 > ache > parrot
    assert matcher.covered("xyzzy", "spread") == 0.0
