"""What came in and waits to be handled, and what is to happen later."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Table, bindparam, func, select, text, update

from adapters.port import (
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    MessageRef,
    ThreadRef,
)
from adapters.stored import thread_id
from bot.delivery import leases
from bot.delivery.lanes import session_lane
from bot.delivery.leases import Lease
from bot.delivery.stored import dump_incoming, load_incoming
from bot.incoming import Incoming
from bot.store.queues import WAITING, InboxRow
from engine.store import Transaction
from engine.store.often import often
from engine.store.upsert import insert_new

REST_SECONDS: Final = 2.0
"""So long a message that the platform may have cut waits for its rest."""

_AGAIN: Final = ("state", "code", "body", "due", "lane", "agrees", "received_at", "done_at")

MOST_TOGETHER: Final = 20
"""Messages that one turn answers together at most; the rest waits for the next."""


# Built once: putting a statement together costs more than running it.
_T: Final = cast("Table", InboxRow.__table__)
_NEXT: Final = often(
    select(
        _T.c.id,
        _T.c.channel,
        _T.c.order_key,
        _T.c.body,
        _T.c.session_id,
        _T.c.person_id,
        _T.c.agrees,
        _T.c.received_at,
    )
    .where(_T.c.lane == bindparam("on"), text(WAITING))
    .where(_T.c.due <= bindparam("now", type_=_T.c.due.type))
    .order_by(_T.c.due, _T.c.id)
    .limit(2 * MOST_TOGETHER)
)
_NOTHING_DUE: Final = leases.put_off(
    select(func.min(_T.c.due))
    .where(_T.c.lane == bindparam("held_lane"), text(WAITING))
    .scalar_subquery()
)
_DONE: Final = often(
    update(_T)
    .where(_T.c.id == bindparam("row"))
    .values(
        state="done", code=bindparam("why"), done_at=bindparam("at", type_=_T.c.due.type), body=""
    )
)


class Unreadable(ValueError):
    """What was stored cannot be read, by a program that knows less of it perhaps."""

    def __init__(self, row_id: int) -> None:
        super().__init__("unreadable event")
        self.row_id = row_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An event as it was stored. `person_id` is set where a client of the API wrote it."""

    id: int
    event: Incoming
    session_id: str | None
    person_id: str | None
    agrees: bool
    received_at: datetime

    @property
    def key(self) -> str:
        """The event's name among all events."""
        return key_of(self.event, self.session_id if self.person_id else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be handled next on a lane: one event, or messages that one turn answers.

    `wait` is set instead where all that is there waits for its rest until then. `after` is what of
    the rest is known already.
    """

    rows: tuple[Received, ...]
    after: tuple[Received, ...] = ()
    wait: datetime | None = None

    def up_to(self, key: str) -> "Batch":
        """The same without what comes after the event with this key, if that is among them."""
        keys = [row.key for row in self.rows]
        if key not in keys:
            return self
        end = keys.index(key) + 1
        return replace(self, rows=self.rows[:end], after=self.rows[end:] + self.after)


async def store(
    tx: Transaction,
    event: Incoming,
    lane: str,
    now: datetime,
    *,
    session_id: str | None,
    person_id: str | None = None,
    agrees: bool = False,
    due: datetime | None = None,
) -> bool:
    """Keep an event until `due`; False where it was kept before, unless a client was refused it."""
    client = session_id if person_id else None
    values = {
        "tenant": tenant_of(event, client),
        "event_id": event.event_id,
        "channel": channel_of(event),
        "lane": lane,
        "order_key": event.order,
        "due": due or now,
        "body": dump_incoming(event),
        "session_id": session_id,
        "person_id": person_id,
        "agrees": agrees,
        "author": author_of(event),
        "message": _message_of(event),
        "state": "waiting",
        "code": "",
        "received_at": now,
        "done_at": None,
    }
    if await insert_new(tx, InboxRow, values, key=("tenant", "event_id")):
        return True
    return person_id is not None and await _again(tx, event, client, values)


async def _again(
    tx: Transaction, event: Incoming, client: str | None, values: Mapping[str, Any]
) -> bool:
    """Keep an event once more that a client was refused; False where it was not."""
    again = await tx.scalar(
        update(InboxRow)
        .where(*_is(event, client), InboxRow.state != "waiting", InboxRow.code != "")
        .where(InboxRow.person_id == values["person_id"])
        .values({name: values[name] for name in _AGAIN})
        .returning(InboxRow.id)
    )
    return again is not None


async def next_batch(tx: Transaction, lane: str, now: datetime) -> Batch | None:
    """What comes next on a lane; None when nothing is due.

    What was due first comes first, so words go before what was to happen after they came; within a
    thread the platform's own order counts, since two processes may have stored its events in
    another.

    Raises:
        Unreadable: what comes first cannot be read.
    """
    rows = (await tx.execute(_NEXT, {"on": lane, "now": now})).all()
    if not rows:
        return None
    here = [row for row in rows if row.channel == rows[0].channel]
    here.sort(key=lambda row: (row.order_key, row.id))
    together = [_received(here[0])]
    for row in here[1:MOST_TOGETHER]:
        try:
            one = _received(row)
        except Unreadable:
            break  # It is given up alone, once it comes first.
        if not _answered_together(together[-1], one):
            break
        together.append(one)
    until = together[-1].received_at + timedelta(seconds=REST_SECONDS)
    if len(together) == len(rows) and _may_be_cut(together[-1]) and now < until:
        return Batch(rows=(), wait=until)
    return Batch(rows=tuple(together), after=tuple(_rest(rows, together)))


def _rest(rows: Sequence[Any], taken: Sequence[Received]) -> Iterator[Received]:
    ids = {one.id for one in taken}
    for row in rows:
        if row.id not in ids:
            with suppress(Unreadable):
                yield _received(row)


async def give_back(tx: Transaction, lease: Lease, now: datetime) -> bool:
    """Give a fenced lane back until more is due on it; False where that is so, and it is ours."""
    return await leases.give_back_until(tx, lease, _NOTHING_DUE, now)


async def done(tx: Transaction, rows: Sequence[Received], now: datetime, code: str = "") -> None:
    """Say that events were handled, and keep only that they came."""
    await tx.execute(_DONE, [{"row": row.id, "why": code, "at": now} for row in rows])


async def bury(tx: Transaction, row_id: int, now: datetime, code: str) -> None:
    """Give up on an event. Its content stays for whoever looks into it."""
    await tx.execute(
        update(InboxRow).where(InboxRow.id == row_id).values(state="dead", code=code, done_at=now)
    )


async def after_all(tx: Transaction, lane: str) -> int:
    """An id that comes after everything that waits on a lane."""
    last: int | None = await tx.scalar(
        select(func.max(InboxRow.id)).where(InboxRow.lane == lane, text(WAITING))
    )
    return (last or 0) + 1


async def is_said_before(tx: Transaction, lane: str, row_id: int) -> bool:
    """Whether a message that came before another event waits on a lane."""
    bodies = await tx.scalars(
        select(InboxRow.body).where(InboxRow.lane == lane, text(WAITING), InboxRow.id < row_id)
    )
    return any(_is_said(body) for body in bodies)


async def waits(tx: Transaction, session_id: str, key: str) -> bool:
    """Whether the event with this key is still to be handled in a session."""
    rows = await tx.execute(
        select(InboxRow.tenant, InboxRow.event_id).where(
            InboxRow.lane == session_lane(session_id), text(WAITING)
        )
    )
    return any(f"{row.tenant}:{row.event_id}" == key for row in rows)


async def move(tx: Transaction, rows: Sequence[Received], lane: str, session_id: str) -> None:
    """Let events wait on the lane of a session that their thread turned out to lead to."""
    await tx.execute(
        update(InboxRow)
        .where(InboxRow.id.in_([row.id for row in rows]))
        .values(lane=lane, session_id=session_id)
    )


async def waiting_at(tx: Transaction, ref: MessageRef) -> str | None:
    """The key of the event by which a message came, while that waits."""
    wanted = select(InboxRow.tenant, InboxRow.event_id)
    found = await tx.execute(wanted.where(*_said_at(ref), InboxRow.state == "waiting").limit(1))
    row = found.first()
    return f"{row.tenant}:{row.event_id}" if row else None


async def amend(tx: Transaction, event: MessageEdited | MessageDeleted) -> None:
    """Change words that wait, or take them back, before anybody heard them.

    One that is being handled may be too late for that; so the event itself is handled after it.
    """
    row = await tx.scalar(
        select(InboxRow).where(*_said_at(event.ref), InboxRow.state == "waiting").with_for_update()
    )
    if row is None:
        return
    if isinstance(event, MessageDeleted):
        row.state, row.code, row.body, row.done_at = "done", "deleted", "", event.at
    elif row.author == author_of(event):
        with suppress(ValueError):  # One that nobody can read is given up as it comes.
            said = load_incoming(row.body)
            if isinstance(said, MessagePosted):
                row.body = dump_incoming(replace(said, text=event.text))
    await tx.flush()


async def is_waiting(tx: Transaction, event: Incoming, client: str | None = None) -> bool:
    """Whether an event is stored and not handled yet."""
    found = await tx.scalar(
        select(InboxRow.id).where(*_is(event, client), InboxRow.state == "waiting").limit(1)
    )
    return found is not None


def tenant_of(event: Incoming, client: str | None = None) -> str:
    """Within what an event's id is unique: its workspace, or the session `client` of the API."""
    workspace = f"{event.user.platform}/{event.user.workspace}"
    return f"{workspace}/{client}" if client else workspace


def key_of(event: Incoming, client: str | None = None) -> str:
    """An event's name among all events; the keys of what follows from it begin with it."""
    return f"{tenant_of(event, client)}:{event.event_id}"


def author_of(event: Incoming) -> str:
    """The account behind an event, as one string."""
    return f"{tenant_of(event)}/{event.user.id}"


def channel_of(event: Incoming) -> str:
    """The thread of an event as one string; empty where it has none."""
    here: ThreadRef | None = getattr(event, "thread", None)
    return thread_id(here) if here else ""


def _is(event: Incoming, client: str | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return InboxRow.tenant == tenant_of(event, client), InboxRow.event_id == event.event_id


def _message_of(event: Incoming) -> str:
    return event.ref.id if isinstance(event, MessagePosted) and event.ref else ""


def _said_at(ref: MessageRef) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return InboxRow.channel == thread_id(ref.thread), InboxRow.message == ref.id


def _received(row: Any) -> Received:
    try:
        event = load_incoming(row.body)
    except ValueError as error:
        raise Unreadable(row.id) from error
    return Received(
        id=row.id,
        event=event,
        session_id=row.session_id,
        person_id=row.person_id,
        agrees=row.agrees,
        received_at=row.received_at,
    )


def _is_said(body: str) -> bool:
    with suppress(ValueError):
        return isinstance(load_incoming(body), MessagePosted)
    return False


def _answered_together(one: Received, other: Received) -> bool:
    """Whether a turn answers both: messages of one person. Commands never join."""
    return (
        isinstance(one.event, MessagePosted)
        and isinstance(other.event, MessagePosted)
        and (one.event.user, one.person_id) == (other.event.user, other.person_id)
    )


def _may_be_cut(one: Received) -> bool:
    return isinstance(one.event, MessagePosted) and one.event.maybe_cut
