"""Several messages that one turn answers: what is wrong with one of them costs no other."""

from dataclasses import replace

import pytest

from engine.events import Cared
from tests.integration.delivery.rig import Line, Meanwhile

BLANK = "\u200b"
LONG = "And then she said what she had said before. " * 200


async def sent(line: Line, room: str, *texts: str) -> None:
    """Accepted at the door as they are, blank ones included."""
    for text in texts:
        event = line.event(room, "x")
        await line.app.delivery.accept(replace(event, text=text))


async def test_a_blank_message_costs_no_other(line: Line) -> None:
    room = await line.started()
    turn = Meanwhile(line)
    await turn.begin("When did it start?", room)
    await sent(line, room, "Does it move?", BLANK, "Did you eat?")
    await turn.go_on()
    assert await line.said(room) == ["When did it start?", "Does it move?", "Did you eat?"]


async def test_one_that_is_too_long_is_told_and_the_rest_is_heard(line: Line) -> None:
    room = await line.started()
    line.works = False
    await sent(line, room, "Does it move?", LONG)
    await line.idle()
    assert await line.said(room) == ["Does it move?"]
    assert f"{len(LONG.strip())} characters" in line.seen(room)


@pytest.mark.parametrize("beside", [BLANK, LONG])
async def test_the_stop_word_is_heard_beside_what_cannot_be_read(line: Line, beside: str) -> None:
    room = await line.started()
    line.works = False
    await sent(line, room, beside, "red light")
    await line.idle()
    assert any(isinstance(one, Cared) for one in await line.log(room))


async def test_a_cry_for_help_is_heard_however_long_it_is(line: Line) -> None:
    room = await line.started()
    line.works = False
    await sent(line, room, f"{LONG} I want to kill myself. {LONG}")
    await line.idle()
    [cared] = [one for one in await line.log(room) if isinstance(one, Cared)]
    assert cared.sign == "distress"
    assert await line.said(room) == []


async def test_the_rest_of_an_aside_that_was_cut_is_an_aside(line: Line) -> None:
    room = await line.started()
    line.works = False
    first = line.event(room, "// to my colleague: I think it is")
    await line.app.delivery.accept(replace(first, maybe_cut=True))
    await line.app.delivery.accept(line.event(room, " the heart, do not tell him"))
    await line.later(3)
    assert await line.said(room) == []
