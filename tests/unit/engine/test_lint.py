"""Lint: each rule on a scenario with one fault, and silence on one without."""

from pathlib import Path

import pytest

from engine.lint import lint
from engine.problems import Finding
from engine.scenario import Scenario
from tests.unit.engine.small_scenario import TEXT, broken, loaded, told

FAULTS = [
    # Ids
    ("id: torn", "id: pulse", "id `pulse` is taken by number 5 of `facts`"),
    ("{id: later, when", "{id: enters, when", "id `enters` is taken by number 1 of `cues`"),
    ("- {id: open, label", "- {id: story, label", "id `story` is taken"),
    ("- {id: attack, kind", "- {id: expert, kind", "id `expert` is taken"),
    (
        "  trainee: {role: nurse",
        "  narrator: {role: x, played_by: human}\n  trainee: {role: nurse",
        "`narrator` is reserved",
    ),
    # References
    ("persona: omar}", "persona: oma}", "no persona `oma`; did you mean `omar`?"),
    ("knows: [shift]", "knows: [shaft]", "no fact `shaft`; did you mean `shift`?"),
    ("after: [bike]", "after: [bikes]", "no fact `bikes`"),
    ("releases: [film, result]", "releases: [film, result, x]", "no fact or exhibit `x`: correct"),
    ("reads: film", "reads: pulse", "no radiology exhibit `pulse`"),
    ("next: [plan]", "next: [plan, plans]", "no phase `plans`"),
    ("criteria: [story]\n    exit", "criteria: [stori]\n    exit", "no criterion `stori`"),
    ("goals: [story]", "goals: [stories]", "no criterion `stories`"),
    ("asked: [bike]}\n", "asked: [bik]}\n", "no fact `bik`"),
    ("unless_action: order_film", "unless_action: order_fil", "no action `order_fil`"),
    ("say_as: colleague", "say_as: collegue", "no seat `collegue`"),
    ("tools_for: trainee", "tools_for: trainees", "no seat `trainees`"),
    ("patient: {played_by: human}", "patents: {played_by: human}", "no seat `patents`"),
    ("asked_any: [fall, bike]", "asked_any: [fall, bikes]", "no fact `bikes`"),
    ("mode: practice", "mode: practise", "no mode `practise`"),
    ("said: [fall]", "said: [fell]", "no fact `fell`"),
    ("sealed: [torn]", "sealed: [tear]", "no fact `tear`"),
    ("{nurse: ann, day", "{nurse: anne, day", "no nurse `anne`"),
    ("patient: p1", "patient: p2", "no patient `p2`"),
    ("      de: {say", "      fr: {say", "no language `fr`"),
    # Cast
    (
        "  trainee: {role: nurse, played_by: human",
        "  trainee: {role: nurse, played_by: ai, persona: ines",
        "no seat is `played_by: human` in mode `practice`",
    ),
    (
        "trainee: {played_by: ai, persona: ines}",
        "trainee: {played_by: ai}",
        "seat `trainee` has no persona in mode `turned`",
    ),
    ("trust: {start: 3}", "trust: {start: 30}", "`trust` starts outside 0 to 10"),
    (
        "empathy: {moves: {trust: 1}}",
        "empathy: {moves: {trus: 1}}",
        "no state variable `trus`; did you mean `trust`?",
    ),
    (
        "{at_least: 4}}, of: patient}",
        "{at_least: 4}}, of: colleague}",
        "no state variable `trust`: add it",
    ),
    (", joins: colleague}", "}", "no cue lets this seat in"),
    (", joins: on_cue}", "}", "seat `colleague` is there from the start"),
    # Disclosure
    ("    trust: 5\n", "", "an `on_trust` fact needs `trust`"),
    ("    after: [bike]\n", "", "an `after_fact` fact needs `after`"),
    ("after: [bike]", "after: [brakes]", "`brakes` waits for itself"),
    ("after: [bike]", "after: [torn]", "so `brakes` could never open"),
    ("releases: [film, result]", "releases: [film]", "nothing releases `result`"),
    ("releases: [film, result]", "releases: [film, result, torn]", "`torn` is a `never` fact"),
    ("disclose: on_trust", "disclose: on_ask", "`trust` does not seal an `on_ask` fact"),
    ("disclose: after_fact", "disclose: volunteered", "`after` does not seal"),
    ("trust: {start: 3}", "mood: {start: 3}", "`omar` knows `bike` but has no `trust`"),
    ("trust: {start: 3}", "trust: {start: 3, max: 4}", "trust of `omar` ends at 4, below 5"),
    # Questions
    ("was it safe,", "Honestly!,", "also asks for `bike`"),
    ("asks: [how is it shared]", "asks: [any news]", "also asks for `result`"),
    # Exhibits
    ("values: [60, 40]", "values: [60, 39.9]", "the values sum to 99.9, not 100"),
    ("values: [3, 4]", "values: [3]", "2 labels, 1 values"),
    ("[Visits, 10, 12.5]", "[Visits, 10]", "2 cells under 3 columns"),
    ("[Visits, 10, 12.5]", '[Visits, $10K, "$12,5M"]', "mix currency, percent or K/M/B"),
    ("[Visits, 10, 12.5]", "[Visits, 10M, 12M]", "cells in M under the unit `$K`"),
    ("[Visits, 10, 12.5]", "[Visits in EUR, 10, 12.5]", "several currencies, $ and €"),
    (
        "match: [film, x-ray], releases: [film, result]",
        "match: [film], releases: [result]",
        "no action releases `film`",
    ),
    (
        "    title: Film of the knee\n    release: on_action",
        "    title: Film of the knee\n    release: on_ask",
        "4 exhibits on asking",
    ),
    # Flow
    ("next: [plan]", "next: [talk]", "phase `plan` is never reached"),
    ("next: [plan]", "next: [talk]", "from phase `talk` the session never ends"),
    ("      all:\n        - {command: next}", "      all: []", "phase `plan` cannot be left"),
    ("{command: next}", "{of: patient}", "the condition is empty"),
    ("match: [in my own words]", "at_most: 1", "`own_words` is no shared signal"),
    ("match: [in my own words]", "match: ['own .* words']", "looks like a pattern"),
    ("match: [reading]", "match: ['?!']", "has no word in it"),
    (
        "text: A trolley passes., moves: {trust: -1}, of: patient}",
        "of: patient}",
        "cue `later` does nothing",
    ),
    # Rubric
    (
        "kind: checklist, weight: 40",
        "kind: checklist, weight: 50",
        "the weights sum to 110, not 100: 10 too many",
    ),
    ("3: listens, ", "", "judged without an anchor for 3"),
    ("quotes_required: 1", "quotes_required: 0", "judged without a quote"),
    (
        "evidence: {asked_any: [fall, bike]}",
        "advice: Ask.",
        "a checklist criterion needs `evidence`",
    ),
    (
        "evidence: {asked_any: [fall, bike]}",
        "evidence: {before_minutes: 3}",
        "the evidence is empty",
    ),
    ("{name: open_question_share, at_least: 0.3}", "{name: questions}", "no bound for `questions`"),
    # Sandbox
    ("from: 13:00, to: 17:00", "from: 17:00, to: 13:00", "`from` is not before `to`"),
    ("from: 13:00, to: 15:30", "from: 13:00, to: 13:00", "`from` is not before `to`"),
    ("date: 2026-12-01", "date: 2026-02-30", "`2026-02-30` is no day of the calendar"),
    ("start: 2026-12-01T16:00", "start: 2026-13-01T16:00", "is no day of the calendar"),
    ("timezone: Europe/London", "timezone: Europe/Londinium", "no time zone"),
    (
        "id: find_slots, backend: schedule",
        "id: slots, backend: schedule",
        "slots has no known op",
    ),
    (
        "id: find_slots, backend: schedule",
        "id: find_slots, backend: patients",
        "does not work on patients. Use schedule",
    ),
    ("optional: [date]", "optional: [dates]", "`dates` is none of the tool's `args`"),
    # Tests
    (
        "  - {id: attack, kind: attack",
        "  - {id: attack, kind: shortcut",
        "published without a test of kind `attack`",
    ),
    ('{say: "What happened?"}', "{say: What, order: film}", "this one has say, order"),
    ('{say: "What happened?"}', "{}", "this one does nothing"),
    ("args: {findings: a line}", "args: {finding: a line}", "no argument `finding`; did you mean"),
    ("expect: {sealed: all}", "expect: {sealed: all, opened: [bike]}", "nothing can open"),
    # Wording
    ("domain: clinical", "domain: interview", None),
    (
        "task: Talk to Omar Reyes about his knee. Find out what happened.\n",
        "task: Find out.\n",
        None,
    ),
    ("languages: [en, de]", "languages: [en, de, English]", "`English` is no language code"),
    ('"Do you mean {offers}?"', '"Do you mean this?"', "a clarifying line needs `{offers}` once"),
    # Warnings
    ("    cover: I would rather not talk about that.\n", "", "no `cover` for an `on_trust` fact"),
    ("    alt: Two slices, sixty and forty per cent.\n", "", "no alt text"),
    ("Two bars, three and four visits.", "Two bars", "very short alt text"),
    (
        "how come, what did you do, why does it hurt]",
        "how come]",
        "4 example questions and no `intent`",
    ),
    ("trust: {start: 3}", "trust: {start: 6}", "trust of `omar` starts at 6"),
    ("knows: [shift]", "knows: []", "no persona knows `shift`"),
    ("    reads: film\n", "", "so its report never opens"),
]


