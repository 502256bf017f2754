"""A real model of this provider, over a stand-in for its servers."""

from engine.llm.anthropic import anthropic_model
from tests.contract.vendor_rig import VendorRig


class Rig(VendorRig):
    provider = "anthropic"
    make = staticmethod(anthropic_model)


RIG = Rig
