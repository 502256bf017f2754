"""A model that says all it was told: whatever can be read in its answer has leaked to models."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass
from hashlib import blake2b

from pydantic import BaseModel

from engine.errors import ModelUnavailable
from engine.llm.port import (
    Answer,
    Deadline,
    Decided,
    Done,
    Model,
    ModelLimits,
    Question,
    Text,
    ToolCall,
    Usage,
    estimated_tokens,
)
from engine.prompting import Prompt
from tests.contract.models import ModelRig


class EchoModel:
    """Answers with every value of the prompt, one a line, however deep it stands.

    `questions` keeps what `decide` was asked, which it never answers.
    """

    name: str = "echo"
    limits: ModelLimits = ModelLimits(
        prompt_tokens=1_000_000, answer_tokens=1_000_000, streams=True, tools=False, decides=False
    )

    def __init__(self) -> None:
        self.questions: list[Question] = []

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        said = ""
        for value in values_in(prompt):
            await asyncio.sleep(0)
            if asyncio.get_running_loop().time() >= deadline.at:
                raise ModelUnavailable(self.name, "deadline")
            said += f"{value}\n"
            yield Text(f"{value}\n")
        digest = blake2b(f"{prompt.seed} {prompt.turn} {prompt.name}".encode(), digest_size=8)
        yield Done(
            usage=Usage(
                input=estimated_tokens(said), output=estimated_tokens(said), estimated=True
            ),
            response_id=f"echo-{digest.hexdigest()}",
            stop="end",
            model=self.name,
        )

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        self.questions.append(question)
        raise ModelUnavailable(self.name, "cannot")


def values_in(thing: object) -> Iterator[str]:
    """Every value that can be reached from `thing`, as text; names of fields are left out."""
    inside = _inside(thing)
    if inside is None:
        yield str(thing)
        return
    for one in inside:
        yield from values_in(one)


def _inside(thing: object) -> Iterable[object] | None:
    if isinstance(thing, BaseModel):
        return [getattr(thing, name) for name in type(thing).model_fields]
    if is_dataclass(thing):
        return [getattr(thing, field.name) for field in fields(thing)]
    if isinstance(thing, Mapping):
        return [*thing.keys(), *thing.values()]
    return thing if isinstance(thing, list | tuple | set | frozenset) else None


class EchoRig(ModelRig):
    @asynccontextmanager
    async def running(self) -> AsyncIterator[Model]:
        yield EchoModel()


RIG = EchoRig
