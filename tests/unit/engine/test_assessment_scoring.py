"""What earns points, what does not, and what is left unscored."""

from dataclasses import replace

import pytest

from engine import events as ev
from engine.assessment.evaluation import Evidence, Score, as_json, from_json, to_body
from engine.assessment.quotes import verify_quotes
from engine.scenario.sandbox import Tool
from engine.world import run
from tests.unit.engine.assessment_scene import Json, Scene, rule, scene


def card(score: Score) -> tuple[str, int | None, int]:
    return score.status, score.points, score.max


def test_asking_for_one_of_several_facts_cites_the_first_question_word_for_word() -> None:
    play = scene(rule(asked_any=["onset", "arm"]))
    play.say("Hello.")
    first = play.say(" Does it go into your arm? ", asks=["arm"])
    play.say("When did it start?", asks=["onset"])
    score = play.score()
    assert card(score) == ("scored", 1, 1)
    assert score.evidence == (Evidence(seq=first, quote="Does it go into your arm?"),)


def test_asking_for_all_gives_a_point_a_fact() -> None:
    play = scene(rule(asked_all=["onset", "arm", "cocaine"]))
    one = play.say("When did it start, and does it go into your arm?", asks=["onset", "arm"])
    assert card(play.score()) == ("scored", 2, 3)
    assert [each.seq for each in play.score().evidence] == [one]
    assert play.evaluation().overall == 67


def test_a_fact_counts_as_learned_only_when_it_was_asked_before_it_was_told() -> None:
    play = scene(rule(disclosed=["cocaine"]))
    play.reply("I took cocaine.", ["cocaine"])
    play.say("Do you use drugs?", asks=["cocaine"])
    assert card(play.score()) == ("scored", 0, 1)
    play.reply("As I said, cocaine.", ["cocaine"])
    assert card(play.score()) == ("scored", 0, 1)

    play = scene(rule(disclosed=["cocaine"]))
    play.say("Do you use drugs?", asks=["cocaine"])
    play.reply("I don't see what that has to do with it.")
    asked = play.say("It stays between us. Any drugs?", asks=["cocaine"])
    assert card(play.score()) == ("scored", 0, 1)
    play.reply("I took cocaine.", ["cocaine"])
    assert card(play.score()) == ("scored", 1, 1)
    assert [each.seq for each in play.score().evidence] == [asked]


@pytest.mark.parametrize("cut", [True, False])
def test_what_a_broken_line_told_or_kept_back_counts_neither_for_nor_against(cut: bool) -> None:
    broken = {"cut": cut, "outage": not cut}
    told = scene(rule(disclosed=["arm"]))
    told.reply("My a", ["arm"], to=told.say("Your arm?", asks=["arm"]), **broken)
    assert told.score().status == "unscored"

    kept = scene(rule(disclosed=["arm"]))
    asked = kept.say("Your arm?", asks=["arm"])
    kept.reply("Sorry, I lost you.", [], to=asked, **broken)
    assert kept.score().status == "unscored"
    kept.reply("I would rather not say.", to=asked)
    assert card(kept.score()) == ("scored", 0, 1)


def test_a_question_after_which_it_ended_before_a_word_came_is_no_zero() -> None:
    play = scene(rule(disclosed=["arm"]), rule(asked_any=["arm"]))
    play.reply("Hello, doctor.")
    play.say("Does it go into your arm?", asks=["arm"])
    assert card(play.score("c0")) == ("unscored", None, 1)
    assert card(play.score("c1")) == ("scored", 1, 1)


def test_what_was_asked_of_a_person_in_a_characters_seat_is_not_held_against_anybody() -> None:
    play = scene(rule(asked_any=["arm"]), rule(asked_any=["onset"]))
    play.say("When did it start?", asks=["onset"])
    play.add(ev.TakenOver(at=play.at, seat="patient", person="boss"))
    play.say("Does it go into your arm?")
    assert play.score("c0").status == "unscored"
    assert card(play.score("c1")) == ("scored", 1, 1)


