"""What happens by itself: cues, and exhibits on their way."""

from datetime import timedelta

import pytest

from engine import events as ev
from engine.director import next_due
from engine.errors import NotAllowedNow
from tests.unit.engine.rules_scene import KIND, Json, Play, of, phases, scenario


def cue(when: Json, **rest: object) -> Json:
    return {"id": "c", "when": when, "text": "A bell rings.", **rest}


def test_a_cue_fires_at_its_minute_and_only_once() -> None:
    play = Play(scenario(cues=[cue({"minutes": 3})]))
    play.wait(2.9)
    assert play.state.cues == frozenset()
    first = play.wait(0.1)
    assert [one.text for one in of(ev.Narrated, first)] == ["A bell rings."]
    assert of(ev.CueFired, play.wait(10)) == []


async def test_a_cue_fires_on_a_condition_in_the_same_turn() -> None:
    play = Play(scenario(cues=[cue({"asked": ["onset"]}, say_as="patient")]))
    await play.say("Hello.")
    assert play.state.cues == frozenset()
    exchange = await play.say("When did it start?")
    assert "A bell rings." in [one.text for one in of(ev.CharacterSaid, exchange.events)]


async def test_what_a_cue_does_beside_talking() -> None:
    does = {"joins": "brother", "say_as": "brother", "releases": ["film", "result", "truth"],
            "moves": {"trust": -2}, "of": "patient"}  # fmt: skip
    play = Play(scenario(cues=[cue({"phase_turns": 1}, **does)]))
    assert "brother" not in play.state.present
    await play.say("Hm.")
    assert "brother" in play.state.present
    assert play.state.values["patient", "trust"] == 1
    assert "result" in play.state.opened
    assert "truth" not in play.state.opened  # a `never` fact stays shut
    assert "film" in play.state.scheduled


async def test_a_cue_may_end_the_session() -> None:
    play = Play(scenario(cues=[cue({"signal": "empathy"}, ends=True)]))
    exchange = await play.say(KIND)
    assert (play.state.status, play.state.ended_because) == ("completed", "cue c")
    assert exchange.spoken.text == ""  # nobody answers in a session that is over


async def test_a_cue_of_a_phase_fires_as_the_phase_is_entered() -> None:
    made = scenario(
        phases=phases({"any": [{"phase_turns": 1}]}), cues=[cue({"phase": "p1"}, say_as="nurse")]
    )
    play = Play(made)
    exchange = await play.say("Hm.")
    assert play.state.phase == "p1"
    assert len(of(ev.CueFired, exchange.events)) == 1


def test_one_cue_may_set_off_another_at_once() -> None:
    cues = [
        {"id": "late", "when": {"state": {"trust": {"at_most": 0}}, "of": "patient"}, "text": "B"},
        {
            "id": "early",
            "when": {"minutes": 2},
            "text": "A",
            "moves": {"trust": -9},
            "of": "patient",
        },
    ]
    play = Play(scenario(cues=cues))
    happened = play.wait(2)
    assert [one.cue for one in of(ev.CueFired, happened)] == ["early", "late"]


async def test_an_exhibit_arrives_after_its_delay_not_before() -> None:
    play = Play()
    play.act("order", "film")
    due = play.state.scheduled["film"]
    assert due == play.at + timedelta(seconds=60)
    play.later(59)
    play.tick()
    assert "film" not in play.state.released
    play.later(1)
    play.tick()
    assert "film" in play.state.released
    assert play.state.scheduled == {}


def test_a_pause_moves_what_is_on_its_way_and_what_waits_for_the_clock() -> None:
    play = Play(scenario(cues=[cue({"minutes": 5})]))
    play.act("order", "film")
    play.later(30)
    play.step("pause")
    play.later(3600)
    assert play.tick() == ()
    play.step("resume")
    assert play.state.scheduled["film"] == play.at + timedelta(seconds=30)
    play.later(29)
    assert play.tick() == ()
    play.later(1)
    assert [one.exhibit for one in of(ev.ExhibitReleased, play.tick())] == ["film"]
    play.wait(3.5)
    assert play.state.cues == frozenset()
    play.wait(1)
    assert play.state.cues == {"c"}


