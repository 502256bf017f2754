"""Sessions: start, look, finish, score, take away."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from bot.access import NotAllowed, Verb, may, require
from bot.afterwards.scoring import scored
from bot.commands.exports import MEDIA_TYPES
from bot.observability import METRICS, correlated
from bot.people import Person
from bot.platforms import Visitor
from bot.retrying import again
from bot.scorecards import mark_seen, require_released
from bot.settling import settle
from bot.store import pruning
from bot.store.snapshots import snapshot
from bot.things import scenario_thing, session_thing
from bot.views import people as people_views
from bot.web import callers, exhibits
from bot.web.context import PROBLEMS, Running, SessionId, Who
from bot.web.people import response_line
from bot.web.scenarios import published
from bot.web.shapes import (
    EvaluationView,
    NewSession,
    ResponseLine,
    SessionLine,
    SessionOpened,
    SessionView,
    Tokens,
    Transcript,
    TurnLine,
    UserId,
)
from bot.web.words import AGREEING
from bot.wiring import App
from engine.archive import Format, transcript_of
from engine.assessment import Evaluation
from engine.assessment.evaluation import as_json
from engine.director import phase_named
from engine.inputs import Input, Step
from engine.llm.port import Deadline
from engine.scenario import Scenario
from engine.session import State
from engine.store import Transaction, forget, ledger, sessions
from engine.store.sessions import SessionRecord

router = APIRouter(prefix="/api/sessions", tags=["sessions"], responses=PROBLEMS)

As = Annotated[UserId | None, Query(alias="user_id", description="Who acts, where several play.")]
JUDGING_SECONDS = 45


@router.post("", status_code=201, summary="Start a session")
async def start(app: Running, who: Who, wanted: NewSession) -> SessionOpened:
    """Always a new one. The person is made on first use; whoever is logged in is their own."""
    services = app.services
    scenario = published(app, wanted.scenario_id)
    async with services.database.transaction() as tx:
        person = await callers.person(tx, wanted.user_id, services.now(), who)
        _require_start(person, scenario)
        spoken = wanted.language or person.preferences.language
        started = await services.simulation.start(
            tx,
            scenario,
            people={"": person.id},
            mode=wanted.mode,
            language=spoken if wanted.language or spoken in scenario.languages else None,
            owner=person.workspace,
        )
    METRICS.started.labels(scenario.id).inc()
    return SessionOpened(
        session_id=started.session.id,
        scenario_id=scenario.id,
        mode=started.session.mode,
        status=started.session.status,
        opening=turns_of(scenario, started.state),
        notice=None if person.consented else notice(app, scenario),
    )


def _require_start(person: Person, scenario: Scenario) -> None:
    verdict = may(person, "start", scenario_thing(scenario, person.workspace))
    # Agreeing comes with the first message: without a page there is nothing to press before.
    if not verdict.allowed and verdict.why != "needs_consent":
        raise NotAllowed(verdict.why)


def notice(app: App, scenario: Scenario) -> str:
    """Who reads along and how to be forgotten, for somebody who has not agreed yet."""
    told = people_views.notice(
        app.services.models.heard_by, scenario.privacy.retention_days, then=""
    )
    return f"{told.text}\n{AGREEING}"


@router.get("", summary="A person's sessions, newest first")
async def of_person(
    app: Running,
    who: Who,
    user_id: Annotated[UserId, Query()],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[SessionLine]:
    """Empty for somebody who was never here."""
    async with app.services.database.reading() as tx:
        person = await callers.named(tx, user_id, who)
        found = await sessions.of_person(tx, person, limit=limit) if person else []
    return [SessionLine(**_line(one)) for one in found]


@router.get("/{session_id}", summary="A session as it stands")
async def one(app: Running, session_id: SessionId) -> SessionView:
    """Status, phase, time, turns, what was shown, what it took."""
    async with app.services.database.reading() as tx:
        return await _view(app, tx, session_id)


@router.get("/{session_id}/transcript", summary="Everything that was said")
async def transcript(app: Running, session_id: SessionId) -> Transcript:
    """First to last, with the seq of each line."""
    async with app.services.database.reading() as tx:
        _, scenario, state = await app.services.simulation.read(tx, session_id)
    return Transcript(turns=turns_of(scenario, state))


@router.post("/{session_id}/complete", summary="Finish a session")
async def complete(
    app: Running, who: Who, session_id: SessionId, user_id: As = None
) -> SessionView:
    """A turn under way is cut short. Finishing what is complete changes nothing."""
    with correlated(session_id=session_id):
        async with app.services.database.transaction() as tx:
            record = await _allowed(app, tx, session_id, "end", user_id, who)
        if record.status != "completed":
            await app.delivery.ending.what_was_said(session_id)
        if await again(lambda: _finish(app, session_id, user_id, who)):
            app.delivery.bell.ring(session_id)
        async with app.services.database.reading() as tx:
            return await _view(app, tx, session_id)


async def _finish(app: App, session_id: str, user_id: str | None, who: Visitor | None) -> bool:
    """Complete a session; False where it was complete."""
    async with app.services.database.transaction() as tx:
        record = await _allowed(app, tx, session_id, "end", user_id, who)
        if record.status == "completed":
            return False
        ended = await app.services.simulation.apply(tx, session_id, _step("end"))
        await app.delivery.show(tx, ended, f"complete:{session_id}:{ended.state.seq}")
        return True


def _step(verb: str) -> Callable[[State, datetime], Input]:
    return lambda _state, at: Step(at=at, verb=verb)


@router.post("/{session_id}/evaluate", summary="Score a session")
async def evaluate(
    app: Running, who: Who, session_id: SessionId, user_id: As = None
) -> EvaluationView:
    """The score card as the log stands now. A new version only where something changed.

    A judge, where one is set, is asked about a session that is over; that takes a while. Whoever
    played gets their own, and has seen it then: they rate themselves no more.
    """
    async with app.services.database.transaction() as tx:
        record, _, state = await app.services.simulation.read(tx, session_id)
        person = await callers.actor(tx, record, state, user_id, who)
        thing = session_thing(record, state)
        require(person, "evaluate", thing)
        if not may(person, "release", thing).allowed:
            await require_released(tx, app.services, session_id)
    deadline = Deadline(asyncio.get_running_loop().time() + JUDGING_SECONDS)
    version, found = await scored(app.services, session_id, person.id, deadline)
    if state.over and person.id in thing.participants:
        async with app.services.database.transaction() as tx:
            await mark_seen(tx, session_id, person.id, app.services.now())
    return evaluation_view(session_id, version, found)


def evaluation_view(session_id: str, version: int, found: Evaluation) -> EvaluationView:
    """A score card as JSON values."""
    body = {**as_json(found), "id": f"{session_id}-{version}", "version": version}
    return EvaluationView.model_validate(body)


@router.get("/{session_id}/export", response_class=Response, summary="The transcript as a file")
async def export(
    app: Running, session_id: SessionId, format: Annotated[Format, Query()] = "md"
) -> Response:
    """Markdown, JSON or CSV."""
    async with snapshot(app.services.database) as tx:
        record = await sessions.get(tx, session_id)
        body = await app.services.archive.export(tx, session_id, format)
    name = f"{record.scenario_id}-{session_id[:8]}.{format}"
    return Response(
        body,
        media_type=f"{MEDIA_TYPES[format]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/{session_id}/responses", summary="Calls of models in a session")
async def responses(app: Running, session_id: SessionId) -> list[ResponseLine]:
    """What each took, without its words."""
    async with app.services.database.reading() as tx:
        await sessions.get(tx, session_id)
        found = await ledger.of_session(tx, session_id)
    return [response_line(one) for one in found]


@router.delete("/{session_id}", status_code=204, summary="Delete a session")
async def delete(app: Running, who: Who, session_id: SessionId, user_id: As = None) -> None:
    """Its log, scores and ledger are gone for good."""
    async with app.services.database.transaction() as tx:
        await _allowed(app, tx, session_id, "forget", user_id, who)
        await forget.delete_session(tx, session_id)
        await pruning.of_sessions(tx, [session_id])
    await settle(app.services.database)
    app.services.hub.changed(session_id)


async def _allowed(
    app: App,
    tx: Transaction,
    session_id: str,
    verb: Verb,
    user_id: str | None,
    who: Visitor | None,
) -> SessionRecord:
    record, _, state = await app.services.simulation.read(tx, session_id)
    person = await callers.actor(tx, record, state, user_id, who)
    require(person, verb, session_thing(record, state))
    return record


def turns_of(scenario: Scenario, state: State) -> tuple[TurnLine, ...]:
    """The transcript as JSON values."""
    return tuple(TurnLine.model_validate(one) for one in transcript_of(scenario, state))


def _line(record: SessionRecord) -> dict[str, object]:
    return {
        "session_id": record.id,
        "scenario_id": record.scenario_id,
        "mode": record.mode,
        "status": record.status,
        "phase": record.phase,
        "created_at": record.created_at,
        "started_at": record.started_at,
        "completed_at": record.completed_at,
    }


async def _view(app: App, tx: Transaction, session_id: str) -> SessionView:
    record, scenario, state = await app.services.simulation.read(tx, session_id)
    totals = await ledger.totals(tx, session_id)
    return SessionView.model_validate(
        {
            **_line(record),
            "title": scenario.title,
            "phase_title": phase_named(scenario, state.phase).title,
            "turns": state.turns,
            "minutes": round(state.minutes(app.services.now()), 2),
            "seq": state.seq,
            "exhibits": exhibits.shown(session_id, scenario, state),
            "tokens": Tokens(input=totals.tokens_in, output=totals.tokens_out, calls=totals.calls),
        }
    )
