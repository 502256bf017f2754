"""Commands by which people say how they see a score: rate, dispute, decide, release."""

from collections.abc import Iterable, Mapping

from adapters.port import FieldErrors, Form, Message
from bot import scorecards
from bot.access import NotAllowed, Thing, require
from bot.accounts import account_in
from bot.commands.debrief import WHICH, shown_card
from bot.commands.forms import FORMS, Asking
from bot.commands.library import session_named, title_of
from bot.commands.registry import REGISTRY, BadCommand, Call, Option
from bot.effects import OpenDM, Result, Whisper
from bot.scorecards import ScoreCard
from bot.things import session_thing
from bot.views import debrief as views
from bot.views import feedback as form_views
from bot.views import reviews as review_views
from bot.views.text import when
from engine.assessment.errors import NoDispute, UnknownCriterion
from engine.assessment.scoring import highest
from engine.errors import NotAllowedNow, SimulationError
from engine.scenario import Scenario
from engine.session import Status
from engine.store import Transaction, disputes, sessions
from engine.store.disputes import Dispute

MOST_WAITING, MOST_SHOWN = 100, 5
OWN = "your own session"
_COMPLETED: tuple[Status, ...] = ("completed",)


@REGISTRY.command(
    "rate",
    "Rate how it went: yourself, or as an instructor.",
    points=Option("As history=2 empathy=3; a form asks if left out.", optional=True),
    note=Option("Anything to add.", optional=True, rest=True),
    simulation=WHICH,
    opens_form=True,
)
async def rate(
    tx: Transaction,
    call: Call,
    points: str | None,
    note: str | None,
    simulation: str | None,
) -> Result:
    """Keep a rating. The trainee's own comes before the score, an instructor's at any time."""
    session_id = await session_named(tx, call, simulation)
    card = await scorecards.card_of(tx, call.services, session_id, call.person)
    assessment = call.services.assessment
    if card.step == "running":
        raise NotAllowedNow("it still runs")
    if card.step == "silent":
        raise NotAllowedNow(scorecards.SILENT)
    if card.mine and card.step == "shown":
        return Result((Whisper(message=form_views.seen_already(session_id)),))
    given = _points(points, card)
    if not card.mine:
        await assessment.rate_as_instructor(
            tx, session_id, call.person.id, given, (note or "").strip()
        )
        now = await scorecards.card_of(tx, call.services, session_id, call.person)
        return Result((Whisper(message=views.rated(now)),))
    if card.step != "rate_first":
        raise NotAllowedNow("the score was shown")
    await assessment.rate_self(tx, session_id, call.person.id, given, (note or "").strip())
    shown = views.debrief(await shown_card(tx, call, session_id))
    return Result((Whisper(message=shown.message, exhibit=shown.picture),))


def _points(written: str | None, card: ScoreCard) -> dict[str, int]:
    """Points by criterion, from `history=2 empathy=3`.

    Raises:
        BadCommand: they are not written so, or there are none.
        UnknownCriterion: the rubric has no such criterion.
    """
    pairs = [pair.partition("=") for pair in (written or "").replace(",", " ").split()]
    known = {one.id for one in card.scenario.rubric.criteria}
    if not pairs or not all(value.isdigit() for _, _, value in pairs):
        example = card.scenario.rubric.criteria[0].id
        raise BadCommand("points", f'/sim rate points="{example}=1"')
    if unknown := [name for name, _, _ in pairs if name not in known]:
        raise UnknownCriterion(unknown[0] if unknown[0].isascii() else "criterion")
    return {name: int(value) for name, _, value in pairs}


@FORMS.opens("rate")
async def rate_form(tx: Transaction, asking: Asking) -> Form | None:
    """A field a criterion, for whoever may rate now."""
    card = await _card(tx, asking)
    if card is None or (card.mine and card.step != "rate_first") or card.step == "running":
        return None
    return form_views.rating(card)


@FORMS.checks("rate")
async def rate_checked(tx: Transaction, asking: Asking, given: Mapping[str, str]) -> FieldErrors:
    """At least one criterion is rated."""
    return form_views.rating_errors(given)


