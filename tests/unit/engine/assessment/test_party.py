"""Who was in a session, and whose score each of them gets."""

from collections.abc import Sequence
from datetime import timedelta

from engine import events as ev
from engine.assessment.branching import branched, took_up
from engine.assessment.party import party_of
from engine.assessment.ruling import rulings
from engine.session import fold
from engine.store.disputes import Dispute
from tests.unit.engine.assessment_scene import NOON, Scene, rule, scene

LATER = NOON + timedelta(days=1)


def talk(*people: str) -> Scene:
    """p1 sits there already; the others come, one after the other."""
    play = scene(rule(asked_any=["onset"]))
    for person in people:
        comes(play, person)
    return play


def comes(play: Scene, person: str) -> None:
    play.add(ev.Seated(at=play.at, seat="trainee", person=person))


def goes(play: Scene, person: str) -> None:
    play.add(ev.Unseated(at=play.at, seat="trainee", person=person))


def says(play: Scene, person: str, text: str) -> None:
    play.add(ev.TraineeSaid(at=play.at, seat="trainee", person=person, text=text))


def replayed(play: Scene, turn: int, person: str) -> Sequence[ev.Event]:
    return branched(play.scenario, play.log, turn, person=person, at=LATER)


def test_whoever_is_alone_has_the_score_of_the_session() -> None:
    play = talk()
    assert party_of(play.log).score_of("p1") == ""
    assert party_of(play.log).silent == ()
    says(play, "p1", "Hello.")
    found = party_of(play.log)
    assert (found.several, found.score_of("p1"), found.played) == (False, "", ("p1",))


def test_whoever_sat_there_in_silence_makes_it_several() -> None:
    play = talk("p2")
    says(play, "p1", "Hello.")
    goes(play, "p2")
    found = party_of(play.log)
    assert (found.seated, found.played, found.silent) == (("p1", "p2"), ("p1",), ("p2",))
    assert [found.score_of(one) for one in ("p1", "p2", "teacher", "")] == ["p1", "p2", "", ""]


def test_who_only_ordered_played_and_said_nothing() -> None:
    play = talk("p2")
    says(play, "p1", "Hello.")
    play.add(ev.ActionTaken(at=play.at, action="ecg", seat="trainee", person="p2"))
    found = party_of(play.log)
    assert (found.played, found.silent) == (("p1", "p2"), ("p2",))


def test_in_a_branch_only_who_replays_it_has_a_score() -> None:
    play = talk("p2")
    for person in ("p1", "p2", "p1"):
        says(play, person, f"Hello, I am {person}.")
    log = replayed(play, 3, "p2")
    found = party_of(log)
    assert (found.seated, found.played, found.absent) == (("p2",), ("p2",), ("p1",))
    assert (found.score_of("p2"), found.score_of("p1")) == ("p2", "p1")
    assert took_up(log) == len(log)
    assert took_up(play.log) == 0


def test_a_branch_in_which_nobody_else_said_anything_is_ones_own() -> None:
    play = talk("p2")
    for person in ("p1", "p2"):
        says(play, person, f"Hello, I am {person}.")
    found = party_of(replayed(play, 2, "p1"))
    assert (found.seated, found.absent, found.several) == (("p1",), (), False)


def test_who_comes_into_a_branch_is_in_it_and_a_branch_of_that_leaves_them_out() -> None:
    play = talk()
    for text in ("Hello.", "When did it start?"):
        says(play, "p1", text)
    again = scene(rule(asked_any=["onset"]))
    again.log = [*replayed(play, 2, "p1")]
    comes(again, "p2")
    says(again, "p2", "May I?")
    goes(again, "p2")
    assert party_of(again.log).seated == ("p1", "p2")
    says(again, "p1", "Where is it?")
    found = party_of(replayed(again, 3, "p1"))
    assert (found.seated, found.absent) == (("p1",), ("p2",))


def test_whoever_came_after_a_turn_sits_in_its_branch_alone() -> None:
    play = talk()
    says(play, "p1", "Hello.")
    comes(play, "p2")
    says(play, "p2", "Me too.")
    log = replayed(play, 1, "p2")
    assert fold(play.scenario, log).people == {"trainee": ("p2",)}
    assert party_of(log).seated == ("p2",)


def test_who_never_sat_there_unseats_nobody() -> None:
    play = talk()
    says(play, "p1", "Hello.")
    assert fold(play.scenario, replayed(play, 1, "teacher")).people == {"trainee": ("p1",)}


def test_a_ruling_counts_for_the_score_that_it_is_about() -> None:
    play = talk("p2")
    one = Dispute(
        id="d1",
        session_id="s1",
        version=2,
        criterion="c0",
        by="p2",
        reason="Look again.",
        at=NOON,
        state="changed",
        points=1,
    )
    criteria, about = play.scenario.rubric.criteria, {1: "", 2: "p2"}
    assert set(rulings(criteria, [one], [], about, "p2")) == {"c0"}
    assert rulings(criteria, [one], [], about) == {}
    assert rulings(criteria, [one], [], about, "p1") == {}
