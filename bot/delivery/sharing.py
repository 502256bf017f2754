"""Who else works over the same SQLite file, told by a lock that ends with its process.

A process that dies cannot say so. Its process id tells others on the same machine, but not in a
container that was started anew; the lock does, so what the dead one held need not run out.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.store.database import Database

try:
    import fcntl
except ImportError:  # not on this system: leases run out
    fcntl = None  # type: ignore[assignment]

ENDING: Final = ".workers"
"""Ends the name of the file that is locked, beside the database's own."""

_LOOK_SECONDS: Final = 0.01


class Presence:
    """One of those who work over a database. `alone`: nobody else did when it came."""

    def __init__(self, file: int | None) -> None:
        self._file = file
        self.alone = False

    async def come(self) -> None:
        """Be there: alone, or once nobody claims to be that."""
        self.alone = self._locked(only=True)
        if not self.alone:
            await self.let_others()

    async def let_others(self) -> None:
        """Let others come."""
        while self._file is not None and not self._locked(only=False):  # noqa: ASYNC110 - a file
            await asyncio.sleep(_LOOK_SECONDS)

    def _locked(self, *, only: bool) -> bool:
        if self._file is None:
            return False
        kind = fcntl.LOCK_EX if only else fcntl.LOCK_SH
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            self._file = None  # The file system has no such locks.
            return False
        return True


@asynccontextmanager
async def present(database: Database) -> AsyncGenerator[Presence]:
    """Be counted among those who work over a database while the block runs.

    Whoever is `alone` keeps others waiting until they are let come. On PostgreSQL nobody is told.
    """
    file = _opened(database)
    try:
        here = Presence(file)
        await here.come()
        yield here
    finally:
        if file is not None:
            os.close(file)


def _opened(database: Database) -> int | None:
    # Not the database's own: closing that one would undo SQLite's locks on it.
    if fcntl is None or database.dialect != "sqlite":
        return None
    try:
        return os.open(Path(f"{database.url.database}{ENDING}"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
