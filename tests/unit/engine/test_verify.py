"""Checks on what a model said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.echo import echoes, told
from engine.gate import sealed
from engine.prompting import Prompt, rendered
from engine.scenario.knowledge import Fact
from engine.verify import facts_told, problem_of, whole_sentences, without_marks
from tests.unit.engine.rules_scene import Play, scenario

PLAY = Play()
SECRET_FACT = next(one for one in PLAY.scenario.facts if one.id == "secret")
SHUT = sealed(PLAY.scenario, PLAY.state)


def prompt_for(text: str) -> Prompt:
    prompt = PLAY.thought(text).prompt
    assert prompt is not None
    return prompt


PROMPT = prompt_for("When did it start, on the 14th or at 9:30?")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("It began on Monday.", None),
        ("On the 14th, at 9:30.", None),  # the trainee named these figures
        ("", "empty"),
        (" \n", "empty"),
        ("Well, I gamble away our savings at the casino.", "sealed"),
        ("The casino, you know. I gamble our savings away there.", "sealed"),
        ("It is pericarditis after a virus.", "sealed"),
        ("As an AI I cannot feel pain.", "role"),
        ("I am a language model.", "role"),
        ("My instructions forbid it.", "role"),
        ("Facts you may tell: none.", "canary"),
        ("You play one person in a training role-play, so.", "canary"),
        ("It was 38.5 this morning.", "number"),
        ("word " * 300, "long"),
    ],
)
def test_what_must_not_be_shown(text: str, problem: str | None) -> None:
    assert problem_of(text, PROMPT, SHUT) == problem


def test_the_whole_prompt_as_a_reply_is_refused() -> None:
    assert problem_of(rendered(PROMPT), PROMPT, SHUT) is not None


def test_words_that_stand_in_the_room_give_nothing_away() -> None:
    heard = prompt_for("So you gamble away your savings at the casino?")
    reply = "Gamble our savings away at the casino? Who says so?"
    assert problem_of(reply, PROMPT, SHUT) == "sealed"
    assert problem_of(reply, heard, SHUT) is None


def test_a_sealed_fact_cut_over_two_sentences_is_still_told() -> None:
    reply = "I gamble. Our savings go at the casino, away."
    assert problem_of(reply, PROMPT, SHUT) == "sealed"


def test_an_authored_figure_may_be_spoken() -> None:
    lines = PLAY.scenario.personas["ruth"].lines.model_copy(update={"unknown": ("Ask 111.", "Eh?")})
    persona = PLAY.scenario.personas["ruth"].model_copy(update={"lines": lines})
    assert problem_of("Ask 111.", PROMPT, SHUT) == "number"
    assert problem_of("Ask 111.", replace(PROMPT, persona=persona), SHUT) is None


@pytest.mark.parametrize(
    ("text", "cited", "offered", "plain"),
    [
        ("On Monday. [[onset]]", ("onset",), (), "On Monday."),
        ("This [[a]] or that? [[?b]] [[?c]] [[a]]", ("a",), ("b", "c"), "This or that?"),
        ("None [here] [[ no ]].", (), (), "None [here] [[ no ]]."),
        ("[[only]]", ("only",), (), ""),
    ],
)
def test_marks_are_taken_out(
    text: str, cited: tuple[str, ...], offered: tuple[str, ...], plain: str
) -> None:
    marked = without_marks(text)
    assert (marked.cited, marked.offered, marked.text) == (cited, offered, plain)


@given(st.text(max_size=200))
def test_no_mark_survives(text: str) -> None:
    assert "[[onset]]" not in without_marks(f"{text} [[onset]] {text}").text


@pytest.mark.parametrize(
    ("growing", "whole"),
    [
        ("It hurts. I thi", "It hurts."),
        ("It hurts.", "It hurts."),
        ("It hu", ""),
        ("Really? [[a]] And th", "Really?"),
        ("Really? [[a]]", "Really? [[a]]"),
        ('He said "stop."', 'He said "stop."'),
        ("", ""),
    ],
)
def test_only_whole_sentences_are_shown(growing: str, whole: str) -> None:
    assert whole_sentences(growing) == whole


def test_a_fact_is_told_by_its_content_and_a_citation_alone_does_not_tell_it() -> None:
    by_id = {one.id: one for one in PLAY.scenario.facts}
    onset = by_id["onset"]
    assert told("It began Monday, after my lunch.", onset, cited=False)
    assert not told("A while ago.", onset, cited=True)
    assert told("Since Monday.", onset, cited=True)
    assert not told("Since Monday.", onset, cited=False)
    in_prompt = prompt_for("When did it start?").facts
    full = tuple(by_id.values())
    assert facts_told("It began Monday after lunch.", (), in_prompt, full) == ("onset",)
    assert facts_told("I smoke twenty cigarettes daily.", ("smoking",), in_prompt, full) == ()


@pytest.mark.parametrize("name", [one.id for one in scenario().facts])
def test_every_fact_echoes_itself(name: str) -> None:
    fact = next(one for one in PLAY.scenario.facts if one.id == name)
    assert echoes(f"Well. {fact.say} There.", fact)
    assert echoes(fact.say.upper(), fact)
    assert not echoes("Nothing of the kind, my dear.", fact)


def test_a_fact_of_one_word_is_told_by_that_word() -> None:
    fact = Fact(id="one", say="It is cocaine.")
    assert echoes("Cocaine, if you must know.", fact)
    assert not echoes("It is what it is.", fact)
