"""What is known of messages that came before: who wrote one, what was said beside a scene."""

from sqlalchemy import select

from adapters.port import MessagePosted, MessageRef, UserRef
from adapters.stored import thread_id
from bot.store.queues import InboxRow
from engine.store import Transaction


async def event_of(tx: Transaction, ref: MessageRef) -> tuple[str, UserRef] | None:
    """The id of the event by which a message came, and who wrote it; None once that is pruned."""
    here = InboxRow.channel == thread_id(ref.thread)
    row = (
        await tx.execute(
            select(InboxRow.event_id, InboxRow.author)
            .where(here, InboxRow.message == ref.id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    place = f"{ref.thread.platform}/{ref.thread.workspace}/"
    user = UserRef(ref.thread.platform, ref.thread.workspace, row.author.removeprefix(place))
    return row.event_id, user


async def came_before(tx: Transaction, event: MessagePosted, session_id: str, code: str) -> bool:
    """Whether something of the same author in the same thread was handled with this code."""
    user = event.user
    author = f"{user.platform}/{user.workspace}/{user.id}"
    found = await tx.scalar(
        select(InboxRow.id)
        .where(InboxRow.session_id == session_id, InboxRow.author == author)
        .where(InboxRow.channel == thread_id(event.thread), InboxRow.code == code)
        .limit(1)
    )
    return found is not None