@pytest.mark.parametrize(("old", "new", "words"), FAULTS)
def test_a_fault_is_told_at_its_place(old: str, new: str, words: str | None) -> None:
    text = broken(old, new)
    problems = told(text)
    if words is None:
        assert problems == []
        return
    assert any(words in problem for problem in problems), problems
    assert all(not problem.startswith("small.yaml:1:1:") for problem in problems), problems


LEAKS = [
    ("title: A sore knee", "title: A complete rupture of the meniscus (mnrupt)"),
    ("title: A sore knee", "title: Is it MNRUPT?"),
    ("id: sore-knee", "id: mnrupt"),
    ("picture: omar.png\nbrief", "picture: mnrupt.png\nbrief"),
    ("Find out what happened.", "He borrowed the neighbour's motorbike."),
    ("brief: You are on the ward.", "brief: His brakes had been broken for weeks."),
    ("text: Hello there.", "text: I borrowed my neighbour's motorbike."),
    ("{label: Practice}", "{label: Practice, summary: With his neighbour's borrowed motorbike.}"),
    ("title: Pulse\n", "title: Pulse\n    caption: The brakes were broken for weeks.\n"),
    ("title: Costs", "title: Costs of MNRUPT"),
    ("    title: Plan", "    title: Plan for the neighbour's borrowed motorbike"),
    (
        "    title: Plan",
        "    title: Plan\n    behaviour: He hides the borrowed neighbour's motorbike.",
    ),
    ("label: Asks for the story", "label: Hears of the borrowed motorbike of the neighbour"),
    ("text: A trolley passes.", "text: The brakes on it have been broken for weeks."),
    ("    reads: film", "    reads: film\n    text: A complete meniscus rupture."),
    (
        "cover: I would rather not talk about that.",
        "cover: Not a borrowed motorbike of a neighbour.",
    ),
    (
        "name: Ines Mora",
        "name: Ines Mora\n    background: She knows of his complete meniscus rupture.",
    ),
    ("knee from the front.", "knee. A narrow line goes through the upper shin bone."),
]