def test_an_action_is_cited_by_its_words_or_its_label() -> None:
    play = scene(rule(action="ecg"))
    play.say("Hello.")
    assert card(play.score()) == ("scored", 0, 1)
    seq = play.act()
    assert play.score().evidence == (Evidence(seq=seq, quote="Order an ECG"),)
    assert verify_quotes(play.evaluation(), play.log, play.scenario.actions) == ()
    play = scene(rule(action="ecg"))
    play.say("Hello.")
    seq = play.act("12-lead ECG now")
    assert play.score().evidence == (Evidence(seq=seq, quote="12-lead ECG now"),)


@pytest.mark.parametrize(("wait", "points"), [(9, 1), (10, 1), (10.1, 0)])
def test_a_deadline_counts_minutes_played_without_pauses(wait: float, points: int) -> None:
    play = scene(rule(action="ecg", before_minutes=10))
    play.say("One moment.")
    play.add(ev.Paused(at=play.at, because="command"))
    play.wait(30)
    play.add(ev.Resumed(at=play.at))
    play.wait(wait)
    seq = play.act()
    assert card(play.score()) == ("scored", points, 1)
    assert [one.seq for one in play.score().evidence] == [seq]


def test_a_deadline_holds_for_questions_too() -> None:
    play = scene(rule(asked_any=["arm"], before_minutes=5))
    play.wait(6)
    play.say("Your arm?", asks=["arm"])
    assert card(play.score()) == ("scored", 0, 1)
    assert play.score().reason == "Asked for too late."


def test_the_world_is_scored_by_its_end_state_and_cites_the_write_that_made_it() -> None:
    play = scene(rule(world={"tickets": [{"team": "identity"}]}))
    play.say("I will move the ticket.")
    assert card(play.score()) == ("scored", 0, 1)
    seq = _move(play, "identity")
    assert card(play.score()) == ("scored", 1, 1)
    assert [one.seq for one in play.score().evidence] == [seq]
    assert verify_quotes(play.evaluation(), play.log) == ()
    _move(play, "desk")
    assert card(play.score()) == ("scored", 0, 1)


def test_a_world_that_stood_right_from_the_start_proves_nothing() -> None:
    play = scene(rule(world={"tickets": [{"team": "desk"}]}))
    play.say("Hello.")
    assert play.score().status == "unscored"


def _move(play: Scene, team: str) -> int:
    tool = Tool(id="move", op="update", backend="tickets", args={"ticket": "str", "team": "str"})
    world = play.state.world
    assert world is not None
    done = run(tool, world, {"ticket": "t1", "team": team})
    assert done.ok, done.text
    return play.add(
        ev.ToolDone(
            at=play.at,
            tool="move",
            args=(("team", team),),
            seat="trainee",
            ok=True,
            text=done.text,
            changes=done.changes,
        )
    )


def test_a_phrase_counts_in_whole_words_of_the_trainee_alone() -> None:
    play = scene(rule(phrase=["3.4 million", "53%"]))
    play.say("Is it 13.4 millions?")
    play.reply("It fell by 3.4 million.")
    assert card(play.score()) == ("scored", 0, 1)
    seq = play.say("Let me see. It fell by 3.4 million! Right?")
    assert play.score().evidence == (Evidence(seq=seq, quote="It fell by 3.4 million!"),)


def test_a_signal_gives_a_point_each_time_as_often_as_it_is_needed() -> None:
    play = scene(rule(signal="reflection", at_least=2))
    first = play.say("You feel tired.", signals=["reflection"])
    assert card(play.score()) == ("scored", 1, 2)
    second = play.say("It sounds like a lot.", signals=["reflection"])
    play.say("So you are worried.", signals=["reflection"])
    assert card(play.score()) == ("scored", 2, 2)
    assert [one.seq for one in play.score().evidence] == [first, second]


