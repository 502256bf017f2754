"""Queries over follow-ups. Of several processes that look at one row, one gets it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, text, update

from bot.store.followups import (
    PLANNED,
    QUEUED,
    FollowingRow,
    FollowUpRow,
    Kind,
    OpinionRow,
    SeenScoreRow,
    State,
)
from bot.store.queues import OutboxRow
from engine.store import Transaction
from engine.store.upsert import insert_new, put

SNOOZED: Final = "snoozed"
"""The code of what somebody put off."""

SCORING: Final = "scoring"
"""The code of what somebody gets once their session is scored; until its `due`, one scores it."""

_KEY: Final = ("person_id", "about", "kind", "n")
_EACH: Final = ("person_id", "session_id")
_OWNED: Final[tuple[tuple[type[FollowUpRow | OpinionRow | SeenScoreRow], tuple[str, ...]], ...]] = (
    (FollowUpRow, _KEY),
    (OpinionRow, _EACH),
    (SeenScoreRow, _EACH),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A follow-up as it is stored. `about` is the session's id, or the workspace's."""

    id: int
    person: str
    session_id: str | None
    workspace: str
    about: str
    kind: Kind
    n: int
    due: datetime
    state: State
    code: str
    done_at: datetime | None

    @property
    def key(self) -> str:
        """Names what is sent, among all that is sent. A snoozed one is sent anew."""
        return f"followup:{self.id}:{self.due.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What somebody chose, and whether direct messages reach them."""

    stopped: bool = False
    unreachable: bool = False


async def plan(
    tx: Transaction,
    *,
    person: str,
    workspace: str,
    kind: Kind,
    n: int,
    due: datetime,
    now: datetime,
    session_id: str | None,
    code: str = "",
) -> bool:
    """Keep that somebody is to get something; False where that was kept before."""
    values = {
        "person_id": person,
        "session_id": session_id,
        "workspace_id": workspace,
        "about": session_id or workspace,
        "kind": kind,
        "n": n,
        "due": due,
        "state": "planned",
        "code": code,
        "created_at": now,
        "done_at": None,
    }
    return await insert_new(tx, FollowUpRow, values, key=_KEY)


async def claim(
    tx: Transaction, *, person: str, workspace: str, session_id: str, now: datetime, until: datetime
) -> bool:
    """Take it on until `until` to score a session somebody gets feedback on.

    False where another has; whoever died at it has it no more once its time is over.
    """
    if await plan(
        tx,
        person=person,
        workspace=workspace,
        kind="feedback",
        n=1,
        due=until,
        now=now,
        session_id=session_id,
        code=SCORING,
    ):
        return True
    left = (
        update(FollowUpRow)
        .where(
            FollowUpRow.person_id == person,
            FollowUpRow.session_id == session_id,
            FollowUpRow.code == SCORING,
            FollowUpRow.due <= now,
        )
        .values(due=until)
        .returning(FollowUpRow.id)
    )
    return await tx.scalar(left) is not None


async def prolong(tx: Transaction, session_id: str, held: datetime, until: datetime) -> bool:
    """Make a claim longer; False where it is no more."""
    ours = (
        update(FollowUpRow)
        .where(
            FollowUpRow.session_id == session_id,
            FollowUpRow.code == SCORING,
            FollowUpRow.due == held,
        )
        .values(due=until)
        .returning(FollowUpRow.id)
    )
    return (await tx.execute(ours)).first() is not None


async def scored(tx: Transaction, *, person: str, session_id: str, due: datetime) -> None:
    """Let the feedback on a session come, that waited for its score."""
    await tx.execute(
        update(FollowUpRow)
        .where(
            FollowUpRow.person_id == person,
            FollowUpRow.session_id == session_id,
            FollowUpRow.code == SCORING,
            text(PLANNED),
        )
        .values(due=due, code="")
    )


