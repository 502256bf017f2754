"""The embedded persona as a model: it answers from a prompt alone."""

import asyncio
from collections.abc import AsyncGenerator
from hashlib import blake2b

from engine.errors import ModelUnavailable
from engine.llm.embedded.answer import Unit, reply
from engine.llm.embedded.tools import next_step
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
    estimated_tokens,
)
from engine.prompting import Prompt, rendered

NAME = "embedded"


class EmbeddedModel:
    """The default model. Holds no state, so one instance serves any number of streams.

    The same prompt gets the same answer, in every process. Every sentence is an authored one: a
    fact's words, a persona's line, a cover, or a short line of `embedded.defaults`. Figures are
    never written in a sentence of its own.
    """

    name: str = NAME
    limits: ModelLimits = ModelLimits(
        prompt_tokens=1_000_000, answer_tokens=2_000, streams=True, tools=True, decides=False
    )

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        """Yield the answer sentence by sentence, or one tool call, then one `Done`.

        Never empty: there is some text or a tool call before `Done`.

        Raises:
            ModelUnavailable: the deadline passed.
        """
        _require_time(deadline)
        step: ToolCall | tuple[Unit, ...] | None = None
        if prompt.tools:
            step = next_step(prompt, call_id=_id_of(prompt, "call"))
        if isinstance(step, ToolCall):
            yield step
            yield _done(prompt, "", stop="tool")
            return
        spoken = ""
        for sentence in reply(prompt, step):
            await asyncio.sleep(0)  # others get their turn, and a cancelled reader is noticed
            _require_time(deadline)
            piece = f" {sentence}" if spoken else sentence
            spoken += piece
            yield Text(piece)
        yield _done(prompt, spoken, stop="end")

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        """Always refuse: it matches words and judges nothing.

        Raises:
            ModelUnavailable: every time.
        """
        raise ModelUnavailable(self.name, "cannot")


def _require_time(deadline: Deadline) -> None:
    if asyncio.get_running_loop().time() >= deadline.at:
        raise ModelUnavailable(NAME, "deadline")


def _done(prompt: Prompt, spoken: str, *, stop: Stop) -> Done:
    usage = Usage(
        input=estimated_tokens(rendered(prompt)), output=estimated_tokens(spoken), estimated=True
    )
    return Done(usage=usage, response_id=_id_of(prompt, "answer"), stop=stop, model=NAME)


def _id_of(prompt: Prompt, kind: str) -> str:
    """An id of this step: the same for the same prompt, another for the next step of a turn."""
    place = f"{prompt.seed}\x1f{prompt.turn}\x1f{prompt.name}\x1f{len(prompt.history)}\x1f{kind}"
    digest = blake2b(place.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return f"{NAME}-{digest}"
