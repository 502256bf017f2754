"""Sentences feature by feature: the same likeness however they came to be there."""

import numpy as np
import pytest

from engine.columns import Columns
from engine.features import Concepts, features_of, idf_of, weighed

TEXTS = ["when did it start", "where is the pain", "what does the pain do at night", ""]
COUNTS = [features_of(text, Concepts([])) for text in TEXTS]
IDF = idf_of(COUNTS)
ROWS = [weighed(count, IDF, 1.0) for count in COUNTS]


def test_each_sentence_is_like_itself_and_less_like_others() -> None:
    columns = Columns.of(ROWS)
    for at, row in enumerate(ROWS[:3]):
        likeness = columns.likeness(row, len(ROWS))
        assert likeness[at] == pytest.approx(1.0)
        assert likeness.argmax() == at
    assert not columns.likeness({"w:unheard": 1.0}, len(ROWS)).any()


def test_what_was_kept_gives_exactly_the_same() -> None:
    columns = Columns.of(ROWS)
    recalled = Columns.recalled(columns.kept())
    for row in ROWS:
        before = columns.likeness(row, len(ROWS))
        assert np.array_equal(recalled.likeness(row, len(ROWS)), before)
    assert recalled.idf(len(ROWS)) == columns.idf(len(ROWS)) == IDF


def test_sentences_of_nothing_are_kept_too() -> None:
    recalled = Columns.recalled(Columns.of([{}, {}]).kept())
    assert recalled.idf(2) == {}
    assert not recalled.likeness({"w:pain": 1.0}, 2).any()
