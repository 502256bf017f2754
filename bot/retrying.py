"""Once more, where somebody else wrote to a session meanwhile."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from engine.errors import SequenceTaken

Found = TypeVar("Found")

TRIES: Final = 4
"""So often something is done over what others had written by then."""


async def again(once: Callable[[], Awaitable[Found]]) -> Found:
    """What `once` comes to, which reads the session anew each time.

    Raises:
        SequenceTaken: others were faster every time; nothing was stored.
    """
    for _ in range(TRIES - 1):
        with suppress(SequenceTaken):
            return await once()
    return await once()
