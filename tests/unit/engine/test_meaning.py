"""The table of word vectors, and what is told from it."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.meaning.belief import belief
from engine.meaning.table import FILE, table

LARGEST = 2_500_000  # bytes; it is in every installation


def likeness(one: str, other: str) -> float:
    return float(table().sentence(one) @ table().sentence(other))


def test_the_table_is_small_and_names_its_source() -> None:
    assert FILE.stat().st_size < LARGEST
    notice = (FILE.parent / "NOTICE.txt").read_text(encoding="utf-8")
    assert "Apache License" in notice


def test_starting_loads_neither_the_table_nor_numpy() -> None:
    code = "import engine.classify, sys; sys.exit('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own words
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("how long have you lived here", "when did you move in", "do you smoke"),
        ("are you on any medication", "which tablets do you take", "who is at home with you"),
        ("what's your date of birth", "when were you born", "what is your address"),
        ("do you get enough sleep", "are you awake at night", "do you drink alcohol"),
    ],
)
def test_what_means_the_same_is_nearer(text: str, near: str, far: str) -> None:
    assert likeness(text, near) > likeness(text, far) + 0.1


@pytest.mark.parametrize("words", ["colour color", "diarrhoea diarrhea", "neighbour neighbor"])
def test_british_and_american_spellings_are_there(words: str) -> None:
    british, american = words.split()
    assert float(table().word(british) @ table().word(american)) > 0.5


def test_a_form_that_is_missing_is_known_by_its_stem() -> None:
    assert np.any(table().word("gambles"))
    assert not np.any(table().word("xyzzy"))


@given(st.text(max_size=80))
def test_every_sentence_has_length_one_or_nothing(text: str) -> None:
    length = float(np.linalg.norm(table().sentence(text)))
    assert length == 0.0 or length == pytest.approx(1.0, abs=1e-5)


def test_belief_rises_with_what_speaks_for_a_fact_and_falls_with_what_does_not() -> None:
    middle = belief(0.3, 0.3, 0.5, 0.6)
    assert 0 < belief(0.0, 1.0, 0.0, 0.0) < 0.01
    assert 1 > belief(1.0, 0.0, 1.0, 1.0) > 0.99
    assert belief(0.4, 0.3, 0.5, 0.6) > middle > belief(0.3, 0.4, 0.5, 0.6)
    assert belief(0.3, 0.3, 0.6, 0.6) > middle < belief(0.3, 0.3, 0.5, 0.7)
