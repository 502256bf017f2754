"""What a follow-up says, from how things stand when it is sent."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from bot import scorecards
from bot.access import NotAllowed
from bot.people import Person
from bot.scorecards import ScoreCard
from bot.services import Services
from bot.store.following import SNOOZED, FollowUp
from bot.store.followups import OpinionRow
from bot.views import debrief as debrief_views
from bot.views import followups as views
from bot.views.debrief import Shown
from bot.views.session import CARE
from engine.errors import UnknownScenario
from engine.session import Status
from engine.store import Transaction, evaluations, sessions
from engine.store.sessions import SessionRecord

WEEK: Final = timedelta(days=7)
_MOST_SESSIONS, _MOST_LINES = 200, 5
_COMPLETED: Final[tuple[Status, ...]] = ("completed",)


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to say any more."""

    code: str


async def composed(
    tx: Transaction, services: Services, row: FollowUp, person: Person
) -> Shown | Nothing:
    """The message of a follow-up, or why there is none.

    Raises:
        NoSession: the session it is about is gone.
    """
    if row.kind == "digest":
        return await _digest(tx, services, row, person)
    if row.session_id is None:
        return Nothing("no_session")
    if row.kind == "unfinished":
        return await _unfinished(tx, services, row, row.session_id)
    try:
        card = await scorecards.card_of(tx, services, row.session_id, person)
    except NotAllowed:
        return Nothing("not_seated")
    if row.kind == "feedback":
        if row.code != SNOOZED and await scorecards.seen(tx, row.session_id, person.id):
            return Nothing("seen")
        if card.step == "shown":
            await scorecards.mark_seen(tx, row.session_id, person.id, services.now())
        shown = debrief_views.debrief(card)
        return replace(shown, message=views.with_ways_out(shown.message, row.id))
    return _practice(row, card)


def _practice(row: FollowUp, card: ScoreCard) -> Shown | Nothing:
    """A question or a drill; nothing while what it would be about is not to be known."""
    if card.step == "silent":
        return Nothing("silent")
    if card.is_held:
        return Nothing("held")
    session_id, found = card.record.id, card.debrief
    if row.kind == "reflection":
        return Shown(message=views.reflection(row.id, card.scenario, session_id, found))
    drills = [one for one in found.recommendations if one.drill]
    if not drills:
        return Nothing("nothing_left")
    label = next((one.label for one in drills if one.criterion == found.weakest), drills[0].label)
    return Shown(message=views.drill(row.id, card.scenario, session_id, label, row.n))


async def _unfinished(
    tx: Transaction, services: Services, row: FollowUp, session_id: str
) -> Shown | Nothing:
    record, scenario, state = await services.simulation.read(tx, session_id)
    if record.status == "completed":
        return Nothing("finished")
    if state.ended_because in CARE:
        return Nothing("care")  # nobody is called back to what they stepped out of
    if record.status == "abandoned" and state.ended_because != "idle":
        return Nothing("stopped")
    if record.updated_at > services.now() - timedelta(hours=12):
        return Nothing("going_on")
    return Shown(message=views.unfinished(row.id, scenario))


async def _digest(
    tx: Transaction, services: Services, row: FollowUp, person: Person
) -> Shown | Nothing:
    if "instructor" not in person.roles:
        return Nothing("no_instructor")  # they were one when it was planned
    since = row.due - WEEK
    played = [
        one
        for one in await sessions.of_owner(
            tx, row.workspace, statuses=_COMPLETED, limit=_MOST_SESSIONS
        )
        if one.completed_at is not None and one.completed_at >= since
    ]
    disputes = await services.assessment.open_disputes(tx, row.workspace)
    if not played and not disputes:
        return Nothing("quiet_week")
    week = await _week(tx, services, played, len(disputes), since)
    return Shown(message=views.digest(row.id, week))


async def _week(
    tx: Transaction,
    services: Services,
    played: list[SessionRecord],
    disputes: int,
    since: datetime,
) -> views.Week:
    people: set[str] = set()
    overall: dict[str, list[int]] = {}
    counts: Counter[str] = Counter()
    hardest: Counter[str] = Counter()
    waiting = 0
    for one in played:
        people |= {each.person for each in await sessions.participants(tx, one.id)}
        title = _title(services, one.scenario_id)
        counts[title] += 1
        policy = services.settings.release or None
        waiting += not (await services.assessment.release_state(tx, one.id, policy)).visible
        stored = await evaluations.latest(tx, one.id)
        if stored is None:
            continue
        if (score := stored.body["overall"]) is not None:
            overall.setdefault(title, []).append(score)
        hardest.update(_missed(stored.body))
    useful, opinions = await _opinions(tx, played, since)
    return views.Week(
        sessions=len(played),
        people=len(people),
        scenarios=[
            (title, count, _mean(overall.get(title, [])))
            for title, count in counts.most_common(_MOST_LINES)
        ],
        hardest=[label for label, _ in hardest.most_common(3)],
        disputes=disputes,
        waiting=waiting,
        useful=useful,
        opinions=opinions,
    )


def _missed(body: Mapping[str, object]) -> list[str]:
    criteria = body["criteria"]
    if not isinstance(criteria, list):
        return []
    return [
        one["label"]
        for one in criteria
        if one["points"] is not None and 2 * one["points"] < one["max"]
    ]


def _mean(scores: list[int]) -> int | None:
    return round(sum(scores) / len(scores)) if scores else None


async def _opinions(
    tx: Transaction, played: list[SessionRecord], since: datetime
) -> tuple[float | None, int]:
    found = (
        await tx.execute(
            select(func.avg(OpinionRow.useful), func.count()).where(
                OpinionRow.session_id.in_([one.id for one in played]), OpinionRow.at > since
            )
        )
    ).one()
    return (None if found[0] is None else float(found[0])), found[1]


def _title(services: Services, scenario_id: str) -> str:
    try:
        return services.catalog.get(scenario_id).title
    except UnknownScenario:
        return scenario_id
