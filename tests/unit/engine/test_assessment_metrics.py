"""Figures of a transcript."""

import pytest

from engine.assessment.metrics import reading_grade
from tests.unit.engine.assessment_scene import Scene, rule, scene


def measured(name: str, *, at_least: float = 0, language: str = "en") -> Scene:
    return scene(rule(metric={"name": name, "at_least": at_least}), language=language)


LONG = "One two three four five six seven eight nine ten, " * 3


def test_talk_share_leaves_out_what_was_cut_or_stood_in_for_an_outage() -> None:
    play = measured("talk_share")
    longest = play.say(LONG)
    play.reply(LONG[: len(LONG) // 3])
    play.reply("Sorry, I lost you for a moment there.", outage=True)
    play.reply("And then I", cut=True)
    assert play.score().reason == "Share of all words: 75%; wanted at least 0%."
    assert [one.seq for one in play.score().evidence] == [longest]


@pytest.mark.parametrize("name", ["talk_share", "words_a_turn", "questions", "turns", "jargon"])
def test_nods_and_repetitions_move_no_figure(name: str) -> None:
    play = measured(name)
    play.reply("Oh.", to=play.say(f"What happened? {LONG}"))
    before = play.score().reason
    for line in ("I see.", "Okay.", "Right then.", f"What happened? {LONG}"):
        play.reply("Well, it is a long story, as you may know.", to=play.say(line))
    assert play.score().reason == before


def test_repetitions_show_no_signal_again() -> None:
    play = scene(rule(signal="reflection", at_least=2))
    for _ in range(2):
        play.say("You feel tired.", signals=["reflection"])
    assert play.score().points == 1


def test_reflections_are_set_against_questions() -> None:
    play = measured("reflection_ratio", at_least=1)
    play.say("What happened?")
    play.say("How was that for you?")
    play.say("You feel alone with it.", signals=["reflection"])
    assert (play.score().points, play.score().reason[:31]) == (0, "Reflections a question: 0.5; wa")
    play.say("So you carry it all.", signals=["reflection"])
    assert play.score().points == 1


def test_working_with_somebody_is_set_against_working_against_them() -> None:
    play = measured("adherent_share", at_least=0.5)
    play.say("Hello.")
    assert play.score().status == "unscored"
    play.say("You must stop now.", signals=["advice"])
    assert play.score().points == 0
    play.say("May I ask you something?", signals=["permission"])
    assert play.score().points == 1


def test_questions_and_the_share_of_open_ones() -> None:
    lines = ["What brings you here? Do you smoke?", "I see.", "Tell me more. Is it bad?"]
    for name, figure in (("questions", "Questions: 4"), ("open_question_share", "50%")):
        play = measured(name)
        for line in lines:
            play.say(line)
        assert figure in play.score().reason
        assert [one.quote for one in play.score().evidence] == [lines[0], lines[2]]


def test_turns_words_a_turn_and_minutes() -> None:
    for name, figure in (("turns", "2"), ("words_a_turn", "17"), ("minutes", "4")):
        play = measured(name, at_least=3)
        play.say(LONG)
        play.wait(4)
        play.say("Four words of mine.")
        assert f": {figure};" in play.score().reason
        assert play.score().points == int(float(figure) >= 3)
        assert play.score().evidence


def test_asking_nothing_can_be_wanted() -> None:
    play = scene(rule(metric={"name": "questions", "at_most": 0}))
    play.say("I see.")
    assert play.score().points == 1
    assert play.score().evidence


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        # 13 words, 24 syllables, 1 sentence: the usual example of the formula, 11.3.
        (
            "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.",
            pytest.approx(11.3, abs=1.0),
        ),
        ("The cat sat on the mat.", 0.0),
        ("Table, apple, please.", pytest.approx(0.39 * 3 + 11.8 * 5 / 3 - 15.59)),
        ("", None),
        ("...!", None),
    ],
)
def test_the_reading_grade_is_that_of_kincaid(text: str, grade: float | None) -> None:
    assert reading_grade(text) == grade


@pytest.mark.parametrize(
    ("name", "line", "language"),
    [
        ("reading_grade", "Guten Tag.", "de"),
        ("open_question_share", "Wie geht es Ihnen?", "de-AT"),
        ("open_question_share", "I see.", "en"),
        ("reading_grade", "...", "en"),
        ("reading_grade", "The cat sat on the mat.", "en"),
        ("talk_share", "Good morning to you.", "en"),
        ("words_a_turn", "Good morning to you.", "en"),
        ("reflection_ratio", "Good morning to you.", "en"),
    ],
)
def test_a_figure_that_cannot_be_had_is_unscored(name: str, line: str, language: str) -> None:
    play = measured(name, language=language)
    play.say(line)
    assert play.score().status == "unscored"
    assert play.score().reason
    assert play.evaluation().overall is None
