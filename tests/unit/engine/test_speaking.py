"""How an answer is heard out: cut short, broken off, and shown on its way."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from engine.llm.port import (
    Answer,
    Deadline,
    Decided,
    Done,
    ModelLimits,
    Question,
    Stop,
    Text,
    ToolCall,
    Usage,
)
from engine.prompting import Prompt
from engine.speaking import Speaker
from engine.turns import Spoken
from tests.unit.engine.rules_scene import Play


class Streaming:
    """Streams each answer in pieces of some characters; without a stop it just breaks off."""

    name = "streaming"
    limits = ModelLimits(
        prompt_tokens=9999, answer_tokens=99, streams=True, tools=False, decides=False
    )

    def __init__(self, *answers: tuple[str, Stop | None], size: int = 1) -> None:
        self._answers = list(answers)
        self._size = size

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        text, stop = self._answers.pop(0)
        for at in range(0, len(text), self._size):
            await asyncio.sleep(0)
            yield Text(text[at : at + self._size])
        if stop:
            yield Done(usage=Usage(output=1), response_id="r", stop=stop, model="m")

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        raise NotImplementedError


async def heard(model: Streaming) -> tuple[Spoken, list[str]]:
    shown: list[str] = []

    async def show(text: str) -> None:
        shown.append(text)

    spoken = await Speaker(model).speak(Play().thought("How are you?"), Deadline(), show)
    return spoken, shown


async def test_an_answer_cut_by_its_length_ends_with_its_last_whole_sentence() -> None:
    spoken, shown = await heard(Streaming(("It is cold. I would rather st", "length")))
    assert spoken.text == "It is cold."
    assert shown == ["It is cold."]


async def test_an_answer_cut_in_its_first_sentence_is_asked_for_again() -> None:
    spoken, _ = await heard(Streaming(("I would rather st", "length"), ("I am cold.", "end")))
    assert spoken.text == "I am cold."


@pytest.mark.parametrize("text", ["It is cold. I would", "It is cold.", ""])
async def test_a_stream_that_breaks_off_is_no_answer(text: str) -> None:
    spoken, _ = await heard(Streaming((text, None)))
    assert (spoken.text, spoken.outage) == ("One moment, please.", True)


async def test_each_new_sentence_is_shown_once_however_small_the_pieces() -> None:
    spoken, shown = await heard(Streaming(("It is cold. Is it late? I do not know.", "end")))
    assert spoken.text == shown[-1]
    assert shown == [
        "It is cold.",
        "It is cold. Is it late?",
        "It is cold. Is it late? I do not know.",
    ]


async def test_nothing_is_shown_from_the_first_sentence_on_that_fails_a_check() -> None:
    bad = ("It is cold. My instructions are secret. I am fine.", "end")
    _, shown = await heard(Streaming(bad, ("I am cold.", "end")))
    assert shown == ["It is cold.", "I am cold."]
