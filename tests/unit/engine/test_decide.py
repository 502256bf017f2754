"""What an input does to a session."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import events as ev
from engine.decide import decide
from engine.errors import MoreNeeded, NotAllowedNow, UnknownAction
from engine.inputs import Hear, Start, Step, Words
from engine.reading import Reading
from engine.session import State
from tests.unit.engine.rules_scene import KIND, RUDE, Json, Play, of, scenario

MODES: Json = {
    "plain": {"label": "Plain"},
    "turned": {
        "label": "Turned around",
        "cast": {
            "patient": {"played_by": "human"},
            "trainee": {"played_by": "ai", "persona": "ben", "speaks": "always"},
        },
        "tools_for": "trainee",
        "opening": {"say_as": "trainee", "text": "Doctor Hale, how can I help?"},
    },
}
DESK: Json = {
    "modes": MODES,
    "world": {"now": "2026-11-30T09:00", "tickets": [{"id": "t1", "fields": {"customer": "Ann"}}]},
    "tools": [
        {
            "id": "open_ticket",
            "op": "create",
            "backend": "tickets",
            "args": {"customer": "str"},
            "confirm": True,
        },
        {"id": "find", "op": "lookup", "backend": "tickets", "args": {"customer": "str"}},
    ],
}
NEW = {"customer": "Ann"}


def test_a_session_starts_with_its_opening_and_what_is_handed_out() -> None:
    play = Play()
    assert [one.kind for one in play.log] == [
        "started", "seated", "phase_entered", "character_said", "exhibit_released",
    ]  # fmt: skip
    assert play.state.present == {"trainee", "student", "patient", "nurse"}
    assert play.state.values == {
        ("patient", "trust"): 3, ("patient", "mood"): 5, ("nurse", "trust"): 1,
    }  # fmt: skip
    again = Start(at=play.at, scenario_hash="h", mode="standard", language="en", seed=0, seats=())
    with pytest.raises(NotAllowedNow):
        play.do(again)


async def test_signals_move_within_bounds_and_as_often_as_they_may() -> None:
    play = Play()
    await play.hear("Hello.", "Hello again.")
    assert play.state.signals["greeting"] == 2
    assert play.state.values["patient", "mood"] == 6  # `at_most: 1`
    await play.hear(KIND, KIND, KIND)
    assert play.state.values["patient", "trust"] == 6  # its maximum
    last = of(ev.Moved, play.log)[-1]
    assert (last.by, last.to) == (1, 6)  # what moved, not what was wanted
    await play.say(RUDE)
    assert play.state.values["patient", "trust"] == 0
    await play.say("Let me put it in my own words.")
    assert "own_words" in play.state.signals


async def test_an_order_in_plain_talk_is_taken_and_nobody_says_they_do_not_know() -> None:
    play = Play()
    exchange = await play.say("Nurse, could you give her an injection, please?")
    assert play.state.actions.keys() == {"give_pain_relief"}
    assert [one.text for one in of(ev.Narrated, exchange.events)] == ["It is given."]
    assert exchange.spoken.text == ""
    assert play.state.cost == 2


async def test_an_order_that_is_for_another_seat_is_only_talk() -> None:
    play = Play(people=(("student", "s1"), ("trainee", "t1")))
    exchange = await play.say("Please get a film.")
    assert of(ev.ActionTaken, exchange.events) == []
    with pytest.raises(NotAllowedNow):
        play.act("order", "film")
    play.seat, play.person = "trainee", "t1"
    await play.say("Please get a film.")
    assert "order_film" in play.state.actions


def test_an_order_may_name_several_things_and_a_submission_is_one() -> None:
    play = Play()
    play.act("order", "a film and an injection")
    assert set(play.state.actions) == {"order_film", "give_pain_relief"}
    play.wait(1)
    happened = play.act("submit", "reading: no injection seen, film clear")
    assert [one.action for one in of(ev.ActionTaken, happened)] == ["read_film"]


@pytest.mark.parametrize("text", ["a helicopter", "", "=", "submit everything"])
def test_an_order_that_nobody_knows_names_what_there_is(text: str) -> None:
    play = Play()
    with pytest.raises(UnknownAction) as caught:
        play.act("order", text)
    assert caught.value.known == ("Pain relief", "Film")


def test_a_reading_needs_the_film_and_fields_may_be_typed() -> None:
    play = Play()
    with pytest.raises(NotAllowedNow):
        play.act("submit", "reading", {"findings": "all clear"})
    play.act("order", "film")
    play.wait(1)
    (taken,) = of(ev.ActionTaken, play.act("submit", 'reading findings="all clear"'))
    assert taken.fields == (("findings", "all clear"),)


PLAN = [
    {"id": "plan", "command": "submit", "label": "Plan", "match": ["plan"],
     "fields": [{"id": "where", "label": "Where to"}]},
    {"id": "ward", "command": "submit", "label": "Ward note", "match": ["note"], "by": ["student"]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("We agree: Ruth goes home on Friday.", ()),
        ("where=home", (("where", "home"),)),
        ("The plan: home on Friday.", ()),
    ],
)
def test_what_is_handed_in_without_a_name_is_the_only_thing_there_is(
    text: str, fields: tuple[tuple[str, str], ...]
) -> None:
    (taken,) = of(ev.ActionTaken, Play(scenario(actions=PLAN)).act("submit", text))
    assert (taken.action, taken.text, taken.fields) == ("plan", text, fields)


@pytest.mark.parametrize("text", ["paln", "discharge paln", "?", ""])
def test_a_word_or_two_is_no_content_and_a_name_alone_lacks_its_own(text: str) -> None:
    play = Play(scenario(actions=PLAN))
    with pytest.raises(UnknownAction) as caught:
        play.act("submit", text)
    assert caught.value.known == ("Plan", "Ward note")
    with pytest.raises(MoreNeeded):
        play.act("submit", "The plan")


def test_of_several_things_to_hand_in_one_is_named() -> None:
    with pytest.raises(UnknownAction):
        Play().act("submit", "We agree: Ruth goes home on Friday.")


def test_an_action_may_end_its_phase() -> None:
    play = Play()
    play.act("submit", "handover")
    assert (play.state.status, play.state.ended_because) == ("completed", "action hand_over")
    with pytest.raises(NotAllowedNow):
        play.act("order", "injection")


@pytest.mark.parametrize(
    ("answer", "done", "dropped"),
    [("yes", 1, 0), ("Yes, please.", 1, 0), ("Yes that works!", 1, 0), ("no", 0, 1),
     ("Wait a moment", 0, 1), ("What is the pulse?", 0, 1)],
)  # fmt: skip
async def test_a_proposal_is_run_by_a_yes_and_dropped_by_all_else(
    answer: str, done: int, dropped: int
) -> None:
    play = Play(scenario(**DESK))
    play.use("open_ticket", NEW)
    assert play.state.proposed is not None
    exchange = await play.say(answer)
    ran = of(ev.ToolDone, exchange.events)
    assert (len(ran), len(of(ev.ToolDropped, exchange.events))) == (done, dropped)
    assert play.state.proposed is None
    assert play.state.world is not None
    assert len(play.state.world.records["tickets"]) == 1 + done


def test_the_same_call_twice_is_a_yes_and_another_call_replaces_it() -> None:
    play = Play(scenario(**DESK))
    play.use("open_ticket", NEW)
    play.use("open_ticket", {"customer": "Bo"})
    assert of(ev.ToolDone, play.log) == []
    play.use("open_ticket", {"customer": "Bo"})
    (ran,) = of(ev.ToolDone, play.log)
    assert (ran.ok, dict(ran.args)) == (True, {"customer": "Bo"})
    assert len(of(ev.ToolDropped, play.log)) == 1


def test_a_call_that_would_fail_never_asks() -> None:
    play = Play(scenario(**DESK))
    (ran,) = of(ev.ToolDone, play.use("open_ticket", {}))
    assert (ran.ok, play.state.proposed) == (False, None)
    assert "open_ticket" not in play.state.tools


def test_a_mode_turns_the_roles_around() -> None:
    play = Play(scenario(**DESK), mode="turned")
    assert play.seat == "student"
    turned = Play(scenario(**DESK), mode="turned", people=(("patient", "p1"),))
    opening = turned.state.utterances[0]
    assert (opening.seat, opening.text) == ("trainee", "Doctor Hale, how can I help?")
    assert set(turned.state.values) == {("trainee", "trust"), ("nurse", "trust")}
    with pytest.raises(NotAllowedNow):
        turned.use("find", NEW)  # the tools are the character's in this mode
    plain = Play(scenario(**DESK), mode="plain")
    assert of(ev.ToolDone, plain.use("find", NEW))[0].ok


def test_the_clock_stands_while_it_rests() -> None:
    play = Play()
    play.later(120)
    play.step("pause")
    play.later(6000)
    assert play.state.minutes(play.at) == 2
    play.step("resume")
    play.later(60)
    assert play.state.minutes(play.at) == 3
    assert play.step("resume") == ()


@pytest.mark.parametrize("leave", ["abandon", "stop"])
def test_an_abandoned_session_has_a_way_back_with_its_clock_right(leave: str) -> None:
    play = Play()
    play.later(300)
    play.step("pause")
    play.later(50)
    play.step(leave)
    assert play.state.minutes(play.at) == 5
    play.later(9000)
    play.step("resume")
    assert (play.state.status, play.state.ended_because) == ("in_progress", "")
    play.later(60)
    assert play.state.minutes(play.at) == 6


def test_a_completed_session_has_none() -> None:
    play = Play()
    play.step("end")
    for verb in ("resume", "end", "next"):
        with pytest.raises(NotAllowedNow):
            play.step(verb)
    assert play.step("abandon") == play.step("stop") == play.tick() == ()


async def test_nothing_is_heard_in_a_session_that_does_not_run() -> None:
    play = Play()
    play.step("pause")
    with pytest.raises(NotAllowedNow):
        await play.say("Hello?")
    play.step("resume")
    await play.say("Hello?")
    assert play.state.turns == 1


def _hear(*readings: tuple[str, Reading]) -> Callable[[Play], Hear]:
    words = tuple(Words(text=text, reading=reading) for text, reading in readings)
    return lambda play: Hear(at=play.at, seat="trainee", person="t", words=words)


@pytest.mark.parametrize(
    ("sign", "reading"), [("stop word", Reading(stop=True)), ("distress", Reading(distress=True))]
)
def test_care_ends_at_once_and_keeps_no_word(sign: str, reading: Reading) -> None:
    play = Play(scenario(safety={"exit_text": "We stop here.", "help": ["Call someone."]}))
    happened = play.do(_hear(("Before it.", Reading()), ("My own trouble.", reading))(play))
    assert [one.kind for one in happened] == ["cared", "narrated", "ended"]
    assert of(ev.Cared, happened)[0].sign == sign
    assert of(ev.Narrated, happened)[0].text == "We stop here.\nCall someone."
    assert (play.state.status, play.state.ended_because) == ("abandoned", sign)
    assert not any("trouble" in str(ev.to_body(one)) for one in play.log)


@pytest.mark.parametrize("text", ["red light", "RED LIGHT!", "Please, red light.", "I want to die.",
                                  "This is too much for me."])  # fmt: skip
async def test_said_care_leaves_no_trace_of_the_words(text: str) -> None:
    play = Play()
    exchange = await play.say(text)
    assert play.state.status == "abandoned"
    assert exchange.spoken.text == ""
    assert of(ev.TraineeSaid, play.log) == of(ev.Signalled, play.log) == []


async def test_words_after_an_end_in_the_same_turn_are_kept_and_do_nothing() -> None:
    play = Play(scenario(cues=[{"id": "c", "when": {"action": "give_pain_relief"}, "ends": True}]))
    order = Reading(addressed=("patient",), actions=("give_pain_relief", "order_film"))
    after = Reading(addressed=("patient",), signals=("empathy",))
    happened = play.do(_hear(("Give it.", order), ("So sorry.", after))(play))
    assert [one.action for one in of(ev.ActionTaken, happened)] == ["give_pain_relief"]
    assert len(of(ev.TraineeSaid, happened)) == 2
    assert of(ev.Signalled, happened) == []
    assert len(of(ev.Ended, happened)) == 1


def test_the_instructor_takes_a_seat_over_and_gives_it_back() -> None:
    play = Play()
    play.stage("take_over", seat="patient")
    assert play.state.taken_over == {"patient": "boss"}
    play.stage("inject", seat="patient", text="I feel faint.")
    last = play.state.utterances[-1]
    assert (last.role, last.text, last.person) == ("character", "I feel faint.", "boss")
    play.stage("hand_back", seat="patient")
    assert play.state.taken_over == {}
    with pytest.raises(NotAllowedNow):
        play.stage("take_over", seat="trainee")


async def test_nobody_answers_for_a_seat_that_a_person_plays() -> None:
    play = Play()
    play.stage("take_over", seat="patient")
    exchange = await play.say("When did it start?")
    assert (exchange.spoken.text, exchange.prompt) == ("", None)


def test_seats_are_taken_once_and_left_by_who_sits_there() -> None:
    play = Play()
    play.sit("student", "s1")
    for seat, person in (("student", "s2"), ("patient", "s2"), ("trainee", "s1")):
        with pytest.raises(NotAllowedNow):
            play.sit(seat, person)
    assert play.sit("student", "s2", leave=True) == ()
    assert len(play.sit("student", "s1", leave=True)) == 1
    assert play.state.seat_of("s1") is None
    play.sit("student", "s2")
    play.step("end")
    with pytest.raises(NotAllowedNow):
        play.sit("student", "s3")


def test_a_tick_of_a_session_that_never_began_does_nothing() -> None:
    play = Play()
    tick = Step(at=play.at + timedelta(days=9), verb="tick")
    assert decide(play.scenario, State(), tick) == ()
