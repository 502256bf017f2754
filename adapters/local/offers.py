"""What may be pressed: the choices of a message, or of the one that took its place. Queries."""

from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from adapters.local.rows import Body, Posted, posted_of
from adapters.local.tables import MESSAGES

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

_LOOKED_AT: Final = 20
"""Newer messages: one that took another's place stands close behind it."""


class Replaced(Exception):
    """Something newer stands there, and does not offer this."""


async def pressed(
    tx: "AsyncSession", posted: Posted, choice: str, person: str
) -> tuple[Posted, Body]:
    """The message and its choice that somebody means who pressed `choice` on `posted`.

    A message may be taken down for a newer one while somebody reaches for it. Then the newer one
    counts, where it offers the same.

    Raises:
        Replaced: it offered that before it changed, or nothing newer offers it.
    """
    for one in await _newer(tx, posted, person) if posted.deleted else [posted]:
        offered = one.choice(choice)
        if offered is not None:
            return one, offered
    raise Replaced


async def _newer(tx: "AsyncSession", posted: Posted, person: str) -> list[Posted]:
    """What the bot showed a person there later, newest first."""
    rows = await tx.execute(
        select(MESSAGES)
        .where(MESSAGES.c.place == posted.place, MESSAGES.c.born > posted.born)
        .where(MESSAGES.c.author.is_(None), ~MESSAGES.c.deleted)
        .where(or_(MESSAGES.c.only_for.is_(None), MESSAGES.c.only_for == person))
        .order_by(MESSAGES.c.born.desc())
        .limit(_LOOKED_AT)
    )
    return [posted_of(row) for row in rows]
