"""Queries over the ledger: every call of a model, and what it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    cast,
    delete,
    func,
    select,
    update,
)

from engine.calls import Call as Call
from engine.calls import CallKind as CallKind
from engine.store import Transaction, spending
from engine.store.often import often
from engine.store.sessions import hold
from engine.store.tables import CallRow, ParticipantRow, SessionRow
from engine.store.upsert import insert_new
from engine.usage import Usage

_LAST: Final = often(
    select(func.max(CallRow.seq_in_session)).where(CallRow.session_id == bindparam("of"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A call in the ledger: `number` counts from 1 within its session."""

    session_id: str
    number: int
    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over calls. `tokens_in` includes `cache_read`, `tokens_out` includes `reasoning`.

    `estimated` is how many of the calls were counted by estimate.
    """

    calls: int
    tokens_in: int
    tokens_out: int
    reasoning: int
    cost_micro_usd: int
    cache_read: int = 0
    estimated: int = 0


async def append(
    tx: Transaction, session_id: str, calls: Sequence[Call], *, held: bool = False
) -> list[int]:
    """Enter calls in order; their numbers. `held`: this transaction keeps the session already.

    A call whose provider and response id this session knows is not entered again: its first number
    comes back, so a turn that is repeated counts nothing twice. An id that another session has
    tells nothing (a provider counted anew); such a call is entered without it. One that was
    announced takes the place of its announcement.

    What new calls cost is added to what their conversation, people and workspace have spent.

    Raises:
        engine.errors.NoSession: there is no such session.
    """
    if not calls:
        return []
    if not held:
        await hold(tx, session_id)  # Two that count at the same time would take the same number.
    last: int | None = await tx.scalar(_LAST, {"of": session_id})
    numbers: list[int] = []
    following = (last or 0) + 1
    cost = 0
    for call in calls:
        counted = await _taken_back(tx, session_id, call.entry) if call.entry else None
        if call.entry and counted is None and await _stands(tx, session_id, call.entry):
            numbers.append(call.entry)
            continue
        place = following if counted is None or call.entry is None else call.entry
        number = await _enter(tx, session_id, place, call)
        numbers.append(number)
        cost -= counted or 0
        if number == place:
            cost += call.cost_micro_usd
            following += place == following
    await _spend(tx, session_id, cost, max(call.at for call in calls))
    return numbers


async def begin(tx: Transaction, session_id: str, call: Call, lost_after: datetime) -> int:
    """Enter a call before it is made, with an estimate of what it takes; its number.

    Until it is appended it counts nowhere.

    Raises:
        engine.errors.NoSession: there is no such session.
    """
    await hold(tx, session_id)
    last: int | None = await tx.scalar(_LAST, {"of": session_id})
    number = (last or 0) + 1
    place = {"session_id": session_id, "seq_in_session": number}
    values = {**_values(call), **place, "status": "started", "lost_after": lost_after}
    await insert_new(tx, CallRow, values, key=("session_id", "seq_in_session"))
    return number


async def late(tx: Transaction, now: datetime, *, limit: int = 100) -> list[tuple[str, int]]:
    """Calls of which nothing was heard for too long, as session and number."""
    asked = select(CallRow.session_id, CallRow.seq_in_session)
    asked = asked.where(CallRow.status == "started", CallRow.lost_after <= now).limit(limit)
    return [(row.session_id, row.seq_in_session) for row in await tx.execute(asked)]


async def lose(tx: Transaction, session_id: str, number: int) -> bool:
    """Count a started call by its estimate, since its process is gone; whether it still was one.

    Where it is appended after all, what it really took is what counts.

    Raises:
        engine.errors.NoSession: there is no such session.
    """
    await hold(tx, session_id)
    given_up = update(CallRow).where(*_is_entry(session_id, number), CallRow.status == "started")
    given_up = given_up.values(status="lost", estimated=True)
    row = (await tx.execute(given_up.returning(CallRow.cost_micro_usd, CallRow.created_at))).first()
    if row is None:
        return False
    await _spend(tx, session_id, row.cost_micro_usd, row.created_at)
    return True


async def _taken_back(tx: Transaction, session_id: str, number: int) -> int | None:
    """Remove what announced a call; what it was counted with so far, None where there is none."""
    still = CallRow.status.in_(("started", "lost"))
    gone = delete(CallRow).where(*_is_entry(session_id, number), still)
    row = (await tx.execute(gone.returning(CallRow.status, CallRow.cost_micro_usd))).first()
    if row is None:
        return None
    return row.cost_micro_usd if row.status == "lost" else 0


async def _stands(tx: Transaction, session_id: str, number: int) -> bool:
    """Whether an announced call was appended before, by a transaction that seemed to fail."""
    here = select(CallRow.seq_in_session).where(*_is_entry(session_id, number))
    return await tx.scalar(here) is not None


def _is_entry(session_id: str, number: int) -> tuple[ColumnElement[bool], ...]:
    return (CallRow.session_id == session_id, CallRow.seq_in_session == number)


async def _spend(tx: Transaction, session_id: str, cost: int, at: datetime) -> None:
    if not cost:
        return
    owner = await tx.scalar(select(SessionRow.owner).where(SessionRow.id == session_id))
    seated = select(ParticipantRow.person_id).where(
        ParticipantRow.session_id == session_id, ParticipantRow.left_at.is_(None)
    )
    await spending.add(
        tx,
        session_id=session_id,
        owner=owner or "",
        people=tuple(set(await tx.scalars(seated))),
        micro_usd=cost,
        at=at,
    )


async def _enter(tx: Transaction, session_id: str, number: int, call: Call) -> int:
    values = {**_values(call), "session_id": session_id, "seq_in_session": number}
    key = ("provider", "response_id")
    if await insert_new(tx, CallRow, values, key=key):
        return number
    known = await tx.scalar(
        select(CallRow.seq_in_session)
        .where(CallRow.session_id == session_id, CallRow.provider == call.provider)
        .where(CallRow.response_id == call.response_id)
    )
    if known is None:
        await insert_new(tx, CallRow, {**values, "response_id": None}, key=key)
    return number if known is None else known


async def of_session(tx: Transaction, session_id: str) -> list[Entry]:
    """Every call of a session, in order."""
    return await _entries(
        tx, _calls().where(CallRow.session_id == session_id).order_by(CallRow.seq_in_session)
    )


async def of_person(tx: Transaction, person: str, *, limit: int = 200) -> list[Entry]:
    """The newest calls of the sessions in which a person sits or once sat, newest first."""
    newest = _calls().where(CallRow.session_id.in_(_seated(person)))
    return await _entries(
        tx, newest.order_by(CallRow.created_at.desc(), CallRow.id.desc()).limit(limit)
    )


async def totals(tx: Transaction, session_id: str) -> Totals:
    """What a session took so far."""
    row = (
        await tx.execute(
            select(
                func.count(),
                *(
                    func.coalesce(func.sum(column), 0)
                    for column in (
                        CallRow.tokens_in,
                        CallRow.tokens_out,
                        CallRow.reasoning,
                        CallRow.cost_micro_usd,
                        CallRow.cache_read,
                        cast(CallRow.estimated, Integer),
                    )
                ),
            ).where(CallRow.session_id == session_id, CallRow.status != "started")
        )
    ).one()
    calls, tokens_in, tokens_out, reasoning, cost, read, guessed = (int(one) for one in row)
    return Totals(
        calls=calls,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        reasoning=reasoning,
        cost_micro_usd=cost,
        cache_read=read,
        estimated=guessed,
    )


async def spent(
    tx: Transaction, *, since: datetime, owner: str | None = None, person: str | None = None
) -> int:
    """Micro-USD spent since a moment: by one workspace, around one person, or by everybody."""
    total = select(func.coalesce(func.sum(CallRow.cost_micro_usd), 0))
    total = total.where(CallRow.created_at >= since, CallRow.status != "started")
    if owner is not None:
        owned = select(SessionRow.id).where(SessionRow.owner == owner)
        total = total.where(CallRow.session_id.in_(owned))
    if person is not None:
        total = total.where(CallRow.session_id.in_(_seated(person)))
    return int(await tx.scalar(total) or 0)


def _seated(person: str) -> Select[str]:
    return select(ParticipantRow.session_id).where(ParticipantRow.person_id == person)


def _values(call: Call) -> dict[str, Any]:
    return {
        "kind": call.kind,
        "provider": call.provider,
        "model": call.model,
        "response_id": call.response_id or None,  # "" is what some clients give for none
        "status": call.status,
        "tokens_in": call.usage.input,
        "tokens_out": call.usage.output,
        "reasoning": call.usage.reasoning,
        "cache_read": call.usage.cache_read,
        "cache_write": call.usage.cache_write,
        "cache_write_long": call.usage.cache_write_long,
        "estimated": call.usage.estimated,
        "cost_micro_usd": call.cost_micro_usd,
        "latency_ms": call.latency_ms,
        "request_id": call.request_id,
        "reason": call.reason,
        "created_at": call.at,
        "raw": dict(call.raw) if call.raw is not None else None,
    }


def _calls() -> Select[*tuple[Any, ...]]:
    return select(*CallRow.__table__.c)


async def _entries(tx: Transaction, wanted: Select[*tuple[Any, ...]]) -> list[Entry]:
    return [
        Entry(
            session_id=row.session_id,
            number=row.seq_in_session,
            call=Call(
                kind=row.kind,
                provider=row.provider,
                model=row.model,
                status=row.status,
                at=row.created_at,
                response_id=row.response_id,
                usage=Usage(
                    input=row.tokens_in,
                    output=row.tokens_out,
                    reasoning=row.reasoning,
                    cache_read=row.cache_read,
                    cache_write=row.cache_write,
                    cache_write_long=row.cache_write_long,
                    estimated=row.estimated,
                ),
                cost_micro_usd=row.cost_micro_usd,
                latency_ms=row.latency_ms,
                request_id=row.request_id,
                reason=row.reason,
                raw=row.raw,
            ),
        )
        for row in await tx.execute(wanted)
    ]