def test_what_came_due_while_a_hint_was_given_is_due_at_once() -> None:
    play = Play()
    play.act("order", "film")
    play.later(90)
    play.step("hint")
    assert next_due(play.scenario, play.state) == play.state.last_at
    assert [one.exhibit for one in of(ev.ExhibitReleased, play.tick())] == ["film"]


def test_ordering_twice_schedules_once() -> None:
    play = Play()
    play.act("order", "film")
    assert of(ev.ExhibitScheduled, play.act("order", "film")) == []


def test_the_instructor_can_release_an_exhibit() -> None:
    play = Play()
    happened = play.stage("release", text="pulse")
    assert [one.exhibit for one in of(ev.ExhibitReleased, happened)] == ["pulse"]
    assert "pulse" not in play.state.requested  # it does not count against the limit


@pytest.mark.parametrize("seconds", [0.4, 7, 13.1, 59.999])
def test_a_phase_of_some_minutes_ends_by_its_own_due(seconds: float) -> None:
    made = phases({"any": [{"command": "next"}]}, {"any": [{"phase_minutes": 0.7}]})
    play = Play(scenario(phases=made))
    play.later(seconds)
    play.step("next")
    due = next_due(play.scenario, play.state)
    assert due is not None
    play.at = due - timedelta(milliseconds=1)
    assert play.tick() == ()
    play.at = due
    play.tick()
    assert play.state.phase == "p2"


async def test_a_cue_that_waits_for_the_command_fires_with_it() -> None:
    made = phases({"any": [{"command": "next"}]})
    play = Play(scenario(phases=made, cues=[cue({"command": "next"})]))
    await play.say("Hm.")
    assert play.state.cues == frozenset()
    play.step("next")
    assert (play.state.cues, play.state.phase) == ({"c"}, "p1")


def test_a_cue_that_waits_for_the_instructor_fires_by_name_or_without() -> None:
    waiting = [cue({"instructor": True})]
    made = phases({"any": [{"command": "next"}]})
    for text in ("c", ""):
        play = Play(scenario(cues=waiting, phases=made))
        play.step("next")
        play.wait(5)
        assert play.state.cues == frozenset()
        happened = play.stage("cue", text=text)
        assert [one.text for one in of(ev.Narrated, happened)] == ["A bell rings."]
        with pytest.raises(NotAllowedNow):
            play.stage("cue", text=text)


def test_the_instructor_may_give_any_cue_before_its_time() -> None:
    play = Play(scenario(cues=[cue({"minutes": 9}, say_as="brother", joins="brother")]))
    happened = play.stage("cue", text="c")
    assert [one.seat for one in of(ev.CharacterSaid, happened)] == ["brother"]
    assert of(ev.CueFired, play.wait(12)) == []
    with pytest.raises(NotAllowedNow, match="no such cue"):
        play.stage("cue", text="other")


@pytest.mark.parametrize(
    ("seat", "why"), [("brother", "not in the room"), ("patient", "played by a person")]
)
def test_a_line_of_who_cannot_speak_is_refused_by_hand_and_falls_away_by_itself(
    seat: str, why: str
) -> None:
    does = {"say_as": seat, "moves": {"trust": -2}, "of": "patient"}
    play = Play(scenario(cues=[cue({"minutes": 3}, **does)]))
    play.stage("take_over", seat="patient")
    with pytest.raises(NotAllowedNow, match=why):
        play.stage("cue", text="c")
    happened = play.wait(3)
    assert of(ev.CharacterSaid, happened) == []
    assert [one.cue for one in of(ev.CueFired, happened)] == ["c"]
    assert play.state.values["patient", "trust"] == 1


def test_the_instructor_speaks_only_as_who_is_there_and_free() -> None:
    play = Play()
    for seat in ("brother", "trainee", "nobody"):
        with pytest.raises(NotAllowedNow):
            play.stage("inject", seat=seat, text="Hello.")
    play.stage("inject", seat="narrator", text="A bell rings.")
    play.stage("inject", seat="nurse", text="Hello.")
    assert [one.text for one in play.state.utterances[-2:]] == ["A bell rings.", "Hello."]


def test_an_unknown_step_of_an_instructor_is_refused_and_moves_nothing() -> None:
    play = Play(scenario(phases=phases({"any": [{"command": "next"}]})))
    with pytest.raises(NotAllowedNow, match="no such step"):
        play.stage("next_fase")
    assert play.state.phase == "p0"
