"""The sandbox world: a small made-up office that tools read and write. Pure rules.

No clock and no I/O: the world stands at its own `now`, in its own local time. A tool never changes
a state; it returns `Change` values, which are stored in the log and applied when the log is folded,
so that no tool ever runs twice for one event.
"""

from engine.world.hours import free_slots
from engine.world.state import (
    Change,
    Collection,
    Fields,
    ToolResult,
    WorldState,
    apply,
    matches,
    start_of,
)
from engine.world.tools import in_short, run, summary, unusable

__all__ = [
    "Change",
    "Collection",
    "Fields",
    "ToolResult",
    "WorldState",
    "apply",
    "free_slots",
    "in_short",
    "matches",
    "run",
    "start_of",
    "summary",
    "unusable",
]