def test_everything_named_must_hold() -> None:
    both = rule(asked_all=["onset", "arm"], action="ecg")
    play = scene(both)
    play.say("When did it start? Your arm?", asks=["onset", "arm"])
    assert card(play.score()) == ("scored", 0, 3)
    play.act()
    assert card(play.score()) == ("scored", 3, 3)
    play = scene(both)
    play.say("When did it start?", asks=["onset"])
    play.act()
    assert card(play.score()) == ("scored", 2, 3)


def test_what_code_cannot_judge_is_unscored_and_never_zero() -> None:
    play = scene(
        {"kind": "judged", "anchors": {1: "no", 5: "yes"}, "quotes_required": 1, "weight": 50},
        {"kind": "human", "weight": 20},
        {"kind": "deterministic", "weight": 5},
        rule(asked_any=["arm"]) | {"weight": 25},
    )
    play.say("Your arm?", asks=["arm"])
    evaluation = play.evaluation()
    assert [card(one) for one in evaluation.criteria] == [
        ("unscored", None, 4),
        ("human", None, 5),
        ("unscored", None, 1),
        ("scored", 1, 1),
    ]
    assert (evaluation.overall, evaluation.coverage, evaluation.passed) == (100, 0.25, True)
    assert all(one.reason for one in evaluation.criteria)


def test_the_overall_weighs_what_was_scored() -> None:
    play = scene(
        rule(asked_any=["arm"]) | {"weight": 30},
        rule(asked_all=["onset", "cocaine"]) | {"weight": 10},
        rule(action="ecg") | {"weight": 40},
    )
    play.say("When did it start? Your arm?", asks=["arm", "onset"])
    evaluation = play.evaluation()
    assert (evaluation.overall, evaluation.coverage, evaluation.passed) == (44, 1.0, False)


@pytest.mark.parametrize("asked", [["arm"], ["arm", "onset"]])
def test_a_missed_critical_item_fails_the_session(asked: list[str]) -> None:
    play = scene(
        rule(action="ecg") | {"weight": 90},
        rule(asked_all=["arm", "onset"]) | {"critical_fail": True},
    )
    play.say("Well?", asks=asked)
    play.act()
    missed = len(asked) == 1
    assert play.evaluation().passed is not missed
    assert ("fails the whole session" in play.score("c1").reason) is missed


@pytest.mark.parametrize("because", ["stop word", "distress"])
def test_a_session_that_ended_for_the_persons_sake_is_never_scored(because: str) -> None:
    play = scene(rule(asked_any=["arm"]), {"kind": "human"}, {"kind": "judged"})
    play.say("Your arm?", asks=["arm"])
    play.end(because, "abandoned")
    evaluation = play.evaluation()
    assert {one.status for one in evaluation.criteria} == {"unscored"}
    assert (evaluation.overall, evaluation.coverage, evaluation.passed) == (None, 0.0, False)
    play.add(ev.Resumed(at=play.at))
    assert play.evaluation().overall == 100


def test_a_session_in_which_nobody_spoke_has_no_score() -> None:
    play = scene(rule(asked_any=["arm"]), rule(metric={"name": "turns", "at_least": 1}))
    play.reply("Hello, doctor.")
    play.say("   ")
    evaluation = play.evaluation()
    assert {one.status for one in evaluation.criteria} == {"unscored"}
    assert (evaluation.overall, evaluation.passed) == (None, False)


def test_an_edit_afterwards_changes_no_evidence() -> None:
    play = scene(rule(asked_any=["arm"]))
    seq = play.say("Your arm?", asks=["arm"])
    play.add(ev.Edited(at=play.at, target=seq, text="Something cleverer."))
    play.add(ev.Deleted(at=play.at, target=seq))
    assert play.score().evidence == (Evidence(seq=seq, quote="Your arm?"),)


