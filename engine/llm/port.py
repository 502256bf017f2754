"""The port that every model stands behind."""

import math
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from engine.prompting import Prompt
from engine.usage import Failure as Failure
from engine.usage import Spent as Spent
from engine.usage import Usage as Usage

FAIR: Final = 7.0
"""Seconds: who was granted less is not called sick for being late."""

Stop = Literal["end", "length", "tool"]
Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the loop's clock (`loop.time()`, seconds); nothing is wanted after it.

    By `first` the first piece is to be there: who has none by then is too late for the rest.
    """

    at: float = math.inf
    first: float = math.inf


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, in order."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """The model wants a tool run; the stream ends after it with `Done(stop="tool")`.

    `trail` is what it wants to be given back with the result, in its own form.
    """

    id: str
    tool: str
    args: Mapping[str, str]
    trail: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The end of an answer: exactly one, last.

    `model` is the provider's own name of what answered. `raw` is its answer for the ledger, without
    a word of it; `request_id` is what its support asks for. `earlier` are calls
    that this answer took before the one that gave it (asked again with more room, or shortened).
    """

    usage: Usage
    response_id: str
    stop: Stop
    model: str
    request_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    earlier: tuple[Spent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Generic[Answer]):
    """A structured answer; for the rest see `Done`."""

    answer: Answer
    usage: Usage
    response_id: str
    model: str
    request_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    earlier: tuple[Spent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLimits:
    """What a model takes and can do."""

    prompt_tokens: int
    answer_tokens: int
    streams: bool
    tools: bool
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A closed question for `decide`. The material is data, never instruction."""

    instructions: str
    material: str


class Model(Protocol):
    """A language model.

    Both methods raise `ModelUnavailable` and nothing else of their own. Cancelling them is safe
    and frees what they hold.
    """

    name: str
    limits: ModelLimits

    def stream(self, prompt: Prompt, deadline: Deadline) -> AsyncGenerator[Text | ToolCall | Done]:
        """Yield the answer in pieces, then exactly one `Done`.

        A fact that a sentence tells may be cited by its id as `[[id]]` right after the sentence;
        whoever shows the text takes the marks out.

        Raises:
            ModelUnavailable: the model failed, was cut, or the deadline passed. Text already
                yielded is then incomplete; the caller decides whether to keep it.
        """
        ...

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        """Answer a closed question in the shape of `schema`.

        Raises:
            ModelUnavailable: also where `limits.decides` is false.
        """
        ...


def estimated_tokens(text: str) -> int:
    """Tokens of a text, estimated at 3.5 characters each; at least 1 for any text."""
    return math.ceil(len(text) / 3.5)
