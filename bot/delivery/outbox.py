"""What goes out: each effect as a keyed row, in order within its thread."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import (
    Table,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    update,
)

from adapters.port import Message, MessageRef, Platform, ThreadRef, To
from adapters.stored import dump_ref, dump_to, load_ref, load_to, thread_id, thread_of
from bot.delivery import leases
from bot.delivery.inbox import Received
from bot.delivery.placing import DEAD, POST_LANE, lane_of, to_of
from bot.delivery.stored import load_effect
from bot.effects import Effect
from bot.store.queues import OPEN, OutboxRow
from engine.store import Transaction
from engine.store.often import often
from engine.store.upsert import insert_new

# Built once: putting a statement together costs more than running it.
_T: Final = cast("Table", OutboxRow.__table__)
_THIS: Final = _T.c.id == bindparam("row")
_FIRST: Final = often(
    select(_T).where(_T.c.lane == bindparam("on"), text(OPEN)).order_by(_T.c.id).limit(1)
)


_SENDING: Final = often(
    update(_T)
    .where(_THIS)
    .values(
        state="sending",
        attempted_at=func.coalesce(
            _T.c.attempted_at, bindparam("moment", type_=_T.c.attempted_at.type)
        ),
        attempts=_T.c.attempts + 1,
    )
)
_SENT: Final = often(update(_T).where(_THIS).values(state="sent", body="", ref=bindparam("where")))
_GONE: Final = often(delete(_T).where(_THIS))
_GROWS: Final = select(_T.c.key, _T.c.to, _T.c.event).where(
    _T.c.kind == "draft", _T.c.body == "", _T.c.state == "sending"
)
_GROWING: Final = often(_GROWS.where(_T.c.event == bindparam("of")).limit(1))
_GROWING_IN: Final = often(_GROWS.where(_T.c.lane == bindparam("on"), text(OPEN)).limit(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A row on its way. `to` None: the thread it goes to is not open yet.

    `event` is what led to it; of a message that grows or grew, the last that it answers.
    """

    id: int
    key: str
    kind: str
    body: str = field(repr=False)
    to: To | None
    card: str | None
    event: str
    session_id: str | None
    ref: MessageRef | None
    state: str
    attempts: int
    due: datetime
    attempted_at: datetime | None
    created_at: datetime

    @property
    def grows(self) -> bool:
        """Whether a turn still writes this message."""
        return self.kind == "draft" and not self.body

    @property
    def effect(self) -> Effect:
        """What is to be done.

        Raises:
            ValueError: it cannot be read.
        """
        return load_effect(self.body)


@dataclass(slots=True)
class Grown:
    """The row of a reply that grew, and its body once the turn gave it one.

    `last` is the key of the last event that it answers.
    """

    key: str
    thread: ThreadRef
    last: str
    message: Message | None = field(default=None, repr=False)
    body: str = field(default="", repr=False)


async def touch(tx: Transaction, lane: str, due: datetime) -> None:
    """Say that something waits to be sent on a lane."""
    await leases.touch(tx, lane, due, needs=platform_of(lane))


def platform_of(lane: str) -> Platform:
    """Whose adapter a lane needs."""
    return thread_of(lane.removeprefix(POST_LANE)).platform


async def grow(
    tx: Transaction, key: str, thread: ThreadRef, last: Received, now: datetime
) -> Grown | None:
    """Keep that a message is about to grow in a thread; later rows there wait for it.

    It answers events up to `last`. None where one with this key did so before.
    """
    values = {
        "key": key,
        "lane": lane_of(thread),
        "kind": "draft",
        "to": dump_to(thread),
        "opener": None,
        "card": None,
        "body": "",
        "event": last.key,
        "session_id": last.session_id,
        "ref": None,
        "state": "sending",
        "code": "",
        "attempts": 1,
        "due": now,
        "attempted_at": now,
        "created_at": now,
    }
    made = await insert_new(tx, OutboxRow, values, key=("key",))
    return Grown(key, thread, last.key) if made else None


async def growing_of(tx: Transaction, event: str) -> Grown | None:
    """The row of a reply that ends with this event, began to grow and has no body yet."""
    return _grown((await tx.execute(_GROWING, {"of": event})).first())


async def growing_in(tx: Transaction, thread: ThreadRef) -> Grown | None:
    """The row of a reply that began to grow in a thread and has no body yet."""
    return _grown((await tx.execute(_GROWING_IN, {"on": lane_of(thread)})).first())


def _grown(row: Any) -> Grown | None:
    thread = load_to(row.to) if row else None
    return Grown(row.key, thread, row.event) if isinstance(thread, ThreadRef) else None


async def grows_at(tx: Transaction, grown: Grown, ref: MessageRef) -> None:
    """Keep where a message grows."""
    await tx.execute(update(OutboxRow).where(OutboxRow.key == grown.key).values(ref=dump_ref(ref)))


async def first(tx: Transaction, lane: str) -> Outgoing | None:
    """What is to be sent next on a lane: later rows wait for it."""
    row = (await tx.execute(_FIRST, {"on": lane})).first()
    return outgoing(row) if row else None