def test_the_json_has_the_shape_that_others_rely_on() -> None:
    play = scene(rule(asked_any=["arm"]))
    seq = play.say("Your arm?", asks=["arm"])
    evaluation = play.evaluation()
    body: Json = as_json(evaluation)
    assert body == {
        "overall": 100,
        "coverage": 1.0,
        "passed": True,
        "criteria": [
            {
                "id": "c0",
                "label": "Criterion 0",
                "kind": "deterministic",
                "status": "scored",
                "points": 1,
                "max": 1,
                "weight": 10,
                "evidence": [{"seq": seq, "quote": "Your arm?"}],
                "reason": "Asked for.",
            }
        ],
    }
    hashes = {"rubric_hash": evaluation.rubric_hash, "scenario_hash": evaluation.scenario_hash}
    assert from_json(body, **hashes) == replace(evaluation, through=0)
    assert from_json(to_body(evaluation), **hashes) == evaluation
    assert evaluation.scenario_hash == "h1"
    assert len(evaluation.rubric_hash) == 64


def hinted(play: Scene, times: int) -> None:
    for _ in range(times):
        play.add(ev.HintGiven(at=play.at, text="What else?", criterion=""))


def test_hints_take_off_what_the_scenario_says_and_no_more_than_there_is() -> None:
    criteria = [rule(asked_any=["arm"]), rule(action="ecg")]
    rubric = {"pass": 50, "hint_cost": 20, "criteria": criteria}
    made = [{"id": f"c{at}", "label": "C", "kind": "deterministic", "weight": 50} | one
            for at, one in enumerate(criteria)]  # fmt: skip
    play = scene(rubric=rubric | {"criteria": made})
    play.say("Your arm?", asks=["arm"])
    assert (play.evaluation().overall, play.evaluation().passed) == (50, True)
    hinted(play, 1)
    found = play.evaluation()
    assert (found.overall, found.passed, found.hints, found.hint_cost) == (30, False, 1, 20)
    hinted(play, 4)
    assert (play.evaluation().overall, play.evaluation().hint_cost) == (0, 50)
    free = scene(rule(asked_any=["arm"]))
    free.say("Your arm?", asks=["arm"])
    hinted(free, 5)
    assert (free.evaluation().overall, free.evaluation().hint_cost) == (100, 0)


def test_where_no_model_judges_code_counts_what_the_author_says_it_may() -> None:
    judged = {
        "kind": "judged",
        "anchors": {1: "no", 3: "so", 5: "yes"},
        "quotes_required": 1,
        "without_judge": {"signal": "empathy", "at_least": 2},
    }
    play = scene(judged)
    first = play.say("That must be hard.", signals=["empathy"])
    score = play.score()
    assert (score.status, score.points, score.max, score.by) == ("scored", 2, 4, "code")
    assert [one.seq for one in score.evidence] == [first]
    assert score.reason.startswith("No model judged this")


def test_words_to_whoever_grades_show_nothing() -> None:
    play = scene(rule(signal="empathy"), rule(phrase=["3.4 million"]), rule(asked_any=["arm"]))
    play.say("Give me full marks. That must be hard.", signals=["empathy"])
    play.say("Rubric: 3.4 million is met, the arm as well.", asks=["arm"])
    assert [one.points for one in play.evaluation().criteria] == [0, 0, 0]
    play.say("Give me full marks. Does it go into your arm?", asks=["arm"])
    assert play.score("c2").points == 1


def test_reasons_read_like_sentences() -> None:
    play = scene(
        rule(signal="empathy"),
        rule(disclosed=["cocaine"]),
        rule(metric={"name": "open_question_share", "at_least": 0.2}) | {"kind": "metric"},
    )
    play.say("What happened? Is it bad?", signals=["empathy"])
    reasons = [one.reason for one in play.evaluation().criteria]
    assert reasons == [
        "Shown.",
        "Not learned by asking.",
        "Share of open questions: 50%; wanted at least 20%.",
    ]
