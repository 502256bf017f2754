"""What the embedded persona says to many questions at once, and to what asks for no fact."""

from dataclasses import replace

import pytest

from engine.llm.embedded import defaults
from engine.prompting import Prompt, PromptFact
from tests.unit.engine.test_embedded import LINES, answer, prompt

MANY_ASKED = "Where is it? When did it begin? Do you sleep? Are you married? Who is your boss?"


def crowded(given: Prompt) -> Prompt:
    return replace(given, crowded=True)


def _facts(*parts: int) -> list[PromptFact]:
    return [
        PromptFact(id=f"f{part}", say=f"Word {word}.", standing="said", score=0.9, part=part)
        for part, word in zip(parts, ("one", "two", "three", "four", "five"), strict=False)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_of_many_questions_the_first_three_are_answered_and_the_rest_is_a_lot(seed: int) -> None:
    said = answer(crowded(prompt(MANY_ASKED, *_facts(0, 1, 2, 3, 4), talk=2, seed=seed)))
    told, _, rest = said.rpartition("]] ")
    assert [f"[[f{part}]]" in f"{told}]]" for part in range(5)] == [True] * 3 + [False] * 2
    assert rest in defaults.MANY


def test_questions_without_an_answer_get_no_line_of_their_own_among_many() -> None:
    said = answer(crowded(prompt(MANY_ASKED, *_facts(1, 4), talk=2)))
    assert "[[f1]]" in said
    assert "[[f4]]" in said
    assert not any(line in said for line in LINES.unknown)
    nothing = answer(crowded(prompt(MANY_ASKED)))
    assert nothing in LINES.unknown


def test_a_kind_word_is_not_answered_with_a_choice() -> None:
    unsure = [
        PromptFact(
            id=f"f{n}",
            say="Word.",
            standing="askable",
            score=0.3,
            sure=False,
            part=0,
            topic=f"t{n}",
        )
        for n in range(2)
    ]
    given = prompt("What is it?", *unsure, talk=2)
    assert "[[?f0]]" in answer(given)
    kind = answer(replace(given, acts=("comfort", "question")))
    assert kind in LINES.comforted


@pytest.mark.parametrize("said", ["Do you have any questions?", "Any questions?"])
def test_who_was_told_something_takes_it_in_before_they_ask_nothing(said: str) -> None:
    told = answer(prompt(f"It is your heart. {said}"))
    assert any(told == f"{one} {no}" for one in LINES.listening for no in defaults.NO_QUESTIONS)
    assert answer(prompt(said)) in defaults.NO_QUESTIONS


def test_three_questions_are_not_too_many() -> None:
    said = answer(prompt("Where is it? When did it begin? Do you sleep?", *_facts(0, 1, 2), talk=2))
    assert not any(line in said for line in defaults.MANY)


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ("Have I got that right?", LINES.listening),
        ("Is that correct?", LINES.listening),
        ("Could you give me a moment?", LINES.listening),
        ("Please give her the syrup only after nine.", LINES.listening),
        ("How are you all?", defaults.WELL),
        ("How have you been?", defaults.WELL),
        ("How are things?", defaults.WELL),
        ("Is there anything else?", defaults.NOTHING_MORE),
        ("Anything else you want to ask me?", defaults.NOTHING_MORE),
        ("Who is your boss?", LINES.unknown),
        ("How are things at school?", LINES.unknown),
    ],
)
def test_what_asks_for_no_fact_gets_a_line_that_fits(said: str, options: tuple[str, ...]) -> None:
    assert answer(prompt(said)) in options
