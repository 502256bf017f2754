"""A team in the workspace: who came is named, and each reads their own part alone."""

from pathlib import Path

from bot.store.database import Database
from tests.integration.local.rig import Browser, app_of, browser, workspace

FAMILY = "discharge-family-meeting"


async def pressed(one: Browser, message: dict[str, object], choice: str) -> None:
    body = {"message": message["id"], "choice": choice}
    await one.does(str(message["place"]), "press", **body)


async def test_who_joins_a_team_is_named_and_reads_their_part_alone(
    sqlite: Database, tmp_path: Path
) -> None:
    async with (
        workspace(app_of(sqlite, tmp_path)) as server,
        browser(server.address) as sam,
        browser(server.address, "trainee-2") as priya,
    ):
        thread = await sam.begins(FAMILY)
        card = await sam.message(place=thread, pinned=True)
        part = await sam.message(place=thread, only_for="trainee-1")
        await pressed(priya, card, "join:nurse")
        notice = await priya.message(place=thread, only_for="trainee-2")
        await pressed(priya, notice, "agree-join:nurse")
        came = await sam.message(place=thread, title="", only_for=None)
        while "joins" not in came["text"]:
            came = await sam.message(place=thread, title="", only_for=None)
    assert came["text"] == "_Trainee Two joins, as ward nurse._"
    assert "ward doctor" in part["text"]
    assert "halved one tablet" in part["text"]
    assert "halved one tablet" not in str(card)


async def test_an_instructor_is_told_that_a_typed_command_is_seen_by_all(
    sqlite: Database, tmp_path: Path
) -> None:
    async with (
        workspace(app_of(sqlite, tmp_path)) as server,
        browser(server.address) as sam,
        browser(server.address, "instructor-1") as helen,
    ):
        thread = await sam.begins("chest-pain")
        await sam.message(place=thread, pinned=True)
        await helen.does(thread, "messages", text="!inject The monitor begins to beep.")
        aloud = await helen.message(place=thread, only_for="instructor-1")
        await helen.does(thread, "commands", name="cue")
        quiet = await helen.message(place=thread, only_for="instructor-1")
    assert "Everybody here can read what you typed" in aloud["text"]
    assert "Everybody here" not in quiet["text"]


async def test_what_an_instructor_writes_for_a_character_stands_once_under_its_name(
    sqlite: Database, tmp_path: Path
) -> None:
    async with (
        workspace(app_of(sqlite, tmp_path)) as server,
        browser(server.address) as sam,
        browser(server.address, "instructor-1") as helen,
    ):
        thread = await sam.begins("chest-pain")
        await sam.message(place=thread, pinned=True)
        await helen.does(thread, "commands", name="take-over", text="patient")
        await helen.message(place=thread, only_for="instructor-1")
        await sam.does(thread, "messages", text="When did it start?")
        waits = await sam.message(place=thread, only_for="trainee-1")
        await helen.does(thread, "messages", text="An hour ago, I think.", event_id="line")
        hers = await sam.message(place=thread, event_id="line")
        his = await sam.message(place=thread, event_id="line")
        stand = (await sam.get(f"api/places/{thread}/messages"))["messages"]
        change = {"message": his["id"], "text": "Not hers any more."}
        refused = await helen.http.post(f"/local/api/places/{thread}/edit", json=change)
    assert "A person plays Colin Marsh" in waits["text"]
    assert hers["speaker"]["person"] == "instructor-1"
    assert (his["id"], his["speaker"]["name"]) == (hers["id"], "Colin Marsh")
    assert (his["seq"], his["changed"] > hers["changed"]) == (hers["seq"], True)
    assert [one["id"] for one in stand if one["text"] == "An hour ago, I think."] == [his["id"]]
    assert refused.status_code == 404
    assert (his["speaker"]["role"], his["speaker"]["played"]) == ("character", True)


async def test_a_team_is_not_begun_where_nobody_can_join(sqlite: Database, tmp_path: Path) -> None:
    async with workspace(app_of(sqlite, tmp_path)) as server, browser(server.address) as sam:
        dm = (await sam.http.post("/local/api/dm", json={"person": "dressrun"})).json()["place"]
        family, chest = ({"scenario": one} for one in (FAMILY, "chest-pain"))
        await sam.does(dm["key"], "commands", name="start", options=family)
        notice = await sam.message(place=dm["key"], only_for="trainee-1")
        await pressed(sam, notice, f"agree:{FAMILY}")
        told = await sam.message(place=dm["key"], only_for="trainee-1", title="")
        while "nobody can join" not in told["text"]:
            told = await sam.message(place=dm["key"], only_for="trainee-1", title="")
        places = (await sam.get("api/start"))["places"]
        await sam.does(dm["key"], "commands", name="start", options=chest)
        alone = await sam.place("thread")
        await pressed(sam, told, f"start:{FAMILY}:team:yes")
        anyway = await sam.place("thread")
    assert "`/sim start discharge-family-meeting` in a channel" in told["text"]
    assert not any(one["kind"] == "thread" for one in places)
    assert (alone["title"], alone["parent"]) == ("A weight on the chest", dm["key"])
    assert (anyway["title"], anyway["parent"]) == (
        "Where to from here? A family meeting",
        dm["key"],
    )
