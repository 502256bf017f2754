"""Of several who played, each has a score of their own; what they did together is all of theirs."""

from dataclasses import replace

from engine import events as ev
from engine.assessment.evaluation import Evaluation
from engine.assessment.material import material
from engine.assessment.record import read, trainees
from engine.assessment.scoring import evaluate
from tests.unit.engine.assessment_scene import Scene, rule, scene


def says(play: Scene, person: str, text: str, asks: tuple[str, ...] = ()) -> int:
    seq = play.add(ev.TraineeSaid(at=play.at, seat="trainee", person=person, text=text))
    if asks:
        play.add(ev.Asked(at=play.at, seat="patient", facts=asks, in_seq=seq))
    return seq


def of(play: Scene, person: str) -> Evaluation:
    return evaluate(play.scenario, play.log, play.state, person=person)


def played() -> Scene:
    play = scene(
        rule(asked_any=["onset"]),
        rule(action="ecg"),
        rule(metric={"name": "questions", "at_least": 1}),
    )
    says(play, "p1", "When did it start?", ("onset",))
    says(play, "p2", "I will order the tracing now.")
    play.add(ev.ActionTaken(at=play.at, action="ecg", seat="trainee", person="p2"))
    return play


def test_words_count_for_whoever_said_them_and_deeds_for_all() -> None:
    play = played()
    assert trainees(play.log) == ("p1", "p2")
    first, second = of(play, "p1"), of(play, "p2")
    assert [one.points for one in first.criteria] == [1, 1, 1]
    assert [one.points for one in second.criteria] == [0, 1, 0]
    assert [one.shared for one in second.criteria] == [False, True, False]
    assert second.criteria[0].reason == "Not asked for. The group as a whole met this."
    assert first.overall == 100
    assert second.overall == 33


def test_each_is_quoted_with_their_own_words_alone() -> None:
    play = played()
    theirs = {
        person: {seq for seq, one in enumerate(play.log, 1) if getattr(one, "person", "") == person}
        for person in ("p1", "p2")
    }
    shared = {seq for seq, one in enumerate(play.log, 1) if isinstance(one, ev.ActionTaken)}
    for person, seqs in theirs.items():
        cited = {proof.seq for one in of(play, person).criteria for proof in one.evidence}
        assert cited
        assert cited <= seqs | shared


def test_a_critical_item_that_another_met_fails_nobody() -> None:
    play = scene(
        rule(asked_any=["onset"]) | {"critical_fail": True, "weight": 1},
        {"weight": 99} | rule(metric={"name": "turns", "at_least": 1}),
    )
    says(play, "p1", "When did it start?", ("onset",))
    says(play, "p2", "How are you feeling today?")
    second = of(play, "p2")
    assert second.passed
    assert second.criteria[0].points == 0
    assert "fails the whole session" not in second.criteria[0].reason
    alone = scene(
        rule(asked_any=["onset"]) | {"critical_fail": True, "weight": 1},
        {"weight": 99} | rule(metric={"name": "turns", "at_least": 1}),
    )
    says(alone, "p2", "How are you feeling today?")
    says(alone, "p1", "Good morning, I am Ada.")
    assert not of(alone, "p2").passed


def test_what_only_all_of_them_reach_is_nobodys_alone() -> None:
    """Each asks one of two questions: none of them met it, and all of them together did."""
    play = scene(rule(metric={"name": "questions", "at_least": 2}))
    says(play, "p1", "When did it start?")
    says(play, "p2", "Does it hurt?")
    for person in ("p1", "p2"):
        [line] = of(play, person).criteria
        assert (line.points, line.by_another) == (0, True)
        assert line.reason.endswith(" The group as a whole met this.")


def test_where_the_group_got_further_without_meeting_it_that_is_said() -> None:
    play = scene(rule(asked_all=["onset", "arm", "cocaine"]))
    says(play, "p1", "When did it start?", ("onset",))
    says(play, "p2", "How are you feeling today?")
    first, second = of(play, "p1").criteria[0], of(play, "p2").criteria[0]
    assert first.reason == "Asked for 1 of 3."
    assert second.reason == "Asked for 0 of 3. The group as a whole got further."
    assert not second.by_another


def test_what_patterns_count_of_a_group_is_not_held_against_a_judge() -> None:
    play = scene(
        {
            "kind": "judged",
            "anchors": {1: "no", 5: "yes"},
            "critical_fail": True,
            "without_judge": {"asked_any": ["onset"]},
        }
    )
    says(play, "p1", "When did it start?", ("onset",))
    says(play, "p2", "How are you feeling today?")
    blank = of(play, "p2").criteria[0]
    said = replace(blank, points=1, by="judge", reason="You asked how they are, and went on.")
    found = evaluate(play.scenario, play.log, play.state, person="p2", judged={blank.id: said})
    [line] = found.criteria
    assert (line.points, line.by_another, line.reason) == (1, True, said.reason)


def test_a_judge_is_told_who_is_judged() -> None:
    play = played()
    record = read(play.scenario, play.log, play.state, "p2")
    shown = material(play.scenario, play.log, record, mute=False)
    assert '"who": "colleague", "text": "When did it start?"' in shown
    assert '"who": "trainee", "text": "I will order the tracing now."' in shown


def test_swapping_the_speakers_swaps_the_scores() -> None:
    play = played()
    other = scene(
        rule(asked_any=["onset"]),
        rule(action="ecg"),
        rule(metric={"name": "questions", "at_least": 1}),
    )
    says(other, "p2", "When did it start?", ("onset",))
    says(other, "p1", "I will order the tracing now.")
    other.add(ev.ActionTaken(at=other.at, action="ecg", seat="trainee", person="p1"))
    assert of(other, "p2") == of(play, "p1")
    assert of(other, "p1") == of(play, "p2")
