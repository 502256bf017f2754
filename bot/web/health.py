"""Whether the server lives, is ready, and how it is."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import func, select

from adapters.port import AdapterHealth
from bot.observability import METRICS
from bot.standing import Standing
from bot.store import migrate, patience
from bot.store.database import StoreAway, StoreRefused
from bot.web.context import PROBLEMS, Running
from bot.web.problems import problem, request_id_of
from bot.web.shapes import (
    DatabaseHealth,
    DeliveryHealth,
    Health,
    PlatformHealth,
    SessionCounts,
)
from bot.web.words import words_of
from bot.wiring import App
from engine.store import Transaction
from engine.store.tables import SessionRow

if TYPE_CHECKING:
    from bot.platforms import Platforms

router = APIRouter(tags=["health"], responses=PROBLEMS)

VERSION: Final = version("dressrun")
_WAIT_SECONDS: Final = 2.0


@router.get("/healthz", summary="The process lives")
async def alive() -> dict[str, str]:
    """Looks at nothing: restart the process only when this does not answer."""
    return {"status": "ok"}


@router.get("/readyz", summary="Requests can be served", response_model=None)
async def ready(app: Running, request: Request) -> Response | dict[str, object]:
    """503 unless database, tables and scenarios are there, and every platform is connected.

    Also while nothing can be stored, from a failure until something could be.
    """
    answers = await _answers(app)
    checks = {
        "database": answers,
        "storing": app.services.database.stores,
        "schema": answers and await _at_head(app),
        "catalogue": bool(app.services.catalog.published()),
        **{name: one.state != "down" for name, one in _platforms(request).items()},
    }
    if all(checks.values()):
        return {"status": "ok", "checks": checks}
    return problem(
        request_id_of(request),
        503,
        "not_ready",
        words_of("not_ready"),
        retryable=True,
        more={"checks": checks},
    )


@router.get("/metrics", response_class=Response, summary="Figures for Prometheus")
async def metrics(app: Running) -> Response:
    """No figure and no label holds anything that somebody said."""
    await _standing(app)
    METRICS.stores.set(app.services.database.stores)
    return Response(METRICS.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get("/api/health", summary="How the server is")
async def health(app: Running, request: Request) -> Health:
    """For people and dashboards; 200 also when something is amiss."""
    counts = await _counts(app)
    found = await _standing(app) if counts is not None else None
    stores = counts is not None and app.services.database.stores
    return Health(
        status="ok" if stores and found and not found.stuck else "degraded",
        version=VERSION,
        database=DatabaseHealth(
            kind=app.services.database.dialect, up=counts is not None, stores=stores
        ),
        scenarios=len(app.services.catalog.published()),
        sessions=SessionCounts(
            running=counts.get("in_progress", 0) if counts is not None else None,
            paused=counts.get("paused", 0) if counts is not None else None,
        ),
        model=app.services.models.persona.name,
        delivery=_told(app, found) if found else None,
        platforms=tuple(
            PlatformHealth(
                name=name, state=one.state, code=one.code, since=one.since, heard=one.heard
            )
            for name, one in _platforms(request).items()
        ),
    )


def _platforms(request: Request) -> Mapping[str, AdapterHealth]:
    platforms: Platforms = request.app.state.platforms
    return platforms.health


async def _answers(app: App) -> bool:
    try:
        with patience.waiting(_WAIT_SECONDS):
            await app.services.database.ping()
    except (StoreAway, StoreRefused):
        return False
    return True


async def _at_head(app: App) -> bool:
    try:
        with patience.waiting(_WAIT_SECONDS):
            async with app.services.database.reading() as tx:
                return await migrate.stored(tx) == migrate.head()
    except (StoreAway, StoreRefused):
        return False


async def _counts(app: App) -> Mapping[str, int] | None:
    try:
        with patience.waiting(_WAIT_SECONDS):
            async with app.services.database.reading() as tx:
                return await _by_status(tx)
    except (StoreAway, StoreRefused):
        return None


async def _standing(app: App) -> Standing | None:
    """How delivery stands, for Prometheus as well; None while the database does not answer."""
    try:
        with patience.waiting(_WAIT_SECONDS):
            async with app.services.database.reading() as tx:
                found = await app.services.standing(tx, app.services.now())
    except (StoreAway, StoreRefused):
        return None
    METRICS.late.labels("handle").set(found.late.total_seconds())
    METRICS.late.labels("show").set(found.unsent_late.total_seconds())
    METRICS.queued.labels("handle").set(found.waiting)
    METRICS.queued.labels("show").set(found.unsent)
    METRICS.dead.set(found.lost)
    METRICS.held.set(found.held_for.total_seconds())
    METRICS.processes.set(found.alive)
    METRICS.unheard.set(found.unheard.total_seconds())
    return found


def _told(app: App, found: Standing) -> DeliveryHealth:
    return DeliveryHealth(
        carrier=app.settings.carried_by,
        stuck=found.stuck,
        oldest_to_handle=round(found.late.total_seconds(), 1),
        to_handle=found.waiting,
        oldest_to_show=round(found.unsent_late.total_seconds(), 1),
        to_show=found.unsent,
        put_off=found.put_off,
        dead=found.lost,
        dead_letters=found.letters,
        unknown=found.unknown,
        lanes_held=found.held,
        longest_held=round(found.held_for.total_seconds(), 1),
        lanes_left=found.left,
        processes=found.alive,
        processes_gone=found.gone,
        longest_unheard=round(found.unheard.total_seconds(), 1),
    )


async def _by_status(tx: Transaction) -> Mapping[str, int]:
    rows = await tx.execute(
        select(SessionRow.status, func.count())
        .where(SessionRow.status.in_(("in_progress", "paused")))
        .group_by(SessionRow.status)
    )
    return {row[0]: row[1] for row in rows}
