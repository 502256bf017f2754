"""Phases, cues and the clock."""

import pytest

from engine import events as ev
from engine.director import next_due
from engine.errors import NotAllowedNow
from tests.unit.engine.rules_scene import KIND, RUDE, Json, Play, of, phases, scenario

TICKETS: Json = {
    "world": {"now": "2026-11-30T09:00", "tickets": [{"id": "t1", "fields": {"customer": "Ann"}}]},
    "tools": [
        {"id": "find", "op": "lookup", "backend": "tickets", "args": {"customer": "str"}},
    ],
}

EXITS = [
    ({"turns": 2}, ["One.", "Two."]),
    ({"phase_turns": 2}, ["One.", "Two."]),
    ({"minutes": 5}, ["wait 5"]),
    ({"phase_minutes": 4}, ["wait 4"]),
    ({"facts": ["onset"]}, ["When did it start?"]),
    ({"asked": ["secret"]}, ["Do you have debts?"]),
    ({"exhibits": ["pulse"]}, ["What is the pulse?"]),
    ({"exhibits": "all"}, ["What is the pulse?", "Show me the bloods."]),
    ({"action": "give_pain_relief"}, ["order injection"]),
    ({"tool": "find"}, ["use find"]),
    ({"keyword": ["let us move on"]}, ["Right, let us move on, please."]),
    ({"command": "next"}, ["step next"]),
    ({"signal": "empathy"}, [KIND]),
    ({"state": {"trust": {"at_most": 0}}, "of": "patient"}, [RUDE]),
    ({"instructor": True}, ["stage next_phase"]),
]


async def take(play: Play, step: str) -> None:
    verb, _, rest = step.partition(" ")
    if verb == "wait":
        play.wait(float(rest))
    elif verb in ("order", "submit"):
        play.act(verb, rest)
    elif verb == "use":
        play.use(rest, {"customer": "Ann"})
    elif verb == "step":
        play.step(rest)
    elif verb == "stage":
        play.stage(rest)
    else:
        await play.say(step)


@pytest.mark.parametrize(("condition", "steps"), EXITS, ids=lambda one: str(one)[:40])
async def test_a_phase_is_left_by_its_condition_and_not_before(
    condition: Json, steps: list[str]
) -> None:
    play = Play(scenario(phases=phases({"any": [condition]}), **TICKETS))
    for step in steps[:-1]:
        await take(play, step)
        assert play.state.phase == "p0"
    await play.say("Well.") if condition in ({"facts": ["onset"]},) else None
    assert play.state.phase == "p0"
    await take(play, steps[-1])
    assert play.state.phase == "p1"


@pytest.mark.parametrize(
    ("unless", "step"),
    [
        ({"unless_action": "give_pain_relief"}, "order injection"),
        ({"unless_fact": "onset"}, "When did it start?"),
        ({"unless_asked": "secret"}, "Do you have debts?"),
    ],
)
async def test_unless_keeps_a_condition_from_holding(unless: Json, step: str) -> None:
    made = scenario(phases=phases({"any": [{"phase_turns": 3, **unless}]}))
    free, held = Play(made), Play(made)
    await take(held, step)
    for play in (free, held):
        await play.hear("One.", "Two.", "Three.")
    assert (free.state.phase, held.state.phase) == ("p1", "p0")


async def test_all_needs_every_condition_in_whatever_order() -> None:
    made = scenario(phases=phases({"all": [{"asked": ["onset"]}, {"signal": "empathy"}]}))
    play = Play(made)
    await play.say(KIND)
    assert play.state.phase == "p0"
    await play.say("When did it start?")
    assert play.state.phase == "p1"


async def test_an_exit_without_conditions_is_left_by_nothing_but_the_command() -> None:
    play = Play(scenario(phases=phases({})))
    await play.hear("One.", "Two.", "Three.")
    play.wait(10)
    assert play.state.phase == "p0"
    play.step("next")
    assert play.state.phase == "p1"


def _branches() -> list[Json]:
    ends = {"any": [{"command": "next"}]}
    return [
        {"id": "a", "title": "A", "next": ["b", "c", "d"], "exit": ends},
        {"id": "b", "title": "B", "exit": ends, "enter": {"action": "give_pain_relief"}},
        {"id": "c", "title": "C", "exit": ends, "enter": {"asked": ["secret"]}},
        {"id": "d", "title": "D", "exit": ends},
    ]


@pytest.mark.parametrize(
    ("step", "entered"),
    [("order injection", "b"), ("Do you have debts?", "c"), ("Hello.", "d")],
)
async def test_among_several_the_first_whose_entry_holds_is_next(step: str, entered: str) -> None:
    play = Play(scenario(phases=_branches()))
    await take(play, step)
    play.step("next")
    assert play.state.phase == entered


