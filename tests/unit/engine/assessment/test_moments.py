"""Where a criterion that lost points can be tried again."""

from engine import events as ev
from engine.assessment.moments import Moment, moments
from engine.assessment.record import read
from tests.unit.engine.assessment_scene import Scene, rule, scene

PHASES = [
    {"id": "talk", "title": "Talk", "next": ["close"], "exit": {}, "criteria": ["c0"]},
    {"id": "close", "title": "Close", "exit": {}, "criteria": ["c1"]},
]


def found(play: Scene) -> tuple[Moment, ...]:
    record = read(play.scenario, play.log, play.state)
    return moments(play.scenario, play.log, record, play.evaluation())


def test_what_never_came_is_taken_up_as_late_as_it_still_could_come() -> None:
    play = scene(rule(asked_any=["onset"]), rule(asked_any=["arm"]), phases=PHASES)
    play.reply("Hm.", to=play.say("Hello."))
    second = play.say("How are you today?")
    play.add(ev.PhaseEntered(at=play.at, phase="close", because="exit"))
    third = play.say("Goodbye then, Ruth.")
    assert [(one.criterion, one.turn, one.seq, one.words) for one in found(play)] == [
        ("c0", 2, second, "How are you today?"),
        ("c1", 3, third, "Goodbye then, Ruth."),
    ]


def test_what_was_due_early_is_taken_up_while_there_was_time() -> None:
    play = scene(rule(action="ecg", before_minutes=10))
    play.say("Hello.")
    play.wait(5)
    second = play.say("Where does it hurt?")
    play.wait(20)
    play.say("And now?")
    play.act()
    [one] = found(play)
    assert (one.turn, one.seq) == (2, second)


def test_words_that_fell_short_are_taken_up_where_they_stand() -> None:
    play = scene(rule(metric={"name": "words_a_turn", "at_most": 3}))
    play.say("Hello Ruth, how are you?")
    long = play.say(" ".join(f"word{number}" for number in range(30)))
    play.say("Where does it hurt you?")
    [one] = found(play)
    assert (one.turn, one.seq) == (2, long)


def test_nothing_is_offered_for_what_is_met_or_not_scored_or_for_who_was_silent() -> None:
    met = scene(rule(asked_any=["onset"]), {"kind": "human"})
    met.say("When did it start?", asks=["onset"])
    assert found(met) == ()
    silent = scene(rule(asked_any=["onset"]))
    assert found(silent) == ()
