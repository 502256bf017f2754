"""The library: what can be played, and what a trainee may know before."""

from fastapi import APIRouter

from bot.views.library import goals
from bot.web.context import PROBLEMS, Running
from bot.web.shapes import DocumentLine, ModeLine, ScenarioBrief, ScenarioLine
from bot.wiring import App
from engine.casting import mode_names, mode_of
from engine.errors import UnknownScenario
from engine.scenario import Scenario

router = APIRouter(prefix="/api/scenarios", tags=["scenarios"], responses=PROBLEMS)


@router.get("", summary="Every published scenario, by id")
async def listing(app: Running) -> list[ScenarioLine]:
    """What can be played."""
    return [_line(one) for one in app.services.catalog.published()]


@router.get("/{scenario_id}", summary="A scenario's brief")
async def brief(app: Running, scenario_id: str) -> ScenarioBrief:
    """Everything a trainee may know before the start, and nothing else."""
    scenario = published(app, scenario_id)
    told = scenario.brief
    return ScenarioBrief(
        **_line(scenario).model_dump(),
        task=told.task,
        client=told.context.client,
        situation=told.context.situation,
        objective=told.context.objective,
        goals=goals(scenario),
        content_warning=told.content_warning,
        languages=scenario.languages,
        modes=tuple(_mode(scenario, name) for name in mode_names(scenario)),
        documents=tuple(
            DocumentLine(title=one.title, file=one.file, url=document_url(scenario.id, one.file))
            for one in told.documents
        ),
        picture=document_url(scenario.id, told.picture) if told.picture else None,
    )


def published(app: App, scenario_id: str) -> Scenario:
    """A scenario that trainees are offered.

    Raises:
        UnknownScenario: there is none; the error holds the nearest ids of those that are offered.
    """
    offered = {one.id: one for one in app.services.catalog.published()}
    if scenario_id in offered:
        return offered[scenario_id]
    try:
        app.services.catalog.get(scenario_id)
    except UnknownScenario as error:
        near = tuple(one for one in error.suggestions if one in offered)
        raise UnknownScenario(near) from None
    raise UnknownScenario


def document_url(scenario_id: str, filename: str) -> str:
    """Where a file of a scenario is to be had."""
    return f"/api/documents/{scenario_id}/{filename}"


def _line(scenario: Scenario) -> ScenarioLine:
    return ScenarioLine(
        id=scenario.id,
        title=scenario.title,
        domain=scenario.domain,
        level=scenario.level,
        minutes=scenario.minutes,
    )


def _mode(scenario: Scenario, name: str) -> ModeLine:
    mode = mode_of(scenario, name)
    return ModeLine(id=name, label=mode.label, summary=mode.summary)
