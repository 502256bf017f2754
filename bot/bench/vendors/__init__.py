"""Stand-ins for model providers: servers on loopback that speak their protocols.

They serve to measure, to try things by hand and to prove what leaves this machine: every request is
kept. `python -m bot.bench.vendors` runs all three.
"""

from bot.bench.vendors.script import Say, Trouble
from bot.bench.vendors.server import Kept, Vendor, vendor

__all__ = ["Kept", "Say", "Trouble", "Vendor", "vendor"]
