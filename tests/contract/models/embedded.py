"""The embedded persona: nothing stands behind it, so it is its own rig."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.llm.embedded import EmbeddedModel
from engine.llm.port import Model
from tests.contract.models import ModelRig


class EmbeddedRig(ModelRig):
    @asynccontextmanager
    async def running(self) -> AsyncIterator[Model]:
        yield EmbeddedModel()


RIG = EmbeddedRig
