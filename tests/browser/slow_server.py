"""The real server with a model that says a sentence for each line on our standard input.

`python -m tests.browser.slow_server`. What `dressrun up` reads from its environment holds here too.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from adapters.clock import SystemClock
from bot import serving
from bot.settings import Settings
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.wiring import App, assembled
from engine.llm.port import Done, ModelLimits, Text, Usage


@dataclass(slots=True)
class Slow:
    """Waits for somebody to let it say the next sentence; an empty line ends the reply."""

    said: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    name: str = "slow"
    limits: ModelLimits = field(
        default_factory=lambda: ModelLimits(
            prompt_tokens=100_000, answer_tokens=1000, streams=True, tools=False, decides=False
        )
    )

    async def stream(self, prompt: Any, deadline: Any) -> AsyncGenerator[Text | Done]:
        """What comes in, as it comes."""
        while text := await self.said.get():
            yield Text(f"{text} ")
        yield Done(
            usage=Usage(input=10, output=5), response_id=uuid4().hex, stop="end", model="slow"
        )

    async def decide(self, question: Any, schema: Any, deadline: Any) -> Any:
        """It decides nothing."""
        raise NotImplementedError


async def lines() -> AsyncGenerator[str]:
    """Each line of our standard input."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode().strip()


async def hear(model: Slow) -> None:
    """Pass on each line, until there are no more."""
    async for line in lines():
        model.said.put_nowait(line)


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[App]:
    """As the composition root does it, with our model."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.database, queue=False)
    database, clock, model = Database(settings.database), SystemClock(), Slow()
    app = assembled(settings, database, clock.now, clock, model)
    listening = asyncio.create_task(hear(model))
    try:
        yield replace(app, delivery=replace(app.delivery, worth_growing=True))
    finally:
        listening.cancel()
        await database.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(serving.serve(Settings(), running)))
