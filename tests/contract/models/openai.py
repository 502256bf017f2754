"""A real model of this provider, over a stand-in for its servers."""

from engine.llm.openai import openai_model
from tests.contract.vendor_rig import VendorRig


class Rig(VendorRig):
    provider = "openai"
    make = staticmethod(openai_model)


RIG = Rig