@pytest.mark.parametrize(("old", "new"), LEAKS)
def test_a_sealed_fact_that_can_be_read_is_an_error(old: str, new: str) -> None:
    assert any("error: this gives away" in problem for problem in told(broken(old, new)))


def test_what_an_action_releases_may_stand_in_its_own_text() -> None:
    old = "releases: [film, result]}"
    new = "releases: [film, result], text: They told him that the picture shows a small crack.}"
    assert told(broken(old, new)) == []


def test_a_free_fact_that_tells_a_sealed_one_is_a_warning() -> None:
    text = broken("say: I fell on the stairs.", "say: I borrowed my neighbour's motorbike.")
    assert ["warning: this tells the sealed fact `bike`" in one for one in told(text)] == [True]


@pytest.mark.parametrize(
    ("task", "fine"),
    [("One.", False), ("One. Two.", True), ("One. Two. Three.", True), ("A. B. C. D.", False)],
)
def test_the_task_of_a_case_interview_is_short(task: str, fine: bool) -> None:
    text = broken("domain: clinical", "domain: interview")
    text = text.replace("Talk to Omar Reyes about his knee. Find out what happened.", task)
    assert loaded(text).ok is fine


def test_findings_come_once_with_their_path() -> None:
    scenario = loaded(TEXT).scenario
    assert scenario is not None
    without_cover = scenario.facts[1].model_copy(update={"cover": ""})
    facts = (scenario.facts[0], without_cover, *scenario.facts[2:])
    found = lint(scenario.model_copy(update={"facts": facts}))
    assert found == (
        Finding(
            path=("facts", 1, "cover"),
            severity="warning",
            text="no `cover` for an `on_trust` fact: write what to say while it is sealed",
        ),
    )


def test_the_files_of_the_media_folder_are_looked_up(tmp_path: Path) -> None:
    scenario = loaded(TEXT).scenario
    assert isinstance(scenario, Scenario)
    (tmp_path / "media").mkdir()
    for name in ("omar.png", "note.txt", "flim.png"):
        (tmp_path / "media" / name).write_bytes(b"x")
    assert lint(scenario, tmp_path) == (
        Finding(
            path=("exhibits", 4, "file"),
            text="`film.png` is not in media/; did you mean `flim.png`?",
        ),
    )
