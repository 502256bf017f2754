"""The score as a picture and in words: nothing that was not scored looks like zero."""

import asyncio
from dataclasses import replace

import pytest

from adapters.port import Message
from adapters.text import literal
from bot.delivery.stored import dump_effect, load_effect
from bot.effects import Whisper
from bot.exhibits.pictures import png
from bot.exhibits.scores import ScoreBar, ScorePicture
from bot.exhibits.shown import with_pictures
from bot.views import score
from bot.views.debrief import since
from bot.views.practice import replayed
from engine.assessment import Evaluation, Score
from engine.assessment.comparing import Change, Comparison

PNG = b"\x89PNG\r\n"


def line(name: str, points: int | None, most: int = 2) -> Score:
    return Score(
        id=name,
        label=f"Criterion {name}",
        kind="checklist",
        status="unscored" if points is None else "scored",
        points=points,
        max=most,
        weight=10,
        reason="Asked for 1 of 2." if points else "",
    )


CARD = Evaluation(
    overall=50,
    coverage=0.75,
    passed=False,
    rubric_hash="r",
    scenario_hash="h",
    criteria=(line("history", 1), line("safety", 0, 1), line("empathy", None, 4)),
)


def test_the_picture_tells_unscored_from_nothing() -> None:
    drawn = score.picture(CARD)
    assert drawn is not None
    assert drawn.bars == (
        ScoreBar(label="Criterion history", points=1, most=2),
        ScoreBar(label="Criterion safety", points=0, most=1),
        ScoreBar(label="Criterion empathy", points=None, most=4),
    )
    assert drawn.title == "Scores: 50 of 100"
    nothing = replace(CARD, criteria=(line("empathy", None),), overall=None)
    assert score.picture(nothing) is None


def test_what_the_picture_shows_is_said_as_well() -> None:
    drawn = score.picture(CARD)
    assert drawn is not None
    block = score.chart(drawn)
    assert block.alt == (
        "Scores: 50 of 100. A bar for each criterion: "
        "Criterion history, 1 of 2 and Criterion safety, 0 of 1."
    )
    assert block.table.rows == (("Criterion history", "50"), ("Criterion safety", "0"))


def test_words_say_what_was_not_scored_and_what_hints_cost() -> None:
    words = "\n".join((score.headline(CARD), *score.lines(CARD)))
    assert "**50 of 100**, not passed yet. This covers 75 %" in words
    assert "- **Criterion history**: 1 of 2. Asked for 1 of 2." in words
    assert "- **Criterion empathy**: not scored." in words
    hinted = replace(CARD, hints=2, hint_cost=6)
    assert "2 hints took off 6 points." in score.headline(hinted)


@pytest.mark.parametrize("count", [1, 30])
def test_it_is_drawn_for_any_rubric(count: int) -> None:
    long = "A very long label that goes on and on over more than a line or two " * 3
    bars = tuple(ScoreBar(label=long, points=one % 3, most=2) for one in range(count))
    drawn = ScorePicture(title="Scores", bars=(*bars, ScoreBar(label="x", points=None, most=1)))
    first, again = asyncio.run(png(drawn)), asyncio.run(png(drawn))
    assert first.startswith(PNG)
    assert first == again


async def test_it_goes_into_its_chart_on_the_way_out_and_brings_no_file() -> None:
    drawn = score.picture(CARD)
    assert drawn is not None
    whisper = Whisper(message=Message(text="x", blocks=(score.chart(drawn),)), exhibit=drawn)
    stored = load_effect(dump_effect(whisper))
    assert stored == whisper
    assert isinstance(stored, Whisper)
    assert stored.exhibit is not None
    shown = await with_pictures(stored.message, stored.exhibit, lambda _: pytest.fail("no file"))
    [block] = shown.blocks
    assert block.kind == "chart"
    assert block.picture is not None
    assert block.picture.content.startswith(PNG)
    assert shown.files == ()


def test_what_a_judge_wrote_is_shown_as_it_is() -> None:
    told = "See [this](https://evil.example) @everyone"
    judged = replace(line("empathy", 2), by="judge", reason=told)
    [shown] = score.lines(replace(CARD, criteria=(judged,)))
    assert literal(told) in shown
    assert told not in shown


def test_what_a_new_try_did_not_come_to_is_no_step_down() -> None:
    pairs = (("a", 1, 0), ("b", 0, 1), ("c", 2, 1), ("d", 1, 1))
    changes = tuple(
        Change(criterion=name, label=name, max=2, before=before, after=after)
        for name, before, after in pairs
    )
    told = list(since(Comparison(before=50, after=40, same_rubric=True, changes=changes)))
    assert told == [
        "Before, it was 50 of 100.",
        "",
        "**What changed since then**",
        "- a: not reached this time (1 of 2 before)",
        "- b: up from 0 to 1 of 2",
        "- c: down from 2 to 1 of 2",
    ]


@pytest.mark.parametrize(
    ("sought", "told"),
    [
        ("b", ["**The line you came for**, b: up from 0 to 1 of 2."]),
        ("d", ["**The line you came for**, d: still 1 of 2.", "**What else got better**"]),
        (
            "a",
            [
                "**The line you came for**, a: not better this time, and the 1 of 2 from before "
                "stay.",
                "**What else got better**",
            ],
        ),
        ("e", ["**The line you came for**, e: not scored this time.", "**What else got better**"]),
        ("", ["**What got better**"]),
    ],
)
def test_a_replay_tells_its_own_line_and_no_loss(sought: str, told: list[str]) -> None:
    pairs = (("a", 1, 0), ("b", 0, 1), ("c", 2, 1), ("d", 1, 1), ("e", 1, None))
    changes = tuple(
        Change(criterion=name, label=name, max=2, before=before, after=after)
        for name, before, after in pairs
    )
    found = Comparison(before=50, after=38, same_rubric=True, changes=changes, sought=sought)
    *lines, last = replayed(found)
    better = [] if sought == "b" else ["- b: up from 0 to 1 of 2"]
    assert lines == [*told, *better]
    assert "the first try and its score stay as they are" in last


def test_a_replay_without_a_gain_says_so() -> None:
    change = Change(criterion="a", label="a", max=2, before=1, after=0)
    found = Comparison(before=50, after=38, same_rubric=True, changes=(change,))
    assert next(iter(replayed(found))) == "No line got better this time."
