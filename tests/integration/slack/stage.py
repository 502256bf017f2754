"""The whole application in Slack: the real adapter over the fake, the delivery running."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from starlette.applications import Starlette

from adapters.clock import Clock, SystemClock
from adapters.slack import KIT
from adapters.slack.adapter import SlackAdapter
from adapters.slack.connection import Setup
from adapters.slack.installs import OneInstall
from adapters.slack.many import ManyInstalls
from adapters.slack.places import thread_ref
from adapters.slack.routes import EVENTS, routes_of
from adapters.slack.socket import Timing
from bot import doors, people
from bot.commands import REGISTRY
from bot.people import Identity
from bot.platforms import Connected, KitDatabase, Platforms
from bot.store.database import Database
from bot.store.tables import DoorRow
from bot.wiring import App
from engine.casting import human_seats
from engine.events import CharacterSaid, TraineeSaid
from engine.llm.port import Deadline, Done, ModelLimits, Text, ToolCall, Usage
from engine.prompting import Prompt
from engine.store import events
from tests.integration.bot.stage import app_over, settings_for
from tests.integration.delivery.rig import speaking
from tests.slack import FakeSlack, Team, World
from tests.slack.checks import visible
from tests.slack.hands import SECRET, Hands, Send
from tests.slack.world import Message

CHANNEL, ADA, BEN = "C1", "U1", "U2"
SCENARIO = "technical-support-training"

FAST = Timing(look=0.02, ping=0.1, quiet=600, connect=2, wait=0.02, most=0.1)
"""A socket that is watched closely."""


def team(id_: str = "T1", **more: Any) -> Team:
    """A workspace with the app in it."""
    named = {"token": f"xoxb-{id_}", "bot_user": f"UBOT{id_}", "bot_id": f"B{id_}"}
    return Team(id=id_, **{**named, **more})


def world_of(*teams: Team) -> World:
    """Two people in a channel of each team."""
    world = World(*teams)
    world.people = {
        ADA: {"real_name": "Ada", "tz": "Europe/Vienna", "profile": {"display_name": "Ada"}},
        BEN: {"real_name": "Ben", "profile": {}},
    }
    for one in teams:
        world.add_channel(one, CHANNEL, ADA, BEN)
        world.people[one.bot_user] = {"is_bot": True}
    return world


@dataclass(slots=True)
class Slow:
    """A model that answers when it is let go on, with what it was asked last."""

    name: str = "slow"
    is_ours: bool = True
    limits: ModelLimits = field(
        default_factory=lambda: ModelLimits(
            prompt_tokens=100_000, answer_tokens=1000, streams=True, tools=False, decides=False
        )
    )
    asked: int = 0
    at_once: int = 0
    most_at_once: int = 0
    called: asyncio.Condition = field(default_factory=asyncio.Condition)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    prompts: list[Prompt] = field(default_factory=list)

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        self.asked += 1
        self.prompts.append(prompt)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            async with self.called:
                self.called.notify_all()
            await self.go_on.wait()
            yield Text(f"Well, that is answer {self.asked} of mine. ")
            yield Done(usage=Usage(input=1, output=1), response_id="", stop="end", model="slow")
        finally:
            self.at_once -= 1

    async def until_asked(self, times: int) -> None:
        async with asyncio.timeout(30), self.called:
            await self.called.wait_for(lambda: self.asked >= times)


class Stage:
    """People in Slack, and what is stored of them."""

    def __init__(
        self, slack: FakeSlack, adapter: SlackAdapter, app: App, *, socket: bool = False
    ) -> None:
        self.slack = slack
        self.adapter = adapter
        self.app = app
        self.hands = Hands(slack, None if socket else sender(adapter))
        self.team = next(iter(slack.world.teams.values()))

    async def starts(
        self, scenario: str = SCENARIO, user: str = ADA, channel: str = CHANNEL, **more: Any
    ) -> str:
        """Somebody agrees and starts; the root of the thread."""
        where = more.get("team") or self.team
        place = self.slack.world.channels[where.id, channel]
        before = set(place.messages)
        await self.hands.command(where, channel, user, f"start {scenario}")

        def new() -> list[Message]:
            return [one for ts, one in place.messages.items() if ts not in before]

        first = (await self.slack.until(new))[0]
        if first.only_for or channel.startswith("D"):
            await self.hands.presses(where, channel, user, first.ts, f"agree:{scenario}")
        root = await self.slack.until(
            lambda: next((one for one in new() if not one.only_for and not one.thread_ts), None)
        )
        await self.said(root.ts, 2, where)
        return root.ts

    async def writes(self, text: str, root: str = "", user: str = ADA, **more: Any) -> None:
        await self.hands.writes(self.team, CHANNEL, user, text, root, **more)

    async def sits(self, user: str, root: str) -> None:
        """Somebody has a session in a thread, without anything said yet."""
        services = self.app.services
        found = services.catalog.get(SCENARIO)
        who = Identity(platform="slack", workspace=self.team.id, user_id=user)
        async with services.database.transaction() as tx:
            person = await people.person_of(tx, who, at=services.now())
            await people.consent(tx, person.id, at=services.now())
            started = await services.simulation.start(
                tx, found, people={"": person.id}, owner=person.workspace, platform="slack"
            )
            here = thread_ref(self.team.id, CHANNEL, root)
            seat = human_seats(found, started.state.mode)[0]
            await doors.open_(tx, here, started.session.id, seat, services.now())

    def standing(self, root: str, of: Team | None = None, channel: str = CHANNEL) -> list[Message]:
        """What the bot has said in a thread, to everybody."""
        where = of or self.team
        place = self.slack.world.channels[where.id, channel]
        return [
            one for one in place.thread(root) if one.bot_id and one.ts != root and not one.only_for
        ]

    async def said(self, root: str, count: int, of: Team | None = None) -> list[str]:
        """Wait until the bot has said so much in a thread; all of it."""
        found = await self.slack.until(
            lambda: len(self.standing(root, of)) >= count and self.standing(root, of)
        )
        assert isinstance(found, list)
        return [visible(one.text, one.blocks) for one in found]

    async def log(self, root: str, of: Team | None = None) -> list[Any]:
        """The log of the session in a thread."""
        where = of or self.team
        async with self.app.services.database.reading() as tx:
            key = f"slack/{where.id}/{where.id}:{CHANNEL}:{root}"
            session_id = await tx.scalar(
                select(DoorRow.session_id).where(DoorRow.thread_key == key)
            )
            assert session_id is not None
            return list(await events.of_session(tx, session_id))

    async def heard(self, root: str, of: Team | None = None) -> list[str]:
        """What of a trainee's words is in the log."""
        return [one.text for one in await self.log(root, of) if isinstance(one, TraineeSaid)]

    async def replies(self, root: str, of: Team | None = None) -> list[CharacterSaid]:
        """What characters answered, with what each answers."""
        found = [one for one in await self.log(root, of) if isinstance(one, CharacterSaid)]
        return [one for one in found if one.answers]