async def due(tx: Transaction, now: datetime, limit: int) -> list[int]:
    """Ids of what should have been sent by now, the longest due first."""
    wanted = select(FollowUpRow.id).where(
        text(PLANNED), FollowUpRow.due <= now, FollowUpRow.code != SCORING
    )
    return list(await tx.scalars(wanted.order_by(FollowUpRow.due, FollowUpRow.id).limit(limit)))


async def hold(tx: Transaction, id_: int, now: datetime) -> FollowUp | None:
    """A row that is due, locked until the transaction ends; None where another was faster.

    Whoever stores what follows from it does so in this transaction, together with `settle`.
    """
    row = await tx.scalar(
        select(FollowUpRow)
        .where(FollowUpRow.id == id_, text(PLANNED), FollowUpRow.due <= now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return _followup(row) if row else None


async def settle(tx: Transaction, id_: int, state: State, now: datetime, code: str = "") -> bool:
    """Say what became of a planned row; False where that was said before."""
    done = (
        update(FollowUpRow)
        .where(FollowUpRow.id == id_, text(PLANNED))
        .values(state=state, code=code, done_at=now)
        .returning(FollowUpRow.id)
    )
    return await tx.scalar(done) is not None


async def move(tx: Transaction, id_: int, to: datetime) -> None:
    """Let a planned row come later."""
    await tx.execute(update(FollowUpRow).where(FollowUpRow.id == id_, text(PLANNED)).values(due=to))


async def again(tx: Transaction, id_: int, person: str, at: datetime) -> bool:
    """Send somebody once more what they got, later; False where it is not theirs to move."""
    back = (
        update(FollowUpRow)
        .where(
            FollowUpRow.id == id_,
            FollowUpRow.person_id == person,
            FollowUpRow.state.in_(("sent", "queued", "planned")),
        )
        .values(state="planned", due=at, code=SNOOZED, done_at=None)
        .returning(FollowUpRow.id)
    )
    return await tx.scalar(back) is not None


async def last_sent(tx: Transaction, person: str) -> datetime | None:
    """When somebody last got a follow-up that was not about what they had just done."""
    return await tx.scalar(
        select(func.max(FollowUpRow.done_at)).where(
            FollowUpRow.person_id == person,
            FollowUpRow.state.in_(("queued", "sent")),
            FollowUpRow.kind != "feedback",
        )
    )


async def latest_sent(tx: Transaction, person: str) -> FollowUp | None:
    """What somebody got last."""
    row = await tx.scalar(
        select(FollowUpRow)
        .where(FollowUpRow.person_id == person, FollowUpRow.state.in_(("queued", "sent")))
        .order_by(FollowUpRow.done_at.desc(), FollowUpRow.id.desc())
        .limit(1)
    )
    return _followup(row) if row else None


async def of_person(tx: Transaction, person: str, limit: int = 200) -> list[FollowUp]:
    """All of somebody's follow-ups, what is to come first."""
    rows = await tx.scalars(
        select(FollowUpRow)
        .where(FollowUpRow.person_id == person)
        .order_by(FollowUpRow.state != "planned", FollowUpRow.due, FollowUpRow.id)
        .limit(limit)
    )
    return [_followup(row) for row in rows]


async def end_planned(
    tx: Transaction,
    person: str,
    state: State,
    now: datetime,
    code: str,
    *,
    kinds: Collection[Kind] = (),
    sessions: Collection[str] = (),
) -> int:
    """End what is planned for somebody, of some kinds or about some sessions; how many."""
    wanted = update(FollowUpRow).where(FollowUpRow.person_id == person, text(PLANNED))
    if kinds:
        wanted = wanted.where(FollowUpRow.kind.in_(kinds))
    if sessions:
        wanted = wanted.where(FollowUpRow.session_id.in_(sessions))
    ended = wanted.values(state=state, code=code, done_at=now).returning(FollowUpRow.id)
    return len((await tx.scalars(ended)).all())


async def unsettled(tx: Transaction, limit: int) -> list[tuple[FollowUp, str | None, str]]:
    """What went to the outbox: each with its row's state there, None once gone, and its code."""
    rows = await tx.scalars(
        select(FollowUpRow).where(text(QUEUED)).order_by(FollowUpRow.done_at).limit(limit)
    )
    found = {_followup(row).key: _followup(row) for row in rows}
    sent = await tx.execute(
        select(OutboxRow.event, OutboxRow.state, OutboxRow.code).where(OutboxRow.event.in_(found))
    )
    states = {event: (state, code) for event, state, code in sent}
    return [(one, *states.get(key, (None, ""))) for key, one in found.items()]


async def conclude(tx: Transaction, id_: int, state: State, code: str = "") -> None:
    """Say how sending went."""
    await tx.execute(
        update(FollowUpRow)
        .where(FollowUpRow.id == id_, text(QUEUED))
        .values(state=state, code=code)
    )


async def following(tx: Transaction, person: str) -> Following:
    """What somebody chose; everybody gets follow-ups at first."""
    row = (
        await tx.execute(
            select(FollowingRow.stopped_at, FollowingRow.unreachable_since).where(
                FollowingRow.person_id == person
            )
        )
    ).one_or_none()
    if row is None:
        return Following()
    return Following(
        stopped=row.stopped_at is not None, unreachable=row.unreachable_since is not None
    )


async def follow(tx: Transaction, person: str, **changed: datetime | None) -> None:
    """Keep `stopped_at` or `unreachable_since` of somebody."""
    await insert_new(
        tx,
        FollowingRow,
        {"person_id": person, "stopped_at": None, "unreachable_since": None},
        key=("person_id",),
    )
    row = update(FollowingRow).where(FollowingRow.person_id == person)
    await tx.execute(row.values(**changed))


async def reachable(tx: Transaction, person: str, now: datetime, *, reachable: bool) -> None:
    """Keep whether direct messages reach somebody; what cannot reach them is not tried."""
    await follow(tx, person, unreachable_since=None if reachable else now)
    if not reachable:
        await end_planned(tx, person, "undelivered", now, "unreachable")


async def absorb(tx: Transaction, old: str, into: str) -> None:
    """Make what one person was to get, saw and said that of another.

    What both have stays the other's.
    """
    for table, key in _OWNED:
        rows = await tx.scalars(select(table).where(table.person_id == old))
        for row in rows.all():
            values = {one.name: getattr(row, one.name) for one in table.__table__.columns}
            values.pop("id", None)
            await insert_new(tx, table, {**values, "person_id": into}, key=key)
    if (await following(tx, old)).stopped and not (await following(tx, into)).stopped:
        stopped = await tx.scalar(
            select(FollowingRow.stopped_at).where(FollowingRow.person_id == old)
        )
        await follow(tx, into, stopped_at=stopped)


async def forget(tx: Transaction, person: str) -> list[str]:
    """Remove somebody's follow-ups; the keys by which some of them wait to be sent."""
    rows = await tx.scalars(select(FollowUpRow).where(FollowUpRow.person_id == person))
    keys = [_followup(row).key for row in rows]
    await tx.execute(delete(FollowUpRow).where(FollowUpRow.person_id == person))
    await tx.execute(delete(FollowingRow).where(FollowingRow.person_id == person))
    return keys


async def keep_opinion(tx: Transaction, values: dict[str, object]) -> None:
    """Keep what somebody thinks; the latest about a session counts."""
    await put(tx, OpinionRow, values, key=("person_id", "session_id"))


def _followup(row: FollowUpRow) -> FollowUp:
    return FollowUp(
        id=row.id,
        person=row.person_id,
        session_id=row.session_id,
        workspace=row.workspace_id,
        about=row.about,
        kind=row.kind,
        n=row.n,
        due=row.due,
        state=row.state,
        code=row.code,
        done_at=row.done_at,
    )
