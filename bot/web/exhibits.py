"""Exhibits of a session: what was shown, as values, pictures and tables."""

import asyncio

from fastapi import APIRouter, Response

from bot.exhibits.csv_file import csv_bytes
from bot.exhibits.pictures import png
from bot.exhibits.tables import alt_text, table_of
from bot.web.context import PROBLEMS, Running, SessionId
from bot.web.shapes import ExhibitView
from bot.web.words import NoExhibit
from bot.wiring import App
from engine.scenario import Scenario
from engine.scenario.exhibits import Exhibit, Media, Radiology
from engine.session import State

router = APIRouter(prefix="/api/sessions", tags=["exhibits"], responses=PROBLEMS)


def view(session_id: str, scenario: Scenario, state: State, exhibit: Exhibit) -> ExhibitView:
    """An exhibit that was shown; a withheld report is not in it."""
    here = f"/api/sessions/{session_id}/exhibits/{exhibit.id}"
    base = {
        "id": exhibit.id,
        "title": exhibit.title,
        "kind": exhibit.kind,
        "seq": state.released.get(exhibit.id, 0),
        "caption": exhibit.caption,
        "alt": alt_text(exhibit),
    }
    if isinstance(exhibit, Media | Radiology):
        file = f"/api/documents/{scenario.id}/{exhibit.file}?session={session_id}"
        seen = isinstance(exhibit, Radiology) or exhibit.kind == "image"
        return ExhibitView(
            **base,
            columns=(),
            rows=(),
            report=_report(exhibit, state),
            picture=file if seen else None,
            csv=None,
            file=file,
        )
    table = table_of(exhibit)
    return ExhibitView(
        **base,
        columns=table.columns,
        rows=table.rows,
        report=None,
        picture=f"{here}.png",
        csv=f"{here}.csv",
        file=None,
    )


def shown(session_id: str, scenario: Scenario, state: State) -> tuple[ExhibitView, ...]:
    """Every exhibit that was shown, in the order in which that happened."""
    found = [
        view(session_id, scenario, state, one)
        for one in scenario.exhibits
        if one.id in state.released
    ]
    return tuple(sorted(found, key=lambda one: one.seq))


def _report(exhibit: Media | Radiology, state: State) -> str | None:
    if not isinstance(exhibit, Radiology):
        return None
    earned = exhibit.id in state.reports or not exhibit.withhold_report
    return exhibit.report if earned else None


async def _shown_here(app: App, session_id: str, exhibit_id: str) -> Exhibit:
    """An exhibit that this session has shown.

    Raises:
        NoExhibit: it has not, or there is none with this id.
    """
    async with app.services.database.reading() as tx:
        _, scenario, state = await app.services.simulation.read(tx, session_id)
    for exhibit in scenario.exhibits:
        if exhibit.id == exhibit_id and exhibit_id in state.released:
            return exhibit
    raise NoExhibit


@router.get(
    "/{session_id}/exhibits/{exhibit_id}.png",
    response_class=Response,
    summary="An exhibit's figures as a picture",
)
async def picture(app: Running, session_id: SessionId, exhibit_id: str) -> Response:
    """Drawn when first asked for. 404 until the exhibit was shown, and for files."""
    exhibit = await _shown_here(app, session_id, exhibit_id)
    if isinstance(exhibit, Media | Radiology):
        raise NoExhibit
    return Response(await png(exhibit), media_type="image/png")


@router.get(
    "/{session_id}/exhibits/{exhibit_id}.csv",
    response_class=Response,
    summary="An exhibit's figures as a table",
)
async def table(app: Running, session_id: SessionId, exhibit_id: str) -> Response:
    """RFC 4180. 404 until the exhibit was shown, and for files."""
    exhibit = await _shown_here(app, session_id, exhibit_id)
    if isinstance(exhibit, Media | Radiology):
        raise NoExhibit
    body = await asyncio.to_thread(csv_bytes, table_of(exhibit))
    named = {"Content-Disposition": f'attachment; filename="{exhibit.id}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=named)
