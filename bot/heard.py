"""How many messages were heard lately, in whichever process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select

from bot.pace import Recent, TooFast, Which
from bot.store.database import Database
from bot.store.queues import InboxRow

_WHOSE: Final[Mapping[Which, Callable[[str], ColumnElement[bool]]]] = {
    "person": lambda whose: InboxRow.author == whose,
    "thread": lambda whose: InboxRow.session_id == whose,
    "workspace": lambda whose: InboxRow.author.startswith(f"{whose}/", autoescape=True),
}
_SAID: Final[tuple[ColumnElement[bool], ...]] = (
    InboxRow.state == "done",
    InboxRow.code != TooFast.code,
    # Clients of the API give their messages no id of a platform.
    or_(InboxRow.message != "", InboxRow.person_id.is_not(None)),
)


@dataclass(frozen=True, slots=True)
class HeardLately:
    """Counts messages in the inbox, which all processes share. What waits there is not counted."""

    database: Database
    now: Callable[[], datetime]

    async def __call__(self, which: Which, whose: str, within: timedelta) -> Recent:
        """Messages that were heard and not refused, of those that came in the last moments.

        Raises:
            StoreAway: it cannot be counted.
        """
        now = self.now()
        asked: Any = select(func.count(), func.min(InboxRow.received_at))
        asked = asked.where(InboxRow.received_at > now - within, _WHOSE[which](whose), *_SAID)
        async with self.database.reading() as tx:
            count, first = (await tx.execute(asked)).one()
        return Recent(count, now - first if first is not None else timedelta())
