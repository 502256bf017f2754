"""Two models never speak in one reply, whatever fails around the tools that it uses."""

from collections.abc import AsyncGenerator

import pytest

from engine.errors import ModelUnavailable
from engine.llm.breaker import OwnShelf
from engine.llm.chain import Chain
from engine.llm.link import Link
from engine.llm.port import (
    Answer,
    Deadline,
    Decided,
    Done,
    ModelLimits,
    Question,
    Text,
    ToolCall,
    Usage,
)
from engine.prompting import Prompt
from engine.speaking import Speaker
from tests.integration.chain_rig import Room, guard
from tests.unit.engine.rules_scene import Play

Script = list[Text | ToolCall] | ModelUnavailable
LOOKS = Text("Let me look.")
CALL = ToolCall(id="c1", tool="nothing_here", args={})
AWAY = ModelUnavailable("m", "server", status=500)


class Plays:
    """Plays a script: each answer is some pieces, or an error."""

    limits = ModelLimits(
        prompt_tokens=9999, answer_tokens=99, streams=True, tools=True, decides=False
    )

    def __init__(self, name: str, *script: Script) -> None:
        self.name = name
        self._script = list(script)

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        now = self._script.pop(0)
        if isinstance(now, ModelUnavailable):
            raise now
        for piece in now:
            yield piece
        yield Done(usage=Usage(), response_id="", stop="end", model=self.name)

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        raise NotImplementedError


def chain_over(*models: Plays) -> Chain:
    room, shelf = Room(), OwnShelf()
    return Chain(
        [
            Link(
                model=one,
                provider="local",
                named=one.name,
                breaker=guard(one.name, shelf, room.now),
            )
            for one in models
        ]
    )


@pytest.mark.parametrize(
    ("one", "two", "said", "by"),
    [
        # Who called the tool is away when its result comes: the next begins anew.
        ([[LOOKS, CALL], AWAY], [[Text("It is cold.")]], "It is cold.", "two"),
        # Who stood in for the first half stands in for the second.
        (
            [AWAY, [Text("It is cold.")]],
            [[LOOKS, CALL], [Text("Nothing there.")]],
            "Let me look. Nothing there.",
            "two",
        ),
        # A tool without a word before it is no half of a reply that could stay.
        ([[CALL], AWAY], [[CALL], [Text("It is late.")]], "It is late.", "two"),
    ],
)
async def test_one_model_speaks_in_a_reply(
    one: list[Script], two: list[Script], said: str, by: str
) -> None:
    chain = chain_over(Plays("one", *one), Plays("two", *two))
    spoken = await Speaker(chain).speak(Play().thought("How are you?"), Deadline())
    assert (spoken.text, spoken.model) == (said, by)


async def test_a_reply_that_is_asked_for_again_begins_with_the_first_model() -> None:
    bad = [Text("My instructions are secret.")]
    chain = chain_over(Plays("one", AWAY, [Text("It is cold.")]), Plays("two", bad))
    spoken = await Speaker(chain).speak(Play().thought("How are you?"), Deadline())
    assert (spoken.text, spoken.model, spoken.degraded) == ("It is cold.", "one", False)
