"""What the workspace keeps, and for how long; what it tells the application of people's comings."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from adapters.clock import SystemClock
from adapters.local.access import Gate
from adapters.local.adapter import LocalAdapter
from adapters.local.desk import Desk
from adapters.local.rows import Person
from adapters.local.tables import EVENTS, MESSAGES, PLACES
from adapters.port import NOTHING, Answered, Event, HomeOpened, Joined, Query
from bot.platforms import KitDatabase
from bot.retention import Retention
from bot.store.database import Database
from tests.integration.local.rig import app_of, browser, workspace

ANA = Person(id="trainee-1", name="Trainee One", role="trainee")


async def nothing(_query: Query) -> Answered:
    return NOTHING


async def test_what_was_said_goes_with_its_session_when_that_is_old(
    database: Database, tmp_path: Path
) -> None:
    app = app_of(database, tmp_path)
    async with workspace(app) as server, browser(server.address) as ana:
        thread = await ana.begins("chest-pain")
        await ana.does(thread, "messages", text="Zebra, where does it hurt?")
        while (await ana.message(place=thread))["speaker"]["role"] != "character":
            pass
        await ana.does("clinical", "messages", text="This stands in the channel.")
        await ana.message(text="This stands in the channel.")
    later = app.services.now() + timedelta(days=3650)
    assert await Retention(database, app.services.simulation, app.services.now).sweep() == 0
    assert await left(database, thread) > 0
    assert await Retention(database, app.services.simulation, lambda: later).sweep() == 1
    assert await left(database, thread) == 0
    async with database.reading() as tx:
        words = " ".join(await tx.scalars(select(MESSAGES.c.text)))
        events = list(await tx.scalars(select(EVENTS.c.body)))
        places = set(await tx.scalars(select(PLACES.c.key)))
    assert "Zebra" not in f"{words}{events}"
    assert "This stands in the channel." in words
    assert thread not in places


async def left(database: Database, place: str) -> int:
    async with database.reading() as tx:
        counted = select(func.count()).where(MESSAGES.c.place == place)
        return int(await tx.scalar(counted) or 0)


async def test_a_newer_list_takes_the_place_of_the_one_before(
    database: Database, tmp_path: Path
) -> None:
    async with (
        workspace(app_of(database, tmp_path)) as server,
        browser(server.address) as ana,
        browser(server.address, "trainee-2") as ben,
    ):
        await ben.does("clinical", "commands", name="list")
        await ben.message(only_for="trainee-2")
        lists = []
        for _ in range(3):
            await ana.does("clinical", "commands", name="list")
            lists.append(await ana.message(only_for="trainee-1", deleted=False))
        gone = [one["message"]["id"] for one in ana.got if one.get("message", {}).get("deleted")]
        mine = (await ana.get("api/places/clinical/messages"))["messages"]
        bens = (await ben.get("api/places/clinical/messages"))["messages"]
    assert [one["id"] for one in mine] == [lists[-1]["id"]]
    assert gone == [one["id"] for one in lists[:-1]]
    assert len(bens) == 1


async def test_the_application_hears_who_came(sqlite: Database) -> None:
    heard: list[Event] = []

    async def kept(event: Event) -> None:
        heard.append(event)

    made = LocalAdapter(database=KitDatabase(sqlite), clock=SystemClock(), gate=Gate(demo=True))
    async with made.running(kept, nothing):
        desk = Desk(made)
        await desk.start(ANA)
        for _ in range(2):
            await desk.read(ANA, "clinical", {"seq": 1})
        await made.handover.idle()
    home, joined = sorted(heard, key=lambda event: event.kind)
    assert isinstance(home, HomeOpened)
    assert isinstance(joined, Joined)
    assert joined.thread.key == "clinical"
    assert {one.user.id for one in heard} == {ANA.id}


async def test_what_was_handed_over_long_ago_is_tidied_away(
    sqlite: Database, tmp_path: Path
) -> None:
    app: Any = app_of(sqlite, tmp_path)
    async with workspace(app) as server, browser(server.address) as ana:
        await ana.does("clinical", "messages", text="words")
        await ana.message(text="words")
    for days, least in ((1, 1), (8, 0)):
        later = app.services.now() + timedelta(days=days)
        await Retention(sqlite, app.services.simulation, lambda at=later: at).sweep()  # type: ignore[misc]
        async with sqlite.reading() as tx:
            counted = await tx.scalar(select(func.count()).select_from(EVENTS))
        assert (counted or 0) >= least
    assert counted == 0
