"""Forgetting: deleting sessions, and taking a person out of what others keep."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import delete, select, update

from engine.errors import NoSession
from engine.store import Transaction, said_of_scores, spending
from engine.store.removal import Entry, Removal, Trace, renamed, words_in
from engine.store.seals import rewriting
from engine.store.sessions import hold
from engine.store.tables import CallRow, EvaluationRow, EventRow, ParticipantRow, SessionRow

_GONE = "gone-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What forgetting a person did, by ids of sessions: those deleted, those only cleaned.

    `traces`: what else may stand in what was made of the logs of the latter.
    """

    deleted: tuple[str, ...]
    traces: Mapping[str, Trace]

    @property
    def cleaned(self) -> tuple[str, ...]:
        """The sessions that are still there, without the person."""
        return tuple(self.traces)


async def delete_session(tx: Transaction, session_id: str) -> None:
    """Delete a session with its log, seats, ledger and evaluations.

    Raises:
        NoSession: there is none with this id.
    """
    gone = delete(SessionRow).where(SessionRow.id == session_id).returning(SessionRow.id)
    if await tx.scalar(gone) is None:
        raise NoSession(session_id)
    await spending.forget_session(tx, session_id)


async def forget_person(tx: Transaction, person: str, *, names: Collection[str] = ()) -> Forgotten:
    """Remove a person from every session.

    A session without another human in a seat is deleted. In the others their words become
    "[removed]", `names` too wherever they stand, their id becomes a random one (another in each
    session), and raw answers of models are dropped. What others said in words of their own stays.
    """
    deleted: list[str] = []
    traces: dict[str, Trace] = {}
    for session_id in await _touched(tx, person):
        await hold(tx, session_id)
        seats = await _seats(tx, session_id)
        others = {who for who in seats if who != person and not who.startswith(_GONE)}
        if person in seats and not others:
            await delete_session(tx, session_id)
            deleted.append(session_id)
        else:
            removal = Removal(
                person=person,
                stand_in=f"{_GONE}{uuid4().hex}",
                seats=frozenset(seats.get(person, ())),
                names=frozenset(names),
            )
            traces[session_id] = await _clean(tx, session_id, removal)
    await spending.forget_person(tx, person)
    return Forgotten(deleted=tuple(deleted), traces=traces)


async def merge_person(tx: Transaction, old: str, into: str) -> None:
    """Make everything of the person `old` that of `into`, in every session."""
    for session_id in await _touched(tx, old):
        await hold(tx, session_id)
        async with rewriting(tx, session_id):
            for entry in await _log(tx, session_id):
                body = renamed(entry.body, old, into)
                if body != entry.body:
                    await _write(tx, session_id, entry.seq, body)
        for version, evaluated in (await _evaluations(tx, session_id)).items():
            await _rewrite(tx, session_id, version, renamed(evaluated, old, into))
        await said_of_scores.rename(tx, session_id, old, into)
        await _rename_columns(tx, session_id, old, into)
    await spending.merge_person(tx, old, into)


async def _touched(tx: Transaction, person: str) -> list[str]:
    seated = select(ParticipantRow.session_id).where(ParticipantRow.person_id == person)
    acted = select(EventRow.session_id).where(EventRow.person_id == person)
    found = await tx.scalars(seated.union(acted, said_of_scores.sessions_of(person)))
    return sorted(found)  # Two that forget at the same time lock in the same order.


async def _seats(tx: Transaction, session_id: str) -> dict[str, set[str]]:
    rows = await tx.execute(
        select(ParticipantRow.person_id, ParticipantRow.seat).where(
            ParticipantRow.session_id == session_id
        )
    )
    seats: dict[str, set[str]] = {}
    for person, seat in rows:
        seats.setdefault(person, set()).add(seat)
    return seats


async def _clean(tx: Transaction, session_id: str, removal: Removal) -> Trace:
    log = await _log(tx, session_id)
    evaluations = await _evaluations(tx, session_id)
    own = removal.own(log)
    phrases = removal.phrases(log, list(evaluations.values()))
    left: dict[int, str] = {}
    async with rewriting(tx, session_id):
        for entry in log:
            body = removal.event(entry, own, phrases)
            if body != entry.body:
                await _write(tx, session_id, entry.seq, body, unlink=entry.seq in own)
                if (words := words_in(body)) != words_in(entry.body):
                    left[entry.seq] = words
    for version, body in evaluations.items():
        await _rewrite(tx, session_id, version, removal.evaluation(body, own, phrases, left))
    await tx.execute(update(CallRow).where(CallRow.session_id == session_id).values(raw=None))
    await said_of_scores.clean(tx, session_id, removal, own, phrases)
    await _rename_columns(tx, session_id, removal.person, removal.stand_in)
    return Trace(removal=removal, phrases=phrases)


async def _log(tx: Transaction, session_id: str) -> list[Entry]:
    rows = await tx.execute(
        select(EventRow.seq, EventRow.kind, EventRow.body)
        .where(EventRow.session_id == session_id)
        .order_by(EventRow.seq)
    )
    return [Entry(seq=row.seq, kind=row.kind, body=row.body) for row in rows]


async def _evaluations(tx: Transaction, session_id: str) -> dict[int, dict[str, object]]:
    rows = await tx.execute(
        select(EvaluationRow.version, EvaluationRow.body).where(
            EvaluationRow.session_id == session_id
        )
    )
    return {row.version: row.body for row in rows}


async def _write(
    tx: Transaction, session_id: str, seq: int, body: dict[str, object], *, unlink: bool = False
) -> None:
    changed: dict[str, object] = {"body": body}
    if unlink:
        changed["external_id"] = None
    await tx.execute(
        update(EventRow)
        .where(EventRow.session_id == session_id, EventRow.seq == seq)
        .values(changed)
    )


async def _rewrite(tx: Transaction, session_id: str, version: int, body: dict[str, object]) -> None:
    await tx.execute(
        update(EvaluationRow)
        .where(EvaluationRow.session_id == session_id, EvaluationRow.version == version)
        .values(body=body)
    )


async def _rename_columns(tx: Transaction, session_id: str, old: str, new: str) -> None:
    await tx.execute(
        update(EventRow)
        .where(EventRow.session_id == session_id, EventRow.person_id == old)
        .values(person_id=new)
    )
    await tx.execute(
        update(EvaluationRow)
        .where(EvaluationRow.session_id == session_id, EvaluationRow.participant == old)
        .values(participant=new)
    )
    # Where both sat in the same seat, one row stays.
    already = select(ParticipantRow.seat).where(
        ParticipantRow.session_id == session_id, ParticipantRow.person_id == new
    )
    both = list(await tx.scalars(already))
    mine = (ParticipantRow.session_id == session_id, ParticipantRow.person_id == old)
    await tx.execute(delete(ParticipantRow).where(*mine, ParticipantRow.seat.in_(both)))
    await tx.execute(update(ParticipantRow).where(*mine).values(person_id=new))