async def sending(tx: Transaction, row: Outgoing, at: datetime) -> None:
    """Say that a row is about to be shown, once more or for the first time.

    Committed before the platform is called. `attempted_at` stays that of the first time, so that
    whatever came of any attempt is found.
    """
    await tx.execute(_SENDING, {"row": row.id, "moment": at})


async def sent(tx: Transaction, row: Outgoing, ref: MessageRef | None) -> None:
    """Say that a row was shown, and keep only where, for what may be changed later."""
    if row.kind in ("post", "draft"):
        await tx.execute(_SENT, {"row": row.id, "where": dump_ref(ref) if ref else None})
    else:
        if row.kind == "edit" and ref is not None:  # The card may have been posted anew.
            await tx.execute(update(_T).where(_T.c.key == row.card).values(ref=dump_ref(ref)))
        await tx.execute(_GONE, {"row": row.id})


async def later(tx: Transaction, row: Outgoing, due: datetime, *, shown: bool | None) -> None:
    """Try a row again from `due` on. `shown` None: nobody knows whether it was shown."""
    state = "sending" if shown is None else "queued"
    await tx.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(state=state, due=due))


async def give_up(tx: Transaction, row: Outgoing, code: str, *, state: str = "dead") -> None:
    """Say that a row, and whatever was to go into the thread it would have opened, is not shown."""
    closing = {"state": state, "code": code}
    await tx.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(**closing))
    await tx.execute(
        update(OutboxRow)
        .where(OutboxRow.opener == row.key, OutboxRow.state == "queued")
        .values(**closing)
    )


async def opened(tx: Transaction, row: Outgoing, thread: ThreadRef) -> None:
    """Let what was meant for a thread that is open now go there, before anything else does.

    Its lane was touched before.
    """
    await tx.execute(
        update(OutboxRow)
        .where(OutboxRow.opener == row.key, OutboxRow.state == "queued")
        .values(
            lane=lane_of(thread),
            to=case((OutboxRow.kind == "whisper", OutboxRow.to), else_=dump_to(thread)),
        )
    )


async def is_opening(tx: Transaction, near: ThreadRef) -> bool:
    """Whether a thread of the same workspace is just being opened, so that it may be there already.

    Until its door is stored nobody knows which session it leads to.
    """
    somewhere = f"{POST_LANE}{thread_id(near).rpartition('/')[0]}/"
    found = await tx.scalar(
        select(OutboxRow.id)
        .where(OutboxRow.kind == "open_thread", text(OPEN), OutboxRow.state == "sending")
        .where(OutboxRow.lane.startswith(somewhere, autoescape=True))
        .limit(1)
    )
    return found is not None


async def card_of(tx: Transaction, key: str) -> tuple[MessageRef | None, bool]:
    """Where the message of a row stands; and whether it is still to be shown."""
    row = (await tx.execute(select(_T.c.ref, _T.c.state).where(_T.c.key == key))).one_or_none()
    if row is None:
        return None, False
    return load_ref(row.ref) if row.ref else None, row.state in ("queued", "sending")


async def kept_for(tx: Transaction, events: Iterable[str]) -> list[tuple[str, str, Effect]]:
    """What is kept for a client to read, by the events it sent: (event, code, effect)."""
    wanted = [key for event in events for key in (event, f"{event}{DEAD}")]
    rows = await tx.scalars(
        select(OutboxRow)
        .where(OutboxRow.event.in_(wanted), OutboxRow.state == "kept")
        .order_by(OutboxRow.id)
    )
    return [(row.event, row.code, load_effect(row.body)) for row in rows]


async def drop_kept(tx: Transaction, event: str) -> None:
    """Forget what was kept for an event that is handled again."""
    of_it = OutboxRow.event.in_((event, f"{event}{DEAD}"))
    await tx.execute(delete(OutboxRow).where(of_it, OutboxRow.state == "kept"))


async def is_known(tx: Transaction, event: str) -> bool:
    """Whether something was to be shown because of an event."""
    return await tx.scalar(select(_T.c.id).where(_T.c.event == event).limit(1)) is not None


async def unsent(tx: Transaction, event: str, thread: ThreadRef | None) -> int:
    """How many rows wait to be shown because of an event, or in a thread."""
    mine = OutboxRow.event == event
    if thread is not None:
        mine = or_(mine, OutboxRow.lane == lane_of(thread))
    count = await tx.scalar(select(func.count()).where(mine, text(OPEN)))
    return count or 0


def outgoing(row: Any) -> Outgoing:
    """A stored row."""
    return Outgoing(
        id=row.id,
        key=row.key,
        kind=row.kind,
        body=row.body,
        to=to_of(row.to, row.lane),
        card=row.card,
        event=row.event,
        session_id=row.session_id,
        ref=load_ref(row.ref) if row.ref else None,
        state=row.state,
        attempts=row.attempts,
        due=row.due,
        attempted_at=row.attempted_at,
        created_at=row.created_at,
    )
