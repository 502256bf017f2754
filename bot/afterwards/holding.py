"""Having an ended session in hand while its people are scored, one after another.

Whoever dies at it is silent, so it is held for a time only, which is made longer as work goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.afterwards import planning
from bot.services import Services

SCORING_SECONDS: Final = 60
"""So long the judge may take for one person's part of a session, and then the coach."""

CLAIM: Final = timedelta(seconds=2 * SCORING_SECONDS + 60)
"""Whoever did not come to an end with one person by then died at it, and another does."""


class HoldLost(Exception):
    """Another process is at this session by now, or nobody there wants messages any more."""


@dataclass(slots=True)
class Hold:
    """A session in our hands until `until`."""

    services: Services
    session_id: str
    until: datetime

    async def longer(self) -> None:
        """Hold it for a whole `CLAIM` from now.

        Raises:
            HoldLost: we were silent for too long, or what it was held by was ended.
        """
        until = self.services.now() + CLAIM
        async with self.services.database.transaction() as tx:
            if not await planning.prolonged(tx, self.session_id, self.until, until):
                raise HoldLost(self.session_id)
        self.until = until


async def held(services: Services, session_id: str) -> Hold | None:
    """Take an ended session in hand; None where somebody else has it.

    Raises:
        NoSession: it was deleted meanwhile.
    """
    now = services.now()
    async with services.database.transaction() as tx:
        if not await planning.claimed(tx, session_id, now, now + CLAIM):
            return None
    return Hold(services, session_id, now + CLAIM)
