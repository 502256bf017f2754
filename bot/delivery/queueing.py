"""Puts effects into the outbox, and begins to send what this process can show at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Insert, Table, bindparam, case, delete, insert, select, text, update

from adapters.port import BOT, Message
from bot.delivery import leases, outbox
from bot.delivery.leases import Lease
from bot.delivery.outbox import Grown, Outgoing
from bot.delivery.placing import Origin, lane_of, rows_of
from bot.delivery.stored import dump_effect, load_effect
from bot.effects import Effect, Post
from bot.store.locking import in_order
from bot.store.queues import OPEN, OutboxRow
from engine.store import Transaction
from engine.store.often import often

STOPPED: Final = Post(message=Message(text="_This reply was stopped._"))


# Built once: putting a statement together costs more than running it.
_T: Final = cast("Table", OutboxRow.__table__)
_INSERT: Final = often(insert(_T))


def _begin() -> Insert:
    """Stores a row that is sent at once, by `moment`, unless others on its lane come first."""
    given: dict[str, Any] = {
        one.name: bindparam(one.name, type_=one.type) for one in _T.c if one.name != "id"
    }
    others = select(_T.c.id).where(_T.c.lane == given["lane"], text(OPEN)).exists()
    moment = bindparam("moment", type_=_T.c.attempted_at.type)
    given["state"] = case((others, "queued"), else_="sending")
    given["attempts"] = case((others, 0), else_=1)
    given["attempted_at"] = case((others, None), else_=moment)
    return often(insert(_T).values(given).returning(*_T.c))


_BEGIN: Final = _begin()


async def queue(
    tx: Transaction,
    effects: Sequence[Effect],
    origin: Origin,
    now: datetime,
    grown: Grown | None = None,
) -> list[str]:
    """Keep effects to be shown, in order; the lanes on which there is something to send.

    The first line of a character in the thread of `grown` becomes its body.
    """
    rows, lanes = await _planned(tx, effects, origin, now, grown)
    for lane in lanes:
        await outbox.touch(tx, lane, now)
    await _make_way(tx, rows, grown, now)
    if rows:
        await tx.execute(_INSERT, rows)
    return lanes


async def queue_and_take(
    tx: Transaction,
    effects: Sequence[Effect],
    origin: Origin,
    now: datetime,
    grown: Grown | None,
    *,
    worker: str,
    shows: Callable[[str], bool],
) -> list[tuple[Lease, Outgoing]]:
    """As `queue`; and take the lanes that `worker` can show something on, with what comes first.

    That row says then that it is being sent. The one of `grown` is the last of those taken.
    """
    rows, lanes = await _planned(tx, effects, origin, now, grown)
    leases_: dict[str, Lease] = {}
    for lane in lanes:
        lease = None
        if shows(lane):
            needs = outbox.platform_of(lane)
            lease = await leases.touch_and_take(tx, worker, lane, now, needs=needs)
        else:
            await outbox.touch(tx, lane, now)
        if lease is not None:
            leases_[lane] = lease
    await _make_way(tx, rows, grown, now)
    growing = leases_.pop(lane_of(grown.thread), None) if grown else None
    taken = await _begun(tx, rows, leases_, now)
    if grown is not None and growing is not None:
        row = (await tx.execute(select(_T).where(_T.c.key == grown.key))).one()
        taken.append((growing, outbox.outgoing(row)))
    return taken


async def _begun(
    tx: Transaction, rows: Sequence[Mapping[str, Any]], held: Mapping[str, Lease], now: datetime
) -> list[tuple[Lease, Outgoing]]:
    """Store rows, and begin to send what comes first on each lane that is held."""
    taken: list[tuple[Lease, Outgoing]] = []
    left = dict(held)
    rest: list[Mapping[str, Any]] = []
    for row in rows:
        lease = left.pop(row["lane"], None) if row["state"] == "queued" else None
        if lease is None:
            rest.append(row)
            continue
        stored = (await tx.execute(_BEGIN, {**row, "moment": now})).one()
        begun = outbox.outgoing(stored)
        if stored.state == "sending":
            # As it was before: it was not tried yet.
            taken.append((lease, replace(begun, state="queued", attempts=0, attempted_at=None)))
        else:
            taken += await _waited_longer(tx, lease, now)
    if rest:
        await tx.execute(_INSERT, rest)
    return taken


async def _waited_longer(
    tx: Transaction, lease: Lease, now: datetime
) -> list[tuple[Lease, Outgoing]]:
    """Begin to send what is first on a lane where something waited, or let go of it."""
    row = await outbox.first(tx, lease.lane)
    if row is None or row.grows or row.due > now or row.state != "queued":
        await leases.drop(tx, lease)
        return []
    await outbox.sending(tx, row, now)
    return [(lease, row)]


async def _planned(
    tx: Transaction,
    effects: Sequence[Effect],
    origin: Origin,
    now: datetime,
    grown: Grown | None,
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows; and the lanes that get work, in the order in which they are locked."""
    rows = [row async for row in rows_of(tx, effects, origin, now)]
    lanes = [] if grown is None else [lane_of(grown.thread)]
    if grown is not None:
        rows = _take_out(rows, grown)
    lanes += [row["lane"] for row in rows if row["state"] == "queued"]
    return rows, in_order(lanes)


async def _make_way(
    tx: Transaction, rows: Sequence[Mapping[str, Any]], grown: Grown | None, now: datetime
) -> None:
    """Give what grew its body, and take back older changes of cards; their lanes are locked."""
    if grown is not None:
        mine = update(OutboxRow).where(OutboxRow.key == grown.key)
        await tx.execute(mine.values(body=grown.body, due=now))
    cards = [row["card"] for row in rows if row["kind"] == "edit" and row["card"]]
    if cards:
        await tx.execute(
            delete(OutboxRow).where(OutboxRow.card.in_(cards), OutboxRow.state == "queued")
        )


def _take_out(rows: list[dict[str, Any]], grown: Grown) -> list[dict[str, Any]]:
    lane = lane_of(grown.thread)
    body = next((row for row in rows if row["lane"] == lane and _is_line(row["body"])), None)
    effect = load_effect(body["body"]) if body else STOPPED
    if not isinstance(effect, Post):
        raise TypeError("a message that grows is posted")
    grown.message, grown.body = effect.message, dump_effect(effect)
    return [row for row in rows if row is not body]


def _is_line(body: str) -> bool:
    effect = load_effect(body)
    return isinstance(effect, Post) and effect.message.speaker != BOT and effect.exhibit is None
