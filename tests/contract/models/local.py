"""A real model of this provider, over a stand-in for its servers."""

from engine.llm.local import local_model
from tests.contract.vendor_rig import VendorRig


class Rig(VendorRig):
    provider = "local"
    make = staticmethod(local_model)


RIG = Rig
