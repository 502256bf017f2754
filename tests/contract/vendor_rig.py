"""A provider's model through its real library, over a stand-in on loopback."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

from bot.bench.vendors import Vendor, vendor
from bot.bench.vendors.server import Provider
from engine.llm.access import Access, Patience
from engine.llm.caching import CacheMissed
from engine.llm.clients import Clients
from engine.llm.port import Model
from engine.llm.vendor import VendorModel
from tests.contract.models import ModelRig

Make = Callable[[str, Access, Clients, Patience | None], VendorModel]


class VendorRig(ModelRig):
    """Every answer has an id of its own, so no two are the same."""

    exact = False
    provider: ClassVar[Provider]
    make: ClassVar[Make]

    @asynccontextmanager
    async def over(
        self,
        *,
        model: str = "model-1",
        patience: Patience | None = None,
        simultaneous: int = 300,
        missed: Callable[[CacheMissed], None] = lambda _: None,
    ) -> AsyncIterator[tuple[VendorModel, Vendor, Clients]]:
        """The model, the stand-in behind it, and the clients it uses."""
        clients = Clients(simultaneous, missed)
        async with vendor(self.provider) as server:
            access = Access(api_key="key-of-a-test", base_url=server.url)
            try:
                yield self.make(model, access, clients, patience), server, clients
            finally:
                await clients.aclose()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Model]:
        async with self.over() as (model, _, _):
            yield model