@REGISTRY.command(
    "dispute",
    "Say that you see a score differently, and why.",
    criterion=Option("Which criterion."),
    reason=Option("Why it should be another score.", rest=True),
    simulation=WHICH,
    opens_form=True,
)
async def dispute(
    tx: Transaction, call: Call, criterion: str, reason: str, simulation: str | None
) -> Result:
    """Keep the trainee's view of a criterion; an instructor decides on it."""
    session_id = await session_named(tx, call, simulation)
    card = await scorecards.card_of(tx, call.services, session_id, call.person)
    require(call.person, "dispute", session_thing(card.record, card.state))
    if card.step == "silent":
        raise NotAllowedNow(scorecards.SILENT)
    if card.step != "shown":
        raise NotAllowedNow("the score is not there yet")
    made = await call.services.assessment.dispute(
        tx, card.evaluation_id, criterion, reason, call.person.id
    )
    label = form_views.label_of(card.evaluation, made.criterion)
    return Result((Whisper(message=views.disputed(label)),))


@FORMS.opens("dispute")
async def dispute_form(tx: Transaction, asking: Asking) -> Form | None:
    """Which criterion, and why."""
    card = await _card(tx, asking)
    return form_views.dispute(card) if card and card.mine and card.step == "shown" else None


@FORMS.checks("dispute")
async def dispute_checked(tx: Transaction, asking: Asking, given: Mapping[str, str]) -> FieldErrors:
    """There is a reason in words."""
    return form_views.reason_errors(given)


@REGISTRY.command(
    "resolve",
    "Decide on a dispute: other points, or the score stands.",
    roles=("instructor", "admin"),
    dispute=Option("The dispute's ID."),
    points=Option("The points it is to have, or stands."),
    note=Option("What you tell the trainee.", optional=True, rest=True),
)
async def resolve(
    tx: Transaction, call: Call, dispute: str, points: str, note: str | None
) -> Result:
    """Write the decision, and tell whoever disputed."""
    found = await disputes.get(tx, dispute)
    if found is None:
        raise NoDispute("unknown")
    record, scenario, state = await call.services.simulation.read(tx, found.session_id)
    require(call.person, "release", session_thing(record, state))
    if call.person.id in {found.by, *session_thing(record, state).participants}:
        raise NotAllowedNow(OWN)
    if points != "stands" and not points.isdigit():
        raise BadCommand("points", "/sim resolve DISPUTE 2, or /sim resolve DISPUTE stands")
    if found.state != "open":
        made = await _decision(tx, scenario, record.owner, found)
        return Result((Whisper(message=review_views.decided_before(made)),))
    new = None if points == "stands" else int(points)
    decided = await call.services.assessment.resolve(
        tx, found.id, by=call.person.id, points=new, note=note or ""
    )
    made = await _decision(tx, scenario, record.owner, decided)
    told = review_views.told(made, record.id, decided.note)
    letters = await _letters(tx, (found.by,), record.owner, told)
    return Result((Whisper(message=review_views.decided(made)), *letters))


async def _decision(
    tx: Transaction, scenario: Scenario, workspace: str, one: Dispute
) -> review_views.Decision:
    criteria = scenario.rubric.criteria
    return review_views.Decision(
        title=scenario.title,
        label=next((each.label for each in criteria if each.id == one.criterion), one.criterion),
        who=await scorecards.name_of(tx, one.by, workspace),
        by=_called(await scorecards.name_of(tx, one.resolver or "", workspace)),
        changed=one.state == "changed",
    )


def _called(name: str) -> str:
    """What somebody who teaches is called to others."""
    return "An instructor" if name == scorecards.SOMEBODY else name


@FORMS.opens("resolve")
async def resolve_form(tx: Transaction, asking: Asking) -> Form | None:
    """The points that there are, and a note."""
    found = await disputes.get(tx, asking.of("dispute"))
    if found is None or found.state != "open":
        return None
    record, scenario, state = await asking.services.simulation.read(tx, found.session_id)
    try:
        require(asking.person, "release", session_thing(record, state))
    except NotAllowed:
        return None
    if asking.person.id in {found.by, *session_thing(record, state).participants}:
        return None
    wanted = [one for one in scenario.rubric.criteria if one.id == found.criterion]
    if not wanted:
        return None
    return form_views.resolve(found.id, wanted[0].label, highest(wanted[0]), found.reason)


