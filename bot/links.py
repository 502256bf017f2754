"""Where people's words and deeds of a session stand on a platform, for links to them."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select

from adapters.port import MessagePosted, MessageRef
from adapters.stored import dump_ref, load_ref
from bot.store.followups import StandsRow
from bot.store.queues import OutboxRow
from engine.events import ActionTaken, ToolDone, TraineeSaid
from engine.store import Transaction
from engine.store.tables import EventRow
from engine.store.upsert import insert_new

_SAID: Final = TraineeSaid.kind
_DONE: Final = ActionTaken.kind
_BY_TOOL: Final = ToolDone.kind


async def keep(tx: Transaction, session_id: str, said: Sequence[MessagePosted]) -> None:
    """Keep where messages stand that became part of a session's log."""
    for one in said:
        if one.ref is not None:
            await _keep(tx, session_id, one.event_id, dump_ref(one.ref))


async def keep_deeds(tx: Transaction, session_id: str) -> None:
    """Keep where it stands what orders and submissions led to, before the outbox is cleared."""
    for event_id, ref in (await _deeds(tx, session_id)).items():
        await _keep(tx, session_id, event_id, ref)


async def _keep(tx: Transaction, session_id: str, event_id: str, ref: str) -> None:
    values = {"session_id": session_id, "event_id": event_id, "ref": ref}
    await insert_new(tx, StandsRow, values, key=("session_id", "event_id"))


async def of_session(tx: Transaction, session_id: str) -> Mapping[int, MessageRef]:
    """Where what can be cited stands, by its seq; what stands nowhere is left out.

    An order or a submission stands where its result was shown; what a tool wrote, and an order
    given in plain talk, stand at the words that made it so.
    """
    rows = await tx.execute(
        select(EventRow.seq, EventRow.kind, EventRow.external_id)
        .where(EventRow.session_id == session_id, EventRow.kind.in_((_SAID, _DONE, _BY_TOOL)))
        .order_by(EventRow.seq)
    )
    stands = await _deeds(tx, session_id)
    kept = select(StandsRow.event_id, StandsRow.ref).where(StandsRow.session_id == session_id)
    stands.update((one.event_id, one.ref) for one in await tx.execute(kept))
    found: dict[int, MessageRef] = {}
    words: MessageRef | None = None
    for seq, kind, external_id in rows:
        ref = load_ref(stands[external_id]) if external_id in stands else None
        if kind == _SAID:
            words = ref
        if kind == _BY_TOOL or (kind == _DONE and external_id is None):
            ref = words
        if ref is not None:
            found[seq] = ref
    return found


async def _deeds(tx: Transaction, session_id: str) -> dict[str, str]:
    """Where the first message stands that each order or submission led to, by its event."""
    wanted = select(EventRow.external_id).where(
        EventRow.session_id == session_id,
        EventRow.kind == _DONE,
        EventRow.external_id.is_not(None),
    )
    events = {one for one in await tx.scalars(wanted) if one is not None}
    if not events:
        return {}
    shown = await tx.execute(
        select(OutboxRow.event, OutboxRow.ref)
        .where(
            OutboxRow.session_id == session_id,
            OutboxRow.kind == "post",
            OutboxRow.state == "sent",
            OutboxRow.ref.is_not(None),
        )
        .order_by(OutboxRow.id.desc())
    )
    # An event is named there with its workspace before it.
    return {
        one.event[at + 1 :]: one.ref
        for one in shown
        for at, letter in enumerate(one.event)
        if letter == ":" and one.event[at + 1 :] in events
    }
