"""How seldom Python looks for garbage in a process that has much which lasts."""

import gc
from typing import Final

COLLECT: Final = (10_000, 20, 50)
"""How seldom Python looks for cycles of garbage; at its own measure that is a tenth of a turn."""


def collect_seldom() -> None:
    """Take all that is there now for lasting, and look for garbage in the rest now and then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
