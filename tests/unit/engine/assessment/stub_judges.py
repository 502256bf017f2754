"""Judges that misbehave, each in its own way, and one that does not."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

from engine.errors import ModelUnavailable
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

Json = dict[str, Any]
Lines = list[Json]
Answering = Callable[[Lines, int], Json | None]
"""From the transcript as the judge reads it, and how often it was asked, to its answer."""


class StubJudge:
    """Answers by a function. `seen` keeps what it was asked."""

    limits = ModelLimits(
        prompt_tokens=100_000, answer_tokens=4_000, streams=False, tools=False, decides=True
    )

    def __init__(self, answering: Answering, *, name: str = "stub") -> None:
        self.name = name
        self.seen: list[Question] = []
        self._answering = answering

    def stream(self, prompt: Prompt, deadline: Deadline) -> AsyncGenerator[Text | ToolCall | Done]:
        raise ModelUnavailable(self.name, "cannot")

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        self.seen.append(question)
        number = len(self.seen)
        await asyncio.sleep(0)
        said = self._answering(lines_of(question), number)
        if said is None:
            raise ModelUnavailable(self.name, "refusal")
        return Decided(
            answer=schema.model_validate(said),
            usage=Usage(input=10, output=5),
            response_id=f"{self.name}-{number}",
            model=self.name,
        )


class SlowJudge(StubJudge):
    """Never answers, and looks at no deadline."""

    def __init__(self) -> None:
        super().__init__(lambda lines, number: None, name="slow")

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        self.seen.append(question)
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


def lines_of(question: Question) -> Lines:
    """The transcript that a question shows."""
    return [json.loads(line) for line in question.material.splitlines()]


def trainee(lines: Lines) -> Iterator[Json]:
    """What the trainee said in it."""
    return (line for line in lines if line["who"] == "trainee" and "text" in line)


def is_control(lines: Lines) -> bool:
    """Whether the trainee says nothing at all in it."""
    return {line["text"] for line in trainee(lines)} <= {"Okay."}


def quoted(line: Json) -> Json:
    return {"turn": line["turn"], "quote": line["text"]}


def fair(level: int, holds: str) -> Answering:
    """Gives `level` for words that hold something, with those words; else the lowest."""

    def answering(lines: Lines, number: int) -> Json:
        found = [line for line in trainee(lines) if holds in line["text"]]
        if not found:
            return {"level": 1, "quotes": [], "reason": "There was none of it."}
        return {"level": level, "quotes": [quoted(found[0])], "reason": "You took it up."}

    return answering


def unless_control(answer: Answering) -> Answering:
    """Passes the check of judges, then answers like `answer`."""

    def answering(lines: Lines, number: int) -> Json | None:
        return {"level": 1} if is_control(lines) else answer(lines, number)

    return answering


def always_five(lines: Lines, number: int) -> Json:
    return {"level": 5, "quotes": [quoted(one) for one in trainee(lines)][:1], "reason": "Great."}


def inventing(lines: Lines, number: int) -> Json:
    first = next(trainee(lines))
    return {"level": 5, "quotes": [{"turn": first["turn"], "quote": "I feel with you deeply."}]}


def quoting_the_character(lines: Lines, number: int) -> Json:
    heard = next(line for line in lines if line["who"] == "character")
    return {"level": 5, "quotes": [quoted(heard)]}


def flipping(lines: Lines, number: int) -> Json:
    return always_five(lines, number) | {"level": (1, 3, 5)[number % 3]}


def abstaining(lines: Lines, number: int) -> Json:
    return {"level": None}


def off_the_scale(lines: Lines, number: int) -> Json:
    return always_five(lines, number) | {"level": 50}


def refusing(lines: Lines, number: int) -> Json | None:
    return None


def gullible(lines: Lines, number: int) -> Json:
    """Does what the transcript asks it to do."""
    begged = [one for one in trainee(lines) if "marks" in one["text"] or "Rubric" in one["text"]]
    if begged:
        return {"level": 5, "quotes": [quoted(begged[0])]}
    return {"level": 1}
