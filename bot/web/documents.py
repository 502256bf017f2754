"""Files of scenarios: those that were handed out, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from bot.platforms import Visitor
from bot.web.border import DATA_POLICY
from bot.web.context import PROBLEMS, Running, Who, seen
from bot.web.scenarios import published
from bot.wiring import App
from engine.errors import NoSession, UnknownMedia, UnknownScenario
from engine.scenario import Scenario
from engine.scenario.exhibits import Media, Radiology

router = APIRouter(prefix="/api/documents", tags=["documents"], responses=PROBLEMS)

MEDIA_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
"""What a browser may show by itself. Anything else, SVG and HTML included, is only downloaded."""


@router.get("/{scenario_id}/{filename}", response_class=Response, summary="A file of a scenario")
async def document(
    app: Running,
    who: Who,
    request: Request,
    scenario_id: str,
    filename: str,
    session: Annotated[str | None, Query(description="A session that was shown it.")] = None,
) -> Response:
    """What comes with the brief, and pictures of the people.

    With `session`, also the files of the exhibits that this session has shown. Everything else is
    404, whether it exists or not.
    """
    file = await _handed_out(app, who, scenario_id, filename, session)
    return sent(file, request, keep="private, no-cache")


def sent(file: Path, request: Request, *, keep: str) -> Response:
    """A file as an answer, or that the caller has it already. `keep`: how it may be cached."""
    kind = MEDIA_TYPES.get(file.suffix.lower(), "application/octet-stream")
    inline = file.suffix.lower() in MEDIA_TYPES
    found = FileResponse(
        file,
        media_type=kind,
        filename=file.name,
        stat_result=file.stat(),
        content_disposition_type="inline" if inline else "attachment",
        headers={
            "Cache-Control": keep,
            "Content-Security-Policy": DATA_POLICY,
        },
    )
    if _is_known(request.headers.get("if-none-match", ""), found.headers["etag"]):
        kept = {name: found.headers[name] for name in ("etag", "cache-control", "last-modified")}
        return Response(status_code=304, headers=kept)
    return found


async def _handed_out(
    app: App, who: Visitor | None, scenario_id: str, filename: str, session: str | None
) -> Path:
    """The file, if whoever asks may have it.

    Raises:
        UnknownMedia: it does not exist, or is not for them, or not yet.
    """
    try:
        if session is not None:
            allowed = await _shown_in(app, who, scenario_id, session)
        else:
            allowed = set(_open(published(app, scenario_id)))
        if filename not in allowed:
            raise UnknownMedia("")
        return app.services.catalog.media(scenario_id, filename)
    except (UnknownScenario, NoSession):
        raise UnknownMedia("") from None


async def _shown_in(app: App, who: Visitor | None, scenario_id: str, session: str) -> set[str]:
    """Files that a session of this scenario may see, by the scenario as it began with it."""
    session_id = await seen(app, who, session)
    async with app.services.database.reading() as tx:
        _, scenario, state = await app.services.simulation.read(tx, session_id)
    if scenario.id != scenario_id:
        raise NoSession
    files = {
        one.file
        for one in scenario.exhibits
        if isinstance(one, Media | Radiology) and one.id in state.released
    }
    return files | set(_open(scenario))


def _open(scenario: Scenario) -> Iterator[str]:
    """Files that are for everybody from the start."""
    yield from (one.file for one in scenario.brief.documents)
    pictures = (
        scenario.picture,
        scenario.brief.picture,
        *(persona.picture for persona in scenario.personas.values()),
    )
    yield from (one for one in pictures if one)


def _is_known(given: str, etag: str) -> bool:
    tags = {one.strip().removeprefix("W/") for one in given.split(",")}
    return etag in tags or "*" in tags
