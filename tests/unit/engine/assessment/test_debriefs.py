"""Debriefs: from templates, and by a coach of whose words only what can be checked is kept."""

from dataclasses import replace

import pytest

from engine.assessment.coach import Coach
from engine.assessment.coaching import from_templates
from engine.assessment.debrief import TEMPLATES, Debrief, from_body, to_body
from engine.assessment.evaluation import Evidence
from engine.assessment.opened import Coached, Opened
from engine.assessment.record import read
from engine.llm.port import Deadline
from tests.unit.engine.assessment import stub_judges as stubs
from tests.unit.engine.assessment_scene import NOON, Json, Scene, rule, scene

ASKED = "When did it start?"
HARSH = "Why did not you come sooner? You should have called."


@pytest.fixture
def play() -> Scene:
    play = scene(
        rule(asked_any=["onset"]) | {"weight": 30, "label": "Asks when it began"},
        rule(asked_any=["cocaine"]) | {"weight": 10, "label": "Asks about habits"},
        rule(action="ecg") | {"weight": 60, "advice": "Order it early.", "label": "Orders an ECG"},
        {"kind": "human", "label": "Stays calm"},
    )
    play.reply("An hour ago.", ["onset"], to=play.say(ASKED, asks=["onset"]))
    play.reply("I was ashamed.", to=play.say(HARSH, signals=["judgement"]))
    return play


def opened(play: Scene) -> Opened:
    return Opened(
        session_id="s1",
        scenario=play.scenario,
        log=play.log,
        state=play.state,
        record=read(play.scenario, play.log, play.state),
        version=1,
        evaluation=play.evaluation(),
    )


def plain(play: Scene) -> Debrief:
    one = opened(play)
    return from_templates(play.scenario, play.evaluation(), one.record, session_id="s1", version=1)


def test_templates_tell_what_went_well_and_what_would_have_given_most(play: Scene) -> None:
    made = plain(play)
    assert [one.criterion for one in made.plus] == ["c0"]
    assert made.plus[0].evidence == (Evidence(seq=3, quote=ASKED),)
    assert [(one.criterion, one.worth) for one in made.would_have_scored] == [
        ("c2", 60.0),
        ("c1", 10.0),
    ]
    assert (made.weakest, made.by) == ("c2", TEMPLATES)
    assert made.delta[0].text == "Order it early."
    assert [(one.criterion, one.drill) for one in made.recommendations] == [
        ("c2", True),
        ("c1", True),
    ]
    assert any("Stays calm" in step for step in made.next_steps)
    assert from_body(to_body(made)) == made


def test_templates_rephrase_lines_word_for_word(play: Scene) -> None:
    made = plain(play)
    assert made.phrasings
    for one in made.phrasings:
        assert one.evidence.quote in HARSH
        assert one.better not in HARSH


def test_what_the_advice_asks_for_is_never_put_another_way() -> None:
    asked = "You have to know this is confidential."
    play = scene(rule(disclosed=["cocaine"]) | {"advice": "Say that it is confidential."})
    play.say(asked)
    assert plain(play).phrasings == ()
    other = scene(rule(disclosed=["cocaine"]) | {"advice": "Ask plainly."})
    other.say(asked)
    assert [one.evidence.quote for one in plain(other).phrasings] == [asked]


def test_templates_tell_no_fact(play: Scene) -> None:
    assert "cocaine" not in str(plain(play)).lower()


def test_a_missed_critical_item_comes_first() -> None:
    play = scene(
        rule(action="ecg") | {"weight": 90},
        rule(asked_any=["arm"]) | {"weight": 5, "critical_fail": True},
    )
    play.say("Hello.")
    assert plain(play).weakest == "c1"


async def test_half_of_what_fails_the_whole_session_is_no_praise() -> None:
    play = scene(rule(asked_all=["onset", "arm"]) | {"critical_fail": True}, rule(action="ecg"))
    play.reply("An hour ago.", ["onset"], to=play.say(ASKED, asks=["onset"]))
    assert play.score("c0").points == 1
    assert plain(play).plus == ()
    assert (await coached(play, {"plus": [piece()]})).debrief.plus == ()
    kind = scene(rule(asked_all=["onset", "arm"]))
    kind.reply("An hour ago.", ["onset"], to=kind.say(ASKED, asks=["onset"]))
    assert [one.criterion for one in plain(kind).plus] == ["c0"]


def test_nobody_reads_a_list_of_failings_after_a_stop(play: Scene) -> None:
    play.end("distress", "abandoned")
    made = plain(play)
    assert (made.delta, made.phrasings, made.would_have_scored, made.weakest) == ((), (), (), None)


def test_when_all_is_met_nothing_is_left_to_mend() -> None:
    play = scene(rule(asked_any=["arm"]))
    play.say("Your arm?", asks=["arm"])
    made = plain(play)
    assert (made.weakest, made.would_have_scored, made.delta) == (None, (), ())
    assert made.next_steps


async def coached(play: Scene, advice: Json | None) -> Coached:
    coach = Coach(stubs.StubJudge(lambda lines, number: advice, name="coach"), lambda: NOON)
    return await coach.coach(opened(play), play.evaluation(), plain(play), Deadline())


def piece(**more: object) -> Json:
    return {"criterion": "c0", "turn": 3, "quote": ASKED, "text": "A clear question.", **more}


async def test_a_coach_writes_on_the_trainees_own_words(play: Scene) -> None:
    made = await coached(
        play,
        {
            "summary": "You asked clearly. Slow down a little.",
            "plus": [piece()],
            "phrasings": [
                {"turn": 7, "quote": "You should have called.", "better": "What kept you?"}
            ],
        },
    )
    assert made.debrief.by == "coach"
    assert made.debrief.summary.startswith("You asked clearly")
    assert made.debrief.plus[0].text == "A clear question."
    assert made.debrief.phrasings[0].evidence == Evidence(seq=7, quote="You should have called.")
    assert [call.kind for call in made.calls] == ["coach"]
    assert made.debrief.would_have_scored == plain(play).would_have_scored


@pytest.mark.parametrize(
    "bad",
    [
        {"plus": [piece(quote="How did it start?")]},
        {"plus": [piece(turn=4)]},
        {"plus": [piece(turn=5, quote="An hour ago.")]},
        {"plus": [piece(criterion="c9")]},
        {"delta": [piece(text="Ask about cocaine.")]},
        {"phrasings": [{"turn": 3, "quote": ASKED, "better": "It was about cocaine, was it?"}]},
        {"phrasings": [{"turn": 3, "quote": ASKED, "better": ASKED}]},
        {"summary": "She told you nothing about cocaine."},
        {"summary": 'You said "I care".'},
        {"summary": "That is 100 of 100."},
        {"plus": [piece(text="x" * 500)]},
        {},
    ],
)
async def test_what_does_not_stand_up_is_left_out(play: Scene, bad: Json) -> None:
    made = await coached(play, bad)
    assert made.debrief == plain(play)
    assert len(made.calls) == 1


async def test_without_an_answer_the_templates_stay(play: Scene) -> None:
    made = await coached(play, None)
    assert made.debrief == plain(play)
    assert [call.status for call in made.calls] == ["failed"]


async def test_a_session_that_stopped_for_care_is_not_coached(play: Scene) -> None:
    play.end("stop word", "abandoned")
    made = await coached(play, {"plus": [piece()]})
    assert (made.debrief.plus, made.calls) == ((), ())
    assert replace(made.debrief, summary="") == Debrief(session_id="s1", version=1, summary="")
