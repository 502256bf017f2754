"""`dressrun play`: one person, one terminal, the whole application behind it."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from adapters.port import CommandCalled, Event, Message
from adapters.terminal import KIT, TerminalSettings
from adapters.terminal.adapter import TerminalAdapter
from adapters.terminal.limits import PERSON
from adapters.terminal.lines import own_lines
from bot import people
from bot.answers import Answers
from bot.commands import REGISTRY
from bot.followups import EVERY_SECONDS
from bot.observability import configure
from bot.people import Person
from bot.retrying import again
from bot.rubrics import shipped_rubrics
from bot.settings import Settings
from bot.store.database import StoreAway
from bot.views import people as people_views
from bot.wiring import App, running, section_of
from engine.errors import UnknownScenario
from engine.inputs import Input, Step
from engine.loader import load
from engine.scenario import Scenario
from engine.session import State
from engine.store import sessions
from engine.store.sessions import SessionRecord


async def play_in_terminal(settings: Settings, wanted: str, mode: str | None, *, anew: bool) -> int:
    """Play until the person leaves; the exit code.

    Raises:
        LookupError: there is no such scenario, or its file has errors; the text says what to do.
        ValueError: a setting is wrong; the text says which.
    """
    # Who sits at this machine's keyboard owns what is on it.
    admins = (*settings.admins, f"{PERSON.platform}:{PERSON.id}")
    settings = settings.model_copy(update={"admins": admins})
    name = TerminalSettings.model_validate(section_of(KIT).model_dump()).name
    configure("error")
    async with running(settings) as app:
        scenario = _chosen(app, wanted)
        begun = asyncio.Event()
        adapter = _adapter(app, name, begun)
        heard = Heard(app)
        async with (
            adapter.running(heard.accept, Answers(app.services).answer),
            app.delivery.running({adapter.platform: adapter}, within=adapter.own),
        ):
            await heard.accept(await _begin(app, adapter, scenario, mode, anew=anew))
            begun.set()
            async with app.ticker.schedule().running():
                await adapter.closed()
    return 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What is typed is stored, and the next line is read once the answer to it stands there."""

    app: App

    async def accept(self, event: Event) -> None:
        """Return once all that an event led to is shown.

        Raises:
            NotStored: it was not stored.
        """
        delivery = self.app.delivery
        await delivery.accept(event)
        with delivery.bell.hearing() as rung:
            while await self._is_open(event):
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_SECONDS):
                        await rung.wait()
                rung.clear()

    async def _is_open(self, event: Event) -> bool:
        try:
            return await self.app.delivery.is_open(event)
        except StoreAway:
            return True


def located(settings: Settings, wanted: str) -> tuple[Settings, str]:
    """For the path of a scenario, its id, and settings that find it there; else as given.

    Raises:
        LookupError: the file has errors; the text lists them.
    """
    path = Path(wanted)
    if not path.exists():
        return settings, wanted
    loaded = load(path, shipped_rubrics())
    if loaded.scenario is None or not loaded.ok:
        problems = "\n".join(str(problem) for problem in loaded.problems)
        raise LookupError(f"{problems}\nMend this first, then play it again.")
    folder = path if path.is_dir() else path.parent
    return settings.model_copy(update={"scenarios_dir": folder}), loaded.scenario.id


def _chosen(app: App, wanted: str) -> Scenario:
    try:
        return app.services.catalog.get(wanted)
    except UnknownScenario as error:
        near = error.suggestions or tuple(one.id for one in app.services.catalog.published())
        raise LookupError(f"There is no scenario {wanted!r}. Try: {', '.join(near)}") from None


def _adapter(app: App, name: str, begun: asyncio.Event) -> TerminalAdapter:
    from rich.console import Console

    folder = app.settings.data_dir / "terminal"
    folder.mkdir(parents=True, exist_ok=True)
    return TerminalAdapter(
        lines=own_lines(),
        console=Console(highlight=False, markup=False, emoji=False),
        folder=folder,
        clock=app.clock,
        specs=REGISTRY.specs,
        name=name,
        ready=partial(_wait, begun),
    )


async def _wait(begun: asyncio.Event) -> None:
    await begun.wait()


async def _entered(
    app: App, scenario: Scenario, *, agrees: bool, anew: bool
) -> tuple[Person, SessionRecord | None]:
    """The person as they were before they agreed, and what they go on with, if anything."""
    async with app.services.database.transaction() as tx:
        who = people.account_of(PERSON)
        now = app.services.now()
        person = await people.person_of(tx, who, at=now, admins=app.settings.admins)
        if agrees and not person.consented:
            await people.consent(tx, person.id, at=now)
        running_one = await sessions.open_of(tx, person.id, scenario.id)
        if running_one and anew:
            ended = await app.services.simulation.apply(tx, running_one.id, _end)
            await app.delivery.show(tx, ended, f"anew:{uuid4().hex}")
            running_one = None
    return person, running_one


async def _begin(
    app: App, adapter: TerminalAdapter, scenario: Scenario, mode: str | None, *, anew: bool
) -> CommandCalled:
    """The command that the person's wish amounts to: start, or continue what runs."""
    agreed_by_running = not sys.stdin.isatty()
    person, running_one = await again(
        lambda: _entered(app, scenario, agrees=agreed_by_running, anew=anew)
    )
    if agreed_by_running and not person.consented:
        await _tell_notice(app, adapter, scenario)
    options = [("scenario", scenario.id)]
    if mode and not running_one:
        options.append(("mode", mode))
    return CommandCalled(
        event_id=f"play:{uuid4().hex}",
        order="",
        user=PERSON,
        at=app.services.now(),
        thread=adapter.main,
        name="continue" if running_one else "start",
        options=tuple(options),
    )


async def _tell_notice(app: App, adapter: TerminalAdapter, scenario: Scenario) -> None:
    """Where nobody sits to press a button, running the command counts as having agreed."""
    days = scenario.privacy.retention_days
    notice = people_views.notice(app.services.models.heard_by, days, then="")
    shown = Message(title=notice.title, text=notice.text)
    await adapter.post(adapter.main, shown, key=f"notice:{uuid4().hex}")


def _end(_state: State, at: datetime) -> Input:
    return Step(at=at, verb="end", because="new one")
