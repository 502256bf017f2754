"""Every test here runs once for each provider, through its real library."""

import pytest

from tests.contract.models.anthropic import Rig as AnthropicRig
from tests.contract.models.local import Rig as LocalRig
from tests.contract.models.openai import Rig as OpenAIRig
from tests.contract.vendor_rig import VendorRig

RIGS: dict[str, type[VendorRig]] = {
    "anthropic": AnthropicRig,
    "openai": OpenAIRig,
    "local": LocalRig,
}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> VendorRig:
    return RIGS[request.param]()
