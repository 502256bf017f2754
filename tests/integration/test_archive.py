"""Reading sessions back: transcript and export."""

import csv
import io
import json

import pytest

from bot.store.database import Database
from engine.archive import FORMATS, Archive
from engine.errors import NoSession
from tests.integration.simulation_rig import Rig
from tests.unit.engine.rules_scene import KIND

ODD = '=SUM(A1) *bold* _it_ <b>, "quoted"'


@pytest.fixture
async def rig(sqlite: Database) -> Rig:
    return Rig(sqlite)


async def played(rig: Rig) -> str:
    session_id = await rig.start()
    for words in ("Hello.", "When did it start?", KIND, ODD, "Please get a film."):
        await rig.say(session_id, words)
    await rig.step(session_id, "end")
    return session_id


async def test_the_transcript_is_all_that_was_readable(rig: Rig) -> None:
    session_id = await played(rig)
    async with rig.database.reading() as tx:
        turns = await Archive(rig.simulation.read).transcript(tx, session_id)
    state = await rig.state(session_id)
    assert [one.seq for one in turns] == [one.seq for one in state.utterances]
    assert turns[0].speaker == "Ruth Amadi"
    assert {one.speaker for one in turns if one.role == "trainee"} == {"doctor"}
    asked = next(one for one in turns if one.text == "When did it start?")
    assert turns[turns.index(asked) + 1].in_reply_to == asked.seq


async def test_an_export_holds_every_line_in_each_format(rig: Rig) -> None:
    session_id = await played(rig)
    archive = Archive(rig.simulation.read)
    async with rig.database.reading() as tx:
        turns = await archive.transcript(tx, session_id)
        made = {one: await archive.export(tx, session_id, one) for one in FORMATS}
    body = json.loads(made["json"])
    assert [one["text"] for one in body["turns"]] == [one.text for one in turns]
    assert body["session"]["status"] == "completed"
    assert len(body["events"]) == (await rig.state(session_id)).seq
    rows = list(csv.DictReader(io.StringIO(made["csv"])))
    assert len(rows) == len(turns)
    assert f"'{ODD}" in {row["text"] for row in rows}  # a spreadsheet must not run it
    assert "# Rules" in made["md"]
    assert "\\*bold\\*" in made["md"]
    assert "<b>" not in made["md"]
    assert "Done: Film" in made["md"]


async def test_what_is_not_there_cannot_be_read(rig: Rig) -> None:
    archive = Archive(rig.simulation.read)
    async with rig.database.reading() as tx:
        with pytest.raises(NoSession):
            await archive.transcript(tx, "none")
        with pytest.raises(NoSession):
            await archive.replay(tx, "none")
