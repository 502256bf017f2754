"""What is planned for people: after a session ends, while one lies unfinished, once a week.

Planning looks at what is stored and adds what lacks. A row is there once whoever looks, so several
processes may plan, and one that died in the middle has lost nothing.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, or_, select

from adapters.port import Platform
from bot import links, people
from bot.afterwards.timing import RULES, due_days_later, next_digest
from bot.people import NoPerson, Person
from bot.preferences import Preferences
from bot.store import following as rows
from bot.store.followups import FollowUpRow, Kind
from bot.store.tables import MembershipRow, PersonRow, WorkspaceRow
from engine.assessment.party import party_of
from engine.store import Transaction, origins, sessions
from engine.store import events as event_rows
from engine.store.sessions import SessionRecord
from engine.store.tables import ParticipantRow, SessionRow

BACK: Final = timedelta(days=2)
"""A session that ended longer ago is over: nobody is written to about it out of the blue."""

RESTS: Final = timedelta(hours=20)
"""A session in which nothing was written for so long is unfinished."""

_AFTER: Final[tuple[Kind, ...]] = ("feedback", "reflection", "drill")
_REMINDERS: Final[tuple[Kind, ...]] = ("unfinished",)
_OPEN: Final = ("in_progress", "paused", "abandoned")
_REMINDED: Final = timedelta(days=RULES["unfinished"].days[-1] + 2)


async def ended(
    tx: Transaction, now: datetime, platforms: Collection[Platform], limit: int
) -> list[str]:
    """Ids of sessions that just ended, for whose people nothing is planned and nobody is at it."""
    wanted = (
        select(SessionRow.id)
        .join(WorkspaceRow, WorkspaceRow.id == SessionRow.owner)
        .where(
            SessionRow.completed_at > now - BACK,
            SessionRow.status == "completed",
            WorkspaceRow.platform.in_(platforms),
            exists().where(
                ParticipantRow.session_id == SessionRow.id, ParticipantRow.person_id == PersonRow.id
            ),
            ~exists().where(
                FollowUpRow.session_id == SessionRow.id,
                FollowUpRow.kind == "feedback",
                or_(FollowUpRow.code != rows.SCORING, FollowUpRow.due > now),
            ),
        )
    )
    return list(await tx.scalars(wanted.order_by(SessionRow.completed_at).limit(limit)))


async def seated(tx: Transaction, record: SessionRecord, *, left: bool = True) -> list[Person]:
    """Who sits in a session, and with `left` who once sat; those who were forgotten are not."""
    found: list[Person] = []
    for one in await sessions.participants(tx, record.id):
        with suppress(NoPerson):
            if left or one.left_at is None:
                found.append(await people.get(tx, one.person, record.owner))
    return found


async def nameless_staff(tx: Transaction, workspace: str, limit: int) -> list[Person]:
    """Who teaches in a workspace and has no name yet, so that nobody can be told who decided."""
    wanted = (
        select(MembershipRow.person_id)
        .join(PersonRow, PersonRow.id == MembershipRow.person_id)
        .where(
            MembershipRow.workspace_id == workspace,
            MembershipRow.role.in_(("instructor", "admin")),
            PersonRow.name == "",
        )
        .distinct()
    )
    found = await tx.scalars(wanted.order_by(MembershipRow.person_id).limit(limit))
    return [await people.get(tx, one, workspace) for one in found.all()]


async def claimed(tx: Transaction, session_id: str, now: datetime, until: datetime) -> bool:
    """Take it on to score an ended session and to plan what follows; of several, one gets it.

    Raises:
        NoSession: it was deleted meanwhile.
    """
    record = await sessions.get(tx, session_id)
    won = [
        await rows.claim(
            tx,
            person=person.id,
            workspace=record.owner,
            session_id=session_id,
            now=now,
            until=until,
        )
        for person in await seated(tx, record)
    ]
    return any(won)


async def prolonged(tx: Transaction, session_id: str, held: datetime, until: datetime) -> bool:
    """Have for longer what was claimed until `held`; False where another has it by now."""
    return await rows.prolong(tx, session_id, held, until)


async def is_others(tx: Transaction, session_id: str) -> bool:
    """Whether somebody scores an ended session that is ours no more, or has done so."""
    theirs = exists().where(
        FollowUpRow.session_id == session_id,
        FollowUpRow.kind == "feedback",
        FollowUpRow.code.in_((rows.SCORING, "")),
    )
    return bool(await tx.scalar(select(theirs)))


async def after(tx: Transaction, session_id: str, now: datetime) -> None:
    """Plan what the people of an ended session get.

    What an earlier try of the same scenario would still have brought gives way to it. Of several,
    who said nothing gets a word about that alone.

    Raises:
        NoSession: it was deleted meanwhile.
    """
    record = await sessions.get(tx, session_id)
    await links.keep_deeds(tx, session_id)
    since = record.completed_at or now
    grown = await origins.get(tx, session_id) is not None
    silent = party_of(await event_rows.of_session(tx, session_id)).silent
    for person in await seated(tx, record):
        await rows.end_planned(
            tx, person.id, "skipped", now, "finished", kinds=_REMINDERS, sessions=[session_id]
        )
        due = due_days_later(since, 0, person.preferences)
        await rows.scored(tx, person=person.id, session_id=session_id, due=due)
        practises = not grown and person.id not in silent
        if practises:
            await _give_way(tx, person.id, record, now)
        for kind in _AFTER if practises else _AFTER[:1]:
            await _plan(tx, record, person.id, kind, since, person.preferences, now)


async def _give_way(tx: Transaction, person: str, record: SessionRecord, now: datetime) -> None:
    earlier = await sessions.of_person(tx, person, scenario_id=record.scenario_id)
    older = [one.id for one in earlier if one.id != record.id]
    if older:
        await rows.end_planned(
            tx, person, "skipped", now, "newer", kinds=("reflection", "drill"), sessions=older
        )


async def _plan(
    tx: Transaction,
    record: SessionRecord,
    person: str,
    kind: Kind,
    since: datetime,
    wanted: Preferences,
    now: datetime,
) -> None:
    for n, days in enumerate(RULES[kind].days, 1):
        await rows.plan(
            tx,
            person=person,
            workspace=record.owner,
            kind=kind,
            n=n,
            due=due_days_later(since, days, wanted),
            now=now,
            session_id=record.id,
        )


async def unfinished(
    tx: Transaction, now: datetime, platforms: Collection[Platform], limit: int
) -> list[str]:
    """Ids of sessions that lie unfinished, and about which nobody is to be reminded yet."""
    wanted = (
        select(SessionRow.id)
        .join(WorkspaceRow, WorkspaceRow.id == SessionRow.owner)
        .where(
            SessionRow.status.in_(_OPEN),
            SessionRow.updated_at <= now - RESTS,
            SessionRow.updated_at > now - _REMINDED,
            WorkspaceRow.platform.in_(platforms),
            exists().where(
                ParticipantRow.session_id == SessionRow.id,
                ParticipantRow.person_id == PersonRow.id,
                ParticipantRow.left_at.is_(None),
            ),
            ~exists().where(
                FollowUpRow.session_id == SessionRow.id, FollowUpRow.kind == "unfinished"
            ),
        )
    )
    return list(await tx.scalars(wanted.order_by(SessionRow.updated_at).limit(limit)))


async def remind(tx: Transaction, session_id: str, now: datetime) -> None:
    """Plan the reminders of an unfinished session.

    Raises:
        NoSession: it was deleted meanwhile.
    """
    record = await sessions.get(tx, session_id)
    for person in await seated(tx, record, left=False):
        await _plan(tx, record, person.id, "unfinished", record.updated_at, person.preferences, now)


async def digests(tx: Transaction, now: datetime, platforms: Collection[Platform]) -> None:
    """Plan next week's digest for everybody who teaches where somebody practised this week."""
    teaching = await tx.execute(
        select(MembershipRow.person_id, MembershipRow.workspace_id)
        .join(WorkspaceRow, WorkspaceRow.id == MembershipRow.workspace_id)
        .where(
            MembershipRow.role == "instructor",
            WorkspaceRow.platform.in_(platforms),
            exists().where(
                SessionRow.owner == MembershipRow.workspace_id,
                SessionRow.created_at > now - timedelta(days=7),
            ),
            ~exists().where(
                FollowUpRow.person_id == MembershipRow.person_id,
                FollowUpRow.about == MembershipRow.workspace_id,
                FollowUpRow.state == "planned",
            ),
        )
    )
    for person, workspace in teaching.all():
        due, week = next_digest(now, await people.preferences(tx, person))
        await rows.plan(
            tx,
            person=person,
            workspace=workspace,
            kind="digest",
            n=week,
            due=due,
            now=now,
            session_id=None,
        )
