"""Once more, where somebody else wrote to a session meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from engine.errors import LogRewritten, SequenceTaken

Found = TypeVar("Found")

TRIES: Final = 4
"""So often something is done over what others had written by then."""


async def again(once: Callable[[], Awaitable[Found]]) -> Found:
    """What `once` comes to, which reads the session anew each time.

    Raises:
        SequenceTaken: others were faster every time; nothing was stored.
        LogRewritten: somebody was taken out or renamed; who acts here has to be found out anew.
    """
    for _ in range(TRIES - 1):
        try:
            return await once()
        except LogRewritten:
            raise
        except SequenceTaken:
            continue
    return await once()
