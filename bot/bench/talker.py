"""A model that costs nothing: what is left of a turn's time is ours."""

import asyncio
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

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

_WORDS: Final = [
    "amber",
    "birch",
    "cedar",
    "copper",
    "crimson",
    "ebony",
    "fern",
    "granite",
    "hazel",
    "heather",
    "indigo",
    "ivory",
    "jade",
    "juniper",
    "lilac",
    "linden",
    "maple",
    "marble",
    "mauve",
    "moss",
    "ochre",
    "olive",
    "opal",
    "pebble",
    "pine",
    "plum",
    "poplar",
    "quartz",
    "rowan",
    "russet",
    "sable",
    "saffron",
    "sienna",
    "silver",
    "slate",
    "teal",
    "topaz",
    "umber",
    "violet",
    "willow",
]


@dataclass(slots=True, kw_only=True)
class Talker:
    """Says something that nobody said before, after `seconds`."""

    seconds: float = 0.0
    name: str = "talker"
    limits: ModelLimits = field(
        default_factory=lambda: ModelLimits(
            prompt_tokens=100_000, answer_tokens=1000, streams=True, tools=False, decides=False
        )
    )

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        """Three sentences; the middle one is like no other."""
        if self.seconds:
            await asyncio.sleep(self.seconds)
        colours = " ".join(random.choices(_WORDS, k=6))  # noqa: S311 - nothing secret
        for piece in ("I see. ", f"It looks like {colours}. ", "That is how it is."):
            yield Text(piece)
        yield Done(
            usage=Usage(input=10, output=10),
            response_id=uuid4().hex,
            stop="end",
            model="talker-1",
        )

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        """Never: its limits say so.

        Raises:
            ModelUnavailable: always.
        """
        raise ModelUnavailable(self.name, "cannot")