class Moved(SystemClock):
    """The machine's clock, moved on by hand."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def until_tomorrow_at(hour: int) -> timedelta:
    """How far ahead that is, by UTC: nobody is written to at night, and tests run at any hour."""
    now = datetime.now(UTC)
    return datetime.combine(now.date() + timedelta(days=1), time(hour), UTC) - now


async def eventually(true: Callable[[], bool]) -> None:
    """Wait for something that nothing tells of: health is read, as by whoever watches."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0)


def sender(adapter: SlackAdapter) -> Send:
    """Posts to an adapter's routes as Slack does."""
    web = Starlette(routes=routes_of(adapter))

    async def send(body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as client:
            answer = await client.post(EVENTS, content=body, headers=headers)
        return answer.status_code, answer.text

    return send


def adapter_of(
    slack: FakeSlack, installs: OneInstall | ManyInstalls, clock: Clock, **more: Any
) -> SlackAdapter:
    """An adapter on the fake."""
    setup = Setup(
        token="" if isinstance(installs, ManyInstalls) else "xoxb-T1",
        signing_secret=SECRET,
        api_url=slack.api_url,
        timing=FAST,
        per_second=50,
        **more,
    )
    return SlackAdapter(setup, installs=installs, specs=REGISTRY.specs, clock=clock)


@asynccontextmanager
async def staged(
    database: Database,
    folder: Path,
    world: World | None = None,
    *,
    model: Any = None,
    socket: bool = False,
    many: bool = False,
    clock: Clock | None = None,
    **more: Any,
) -> AsyncIterator[Stage]:
    """The application, connected to a fake Slack."""
    clock = clock or SystemClock()
    app = app_over(database, settings_for(folder), clock)
    app = speaking(app, model) if model is not None else app
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(FakeSlack(world or world_of(team())).running())
        installs: OneInstall | ManyInstalls = OneInstall("xoxb-T1")
        if many:
            installs = ManyInstalls(KitDatabase(database), clock)
            more |= {"client_id": "1.2", "client_secret": "hush"}
        if socket:
            more["app_token"] = "xapp-1"  # noqa: S105
        adapter = adapter_of(slack, installs, clock, **more)
        connected = Connected(kit=KIT, adapter=adapter, app=app)
        await stack.enter_async_context(Platforms((connected,)).running(app))
        yield Stage(slack, adapter, app, socket=socket)
