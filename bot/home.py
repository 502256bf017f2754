"""What the app's own page shows to a person, looked up. Only reads."""

from typing import Final

from adapters.port import HomeShown, Message, Platform
from bot import doors, people, scorecards
from bot.access import NotAllowed
from bot.people import Person
from bot.services import Services
from bot.views import home as views
from engine.assessment.errors import NoEvaluation
from engine.errors import SimulationError, UnknownScenario
from engine.session import Status
from engine.store import Transaction, sessions
from engine.store.sessions import SessionRecord

LAST: Final = 3
"""So many scores are looked up: a page is answered within a second."""


COMPLETED: Final[tuple[Status, ...]] = ("completed",)


async def page(tx: Transaction, services: Services, query: HomeShown) -> Message:
    """The page of whoever looks at it; of somebody who never played, the way in."""
    user = query.user
    id_ = await people.known(tx, people.account_of(user))
    if id_ is None:
        return views.home((), ())
    going_on = await sessions.of_person(
        tx, id_, statuses=("in_progress", "paused"), limit=views.MOST_OPEN
    )
    played = await sessions.of_person(tx, id_, statuses=COMPLETED, limit=LAST)
    workspace = await people.workspace_of(tx, user.platform, user.workspace, at=services.now())
    person = await people.get(tx, id_, workspace)
    open_ones = [await _open(tx, services, one, user.platform) for one in going_on]
    scored = [await _scored(tx, services, one, person) for one in played]
    return views.home(open_ones, [one for one in scored if one is not None])


async def _open(
    tx: Transaction, services: Services, record: SessionRecord, platform: Platform
) -> views.Open:
    rooms = await doors.rooms(tx, record.id)
    room = next((one for one in rooms if one.platform == platform), None)
    return views.Open(record=record, title=_title(services, record), room=room)


async def _scored(
    tx: Transaction, services: Services, record: SessionRecord, person: Person
) -> views.Scored | None:
    """A score that this person may see and has seen; none of one that waits for something."""
    try:
        card = await scorecards.card_of(tx, services, record.id, person, reading=True)
    except (NotAllowed, NoEvaluation, SimulationError):
        return None
    if card.step != "shown":
        return None
    weakest = card.debrief.weakest
    label = next((one.label for one in card.evaluation.criteria if one.id == weakest), "")
    return views.Scored(
        record=record,
        title=card.scenario.title,
        overall=card.evaluation.overall,
        passed=bool(card.evaluation.passed),
        weakest=label,
        drill=f"drill:{weakest}:{record.id[:8]}" if weakest and label else "",
    )


def _title(services: Services, record: SessionRecord) -> str:
    try:
        return services.catalog.get(record.scenario_id).title
    except UnknownScenario:
        return record.scenario_id
