"""`dressrun seed`: sample sessions, so that there is something to look at."""

from collections.abc import Callable
from datetime import timedelta

from bot.people import Identity, consent, person_of
from bot.settings import Settings
from bot.wiring import App, reader_of, running
from engine.casting import human_seats, mode_named
from engine.classify import Reader
from engine.llm.select import build, parse_choice
from engine.rehearsal import Rehearsal
from engine.scenario import Scenario
from engine.scenario.trial import Trial
from engine.store import sessions
from engine.trials import rehearse

AGO = timedelta(hours=2)


async def seeded(settings: Settings) -> list[str]:
    """Keep the expert test of every published scenario as a session of `demo`; a line each.

    Repeating it adds nothing.
    """
    async with running(settings) as app:
        readers = reader_of(settings)
        return [await _seed(app, one, readers) for one in app.services.catalog.published()]


async def _seed(app: App, scenario: Scenario, readers: Callable[[Scenario], Reader]) -> str:
    trial = next((one for one in scenario.tests if one.kind == "expert"), None)
    if trial is None:
        return f"{scenario.id}: has no expert test"
    now = app.services.now()
    async with app.services.database.transaction() as tx:
        who = Identity(platform="api", workspace="local", user_id="demo")
        person = await person_of(tx, who, name="Demo trainee", at=now)
        await consent(tx, person.id, at=now)
        there = await sessions.of_person(tx, person.id, scenario_id=scenario.id, limit=1)
    if there:
        return f"{scenario.id}: session {there[0].id} is there already"
    reader = readers(scenario)
    reader.learn()
    played = await _rehearsed(app, scenario, trial, person.id, reader)
    async with app.services.database.transaction() as tx:
        kept = await app.services.simulation.adopt(tx, scenario, played.log, owner=person.workspace)
    return f"{scenario.id}: session {kept.session.id}, {kept.state.turns} turns"


async def _rehearsed(
    app: App, scenario: Scenario, trial: Trial, person: str, reader: Reader
) -> Rehearsal:
    seats = human_seats(scenario, mode_named(scenario, trial.mode))
    rehearsal = Rehearsal(
        scenario,
        build(parse_choice("embedded")),
        mode=trial.mode,
        reader=reader,
        people=((seats[0], person),),
        begin=app.services.now() - AGO,
    )
    await rehearse(rehearsal, trial)
    if not rehearsal.state.over:
        rehearsal.step("end")
    return rehearsal