async def test_the_last_phase_ends_after_the_goodbye() -> None:
    last = [{"id": "only", "title": "Only", "exit": {"any": [{"keyword": ["goodbye"]}]}}]
    play = Play(scenario(phases=last))
    exchange = await play.say("Goodbye then.")
    kinds = [one.kind for one in exchange.events]
    assert play.state.status == "completed"
    assert kinds.index("character_said") < kinds.index("ended")
    assert kinds[-1] == "ended"


async def test_a_last_phase_that_was_just_entered_does_not_end_in_the_same_turn() -> None:
    leave = {"any": [{"keyword": ["goodbye"]}]}
    made = phases(leave)
    made[1]["exit"] = leave
    play = Play(scenario(phases=made))
    await play.say("Goodbye then.")
    assert (play.state.phase, play.state.status) == ("p1", "in_progress")
    await play.say("Goodbye then.")
    assert play.state.status == "completed"


async def test_the_leading_character_asks_the_question_of_the_phase_it_enters() -> None:
    made = phases({"any": [{"phase_turns": 1}]})
    made[1]["ask"] = "And what now?"
    asking = Play(scenario(phases=made))
    exchange = await asking.say("Hm.")
    assert of(ev.CharacterSaid, exchange.events)[-1].text == "And what now?"
    quiet = Play(scenario(phases=made, modes={"calm": {"label": "Calm", "leads": False}}))
    exchange = await quiet.say("Hm.")
    assert quiet.state.phase == "p1"
    assert "And what now?" not in [one.text for one in of(ev.CharacterSaid, exchange.events)]


async def test_turns_end_the_session_at_their_limit() -> None:
    play = Play(scenario(limits={"turns": 3, "minutes": 30}))
    await play.hear("One.", "Two.")
    assert play.state.status == "in_progress"
    await play.say("Three.")
    assert (play.state.status, play.state.ended_because) == ("completed", "turns")


def test_the_time_limit_completes_and_silence_abandons() -> None:
    timed = Play(scenario(limits={"minutes": 10, "idle_minutes": 20}))
    timed.wait(9.9)
    assert timed.state.status == "in_progress"
    happened = timed.wait(0.1)
    assert (timed.state.status, timed.state.ended_because) == ("completed", "time")
    assert of(ev.Narrated, happened)[0].because == "time"

    silent = Play(scenario(limits={"minutes": 200, "idle_minutes": 20}))
    silent.wait(19.9)
    assert silent.state.status == "in_progress"
    silent.wait(0.1)
    assert (silent.state.status, silent.state.ended_because) == ("abandoned", "idle")


def test_the_clock_alone_ends_a_last_phase_that_names_a_time() -> None:
    last = [{"id": "only", "title": "Only", "exit": {"any": [{"minutes": 6}, {"phase_turns": 9}]}}]
    play = Play(scenario(phases=last))
    play.wait(5.9)
    assert play.state.status == "in_progress"
    play.wait(0.1)
    assert (play.state.status, play.state.ended_because) == ("completed", "last phase")


async def test_the_clock_leaves_a_phase_only_by_what_looks_at_the_clock() -> None:
    made = phases({"any": [{"command": "next"}]}, {"any": [{"asked": ["onset"]}, {"minutes": 15}]})
    play = Play(scenario(phases=made))
    await play.say("When did it start?")
    play.step("next")
    play.wait(10)
    assert play.state.phase == "p1"
    play.wait(5)
    assert play.state.phase == "p2"


@pytest.mark.parametrize("verb", ["next", "hint", "pause"])
def test_a_session_that_is_over_takes_no_step(verb: str) -> None:
    play = Play()
    play.step("end")
    with pytest.raises(NotAllowedNow):
        play.step(verb)


def test_nothing_is_due_while_it_rests_or_is_over() -> None:
    play = Play()
    assert next_due(play.scenario, play.state) is not None
    play.step("pause")
    assert next_due(play.scenario, play.state) is None
    play.step("resume")
    assert next_due(play.scenario, play.state) is not None
    play.step("end")
    assert next_due(play.scenario, play.state) is None


async def test_turns_and_minutes_of_a_phase_count_from_its_beginning() -> None:
    made = phases({"any": [{"command": "next"}]}, {"any": [{"phase_turns": 2, "phase_minutes": 1}]})
    play = Play(scenario(phases=made))
    await play.hear("One.", "Two.", "Three.")
    play.step("next")
    assert (play.state.phase_turns, play.state.turns) == (0, 3)
    await play.hear("Four.")
    play.later(120)
    play.tick()
    assert play.state.phase == "p1"
    await play.say("Five.")
    assert play.state.phase == "p2"
