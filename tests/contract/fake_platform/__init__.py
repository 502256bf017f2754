"""A second platform, complete, in memory: what the contract suite is proven on."""

from adapters.kit import KitContext, KitSettings, PlatformKit
from tests.contract.fake_platform.adapter import FakeAdapter
from tests.contract.fake_platform.limits import PLATFORM
from tests.contract.fake_platform.server import Server


class FakeSettings(KitSettings):
    token: str = ""

    def missing(self) -> tuple[str, ...]:
        return () if self.token else ("token",)


def build(context: KitContext) -> FakeAdapter:
    return FakeAdapter(Server(), clock=context.clock, answer_within=context.answer_within)


KIT = PlatformKit(name=PLATFORM, settings_model=FakeSettings, build=build)