@FORMS.checks("resolve")
async def resolve_checked(tx: Transaction, asking: Asking, given: Mapping[str, str]) -> FieldErrors:
    """The form lets nothing wrong through."""
    return FieldErrors()


@REGISTRY.command(
    "release",
    "Let a trainee see a score that you have looked at.",
    roles=("instructor", "admin"),
    simulation=Option("Which simulation, by ID."),
)
async def release(tx: Transaction, call: Call, simulation: str) -> Result:
    """Release a score, and tell whoever played."""
    session_id = await session_named(tx, call, simulation)
    record, scenario, state = await call.services.simulation.read(tx, session_id)
    require(call.person, "release", session_thing(record, state))
    if not state.over:
        raise NotAllowedNow("it still runs")
    assessment, who = call.services.assessment, await scorecards.players(tx, record)
    if not await assessment.release(tx, session_id, call.person.id):
        before = await _released(tx, call, session_id, record.owner)
        return Result((Whisper(message=review_views.released(scenario, who, before=before)),))
    played = [one.person for one in await sessions.participants(tx, session_id)]
    by = _called(await scorecards.name_of(tx, call.person.id, record.owner))
    told = review_views.score_is_there(scenario.title, session_id, by)
    letters = await _letters(tx, played, record.owner, told)
    return Result((Whisper(message=review_views.released(scenario, who)), *letters))


async def _released(tx: Transaction, call: Call, session_id: str, workspace: str) -> str:
    """Who released a score, and when."""
    found = (await call.services.assessment.release_state(tx, session_id)).released
    if found is None:
        return scorecards.SOMEBODY
    name = await scorecards.name_of(tx, found.by, workspace)
    return f"{name}, {when(found.at, call.person.preferences.time_zone)}"


@REGISTRY.command(
    "review",
    "See what waits for you: scores to release, disputes to decide.",
    roles=("instructor", "admin"),
)
async def review(tx: Transaction, call: Call) -> Result:
    """Everything in this workspace that waits for an instructor."""
    workspace = call.person.workspace
    require(call.person, "review", Thing(kind="workspace", owner=workspace))
    assessment = call.services.assessment
    waiting: list[review_views.Waiting] = []
    for record in await sessions.of_owner(tx, workspace, statuses=_COMPLETED, limit=MOST_WAITING):
        policy = call.services.settings.release or None
        if (await assessment.release_state(tx, record.id, policy)).visible:
            continue
        _, evaluation = await assessment.evaluate(tx, record.id)
        waiting.append(
            review_views.Waiting(
                session_id=record.id,
                title=title_of(call, record.scenario_id),
                who=await scorecards.players(tx, record),
                at=record.completed_at,
                overall=evaluation.overall,
            )
        )
        if len(waiting) == MOST_SHOWN:
            break
    open_ones = [
        await _disputed(tx, call, one)
        for one in await assessment.open_disputes(tx, workspace, limit=MOST_SHOWN)
    ]
    shown = review_views.review(waiting, open_ones, call.person.preferences.time_zone)
    return Result((Whisper(message=shown),))


async def _disputed(tx: Transaction, call: Call, one: Dispute) -> review_views.Disputed:
    record, scenario, _ = await call.services.simulation.read(tx, one.session_id)
    _, evaluation = await call.services.assessment.evaluate(tx, one.session_id, one.by)
    return review_views.Disputed(
        id=one.id,
        who=await scorecards.name_of(tx, one.by, record.owner),
        at=one.at,
        session_id=one.session_id,
        title=scenario.title,
        label=form_views.label_of(evaluation, one.criterion),
        reason=one.reason,
        scored=form_views.points_of(evaluation, one.criterion),
    )


async def _letters(
    tx: Transaction, to: Iterable[str], workspace: str, message: Message
) -> tuple[OpenDM, ...]:
    found = [await account_in(tx, one, workspace) for one in to]
    return tuple(OpenDM(user=user, message=message) for user in found if user is not None)


async def _card(tx: Transaction, asking: Asking) -> ScoreCard | None:
    """The card that a form is about, if the person may see it. Reads alone."""
    session_id = asking.of("simulation") or asking.session_id
    if not session_id:
        return None
    try:
        return await scorecards.card_of(
            tx, asking.services, session_id, asking.person, reading=True
        )
    except (NotAllowed, SimulationError):
        return None
