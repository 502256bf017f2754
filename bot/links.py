"""Where people's words of a session stand on a platform, for links to them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, select

from adapters.port import MessagePosted, MessageRef
from adapters.stored import dump_ref, load_ref
from bot.store.followups import StandsRow
from engine.store import Transaction
from engine.store.tables import EventRow
from engine.store.upsert import insert_new


async def keep(tx: Transaction, session_id: str, said: Sequence[MessagePosted]) -> None:
    """Keep where messages stand that became part of a session's log."""
    for one in said:
        if one.ref is not None:
            values = {
                "session_id": session_id,
                "event_id": one.event_id,
                "ref": dump_ref(one.ref),
            }
            await insert_new(tx, StandsRow, values, key=("session_id", "event_id"))


async def of_session(tx: Transaction, session_id: str) -> Mapping[int, MessageRef]:
    """Where the utterances of a session stand, by their seq; those that stand anywhere."""
    rows = await tx.execute(
        select(EventRow.seq, StandsRow.ref)
        .join(
            StandsRow,
            and_(
                StandsRow.session_id == EventRow.session_id,
                StandsRow.event_id == EventRow.external_id,
            ),
        )
        .where(EventRow.session_id == session_id)
    )
    return {seq: load_ref(ref) for seq, ref in rows}
