"""Whether what waits to be shown of a session is what its log says."""

from sqlalchemy import select

from adapters.port import BOT
from bot.delivery.stored import load_effect
from bot.effects import Post
from bot.services import Services
from bot.store.queues import OutboxRow
from bot.views.scene import effects_of
from engine.events import CharacterSaid, Injected
from engine.store import Transaction, events
from engine.turns import Outcome


async def unlike_its_log(tx: Transaction, services: Services, session_id: str) -> list[str]:
    """The rows of the outbox in which a character says what is not in the log, a line for each.

    One that cannot be read is a line too. Only of those that were not shown yet: the others are
    emptied once they were.

    Raises:
        NoSession: there is no such session.
    """
    session, scenario, state = await services.simulation.read(tx, session_id)
    log = await events.of_session(tx, session_id)
    said = tuple(one for one in log if isinstance(one, CharacterSaid | Injected))
    shown = effects_of(
        Outcome(session=session, scenario=scenario, events=said, state=state), services.picture
    )
    lines = {one.message.text for one in shown if isinstance(one, Post)}
    waits = (
        select(OutboxRow.id, OutboxRow.body)
        .where(OutboxRow.session_id == session_id, OutboxRow.body != "")
        .where(OutboxRow.kind.in_(("post", "draft")))
        .order_by(OutboxRow.id)
    )
    found = []
    for row in await tx.execute(waits):
        try:
            post = load_effect(row.body)
        except ValueError:  # another release wrote it, or it was damaged
            found.append(f"outbox {row.id}: what waits there cannot be read")
            continue
        if not isinstance(post, Post) or post.message.speaker == BOT:
            continue
        if post.message.text not in lines:
            found.append(f"outbox {row.id}: a character says there what is not in the log")
    return found
